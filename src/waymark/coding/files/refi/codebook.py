"""A framework as a codebook of REFI-QDA, and a codebook as a draft framework.

A codebook has names, a tree, descriptions and colours. What else a framework says of a code is in
its description, in lines that are read back; cues, rules and variables are only in the framework.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from waymark.coding.files.refi.guids import code_guid, qda_guid
from waymark.core.errors import RuleError
from waymark.core.wording import counted
from waymark.documents.reading.qda_values import QdaCode, QdaCodeSet, QdaProject
from waymark.frameworks.schema import CodeSpec, FrameworkFile

INCLUDES, EXCLUDES = "Includes: ", "Excludes: "
SECTION = "imported"
LONGEST_ID = 60
NO_DEFINITION = "The imported codebook gives no definition."


def codes_of_framework(framework: FrameworkFile) -> tuple[QdaCode, ...]:
    """The codes of a framework with their tree; sections are code sets."""
    return tuple(
        QdaCode(
            guid=code_guid(framework.framework, code.id),
            name=code.name,
            parent=code_guid(framework.framework, code.parent) if code.parent else "",
            description=_description(code),
            is_codable=True,
            color="",
        )
        for code in framework.codes
    )


def sections_of_framework(framework: FrameworkFile) -> tuple[QdaCodeSet, ...]:
    """The sections of a framework, each with its codes."""
    return tuple(
        QdaCodeSet(
            qda_guid("section", framework.framework, section.id),
            section.name,
            tuple(
                code_guid(framework.framework, code.id)
                for code in framework.codes
                if code.section == section.id
            ),
        )
        for section in framework.sections
    )


def codebook_of(framework: FrameworkFile, origin: str) -> QdaProject:
    """A framework as a codebook."""
    codes, sections = codes_of_framework(framework), sections_of_framework(framework)
    return QdaProject("codebook", framework.title, origin, "", codes=codes, sets=sections)


def codebook_losses(framework: FrameworkFile) -> list[str]:
    """What of a framework a codebook does not contain, in words."""
    lists = {"variables": len(framework.variables), "qualifiers": len(framework.qualifiers)}
    listed = [f"{number} {name}" for name, number in lists.items() if number]
    return listed + code_losses(framework)


def code_losses(framework: FrameworkFile) -> list[str]:
    """What of the codes of a framework neither a codebook nor a project contains, in words."""
    codes = framework.codes
    parts = {
        "cues": sum(bool(code.cues) for code in codes),
        "a rule": sum(bool(code.rule) for code in codes),
        "an example": sum(bool(code.example) for code in codes),
    }
    return [f"{name} of {counted(number, 'code')}" for name, number in parts.items() if number]


def _description(code: CodeSpec) -> str:
    lines = [code.definition]
    lines += [f"{INCLUDES}{'; '.join(code.include)}"] if code.include else []
    lines += [f"{EXCLUDES}{'; '.join(code.exclude)}"] if code.exclude else []
    return "\n".join(lines)


# ---- a draft framework ----


@dataclass(frozen=True, slots=True)
class DraftFramework:
    """YAML of a framework made of a codebook. ids: GUID -> id of each code; losses: in words."""

    source: str
    ids: Mapping[str, str]
    losses: tuple[str, ...]


def draft_framework(
    project: QdaProject,
    *,
    name: str,
    title: str = "",
    base: FrameworkFile | None = None,
    only: Iterable[str] | None = None,
) -> DraftFramework:
    """A draft framework with the codes of a project. Raises RuleError if it has none.

    base: a framework to which the codes are added, under a name of its own. only: GUIDs of the
    codes to add; all without it.
    """
    chosen = None if only is None else set(only)
    codes = [code for code in project.codes if chosen is None or code.guid in chosen]
    if not codes:
        raise RuleError(f"{project.name or 'the file'} contains no code to add")
    ids = _ids_of(codes, {code.id for code in base.codes} if base else set())
    content: dict[str, Any] = _base_content(base) if base else {"licence": "not stated"}
    # "since" of what the base contains must not be later than the version.
    version = base.version if base else "1.0.0"
    content |= {"framework": name, "version": version}
    content.setdefault("language", "en-GB")
    content["title"] = title or project.name or name
    sections = content.setdefault("sections", [])
    if all(section["id"] != SECTION for section in sections):
        title = f"Imported from {project.name or 'a codebook'}"
        sections.append({"id": SECTION, "name": title[:200]})
    content.setdefault("codes", []).extend(_code_entry(code, ids) for code in codes)
    source = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)
    return DraftFramework(source, ids, tuple(_losses(project, codes)))


def _base_content(base: FrameworkFile) -> dict[str, Any]:
    content = base.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for name in ("supersedes", "mapping"):
        content.pop(name, None)
    return content


def _ids_of(codes: Sequence[QdaCode], taken: set[str]) -> dict[str, str]:
    """GUID -> id: the name in plain letters, with a number where several are alike."""
    ids: dict[str, str] = {}
    for code in codes:
        plain = unicodedata.normalize("NFKD", code.name).encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_").lstrip("0123456789_")[:LONGEST_ID]
        stem = stem or "code"
        name, number = stem, 2
        while name in taken:
            name, number = f"{stem}_{number}", number + 1
        taken.add(name)
        ids[code.guid] = name
    return ids


def _code_entry(code: QdaCode, ids: Mapping[str, str]) -> dict[str, Any]:
    definition: list[str] = []
    lists: dict[str, list[str]] = {}
    for line in code.description.splitlines():
        for mark, name in ((INCLUDES, "include"), (EXCLUDES, "exclude")):
            if line.startswith(mark):
                parts = line.removeprefix(mark).split("; ")
                lists[name] = [part.strip()[:200] for part in parts if part.strip()]
                break
        else:
            definition.append(line)
    entry: dict[str, Any] = {
        "id": ids[code.guid],
        "name": " ".join(code.name.split())[:200] or ids[code.guid],
        "section": SECTION,
        "definition": "\n".join(definition).strip() or NO_DEFINITION,
    }
    if code.parent in ids:
        entry["parent"] = ids[code.parent]
    return entry | lists


def _losses(project: QdaProject, codes: Sequence[QdaCode]) -> Iterable[str]:
    headings = sum(not code.is_codable for code in codes)
    if headings:
        yield f"{headings} codes that were only headings can be used for coding"
    if any(code.color for code in codes):
        yield "colours of codes"
    if project.sets:
        yield f"{len(project.sets)} code sets"
    long = sum(len(code.name) > 200 for code in codes)
    if long:
        yield f"the ends of {long} names longer than 200 characters"
