"""Next version of a framework from a table of its codes, and how two versions differ. Pure.

The table has a row for each code. Its column `from` names the codes of the version before that it
takes the place of: one row for a rename, several rows with the same id for a split, several ids in
one row for a merge. Everything else of the framework stays as it was.
"""

# Example: the rows (code, from) "b", "a"; "c.one", "c"; "c.two", "c"; "d", "d; e" rename a, split c
# and merge d and e. The mapping is {a: [b], c: [c.one, c.two], d: [d], e: [d]}.

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from waymark.core.errors import FileFault, RuleError, SpecError
from waymark.core.spreadsheet import as_cell, text_of_cell
from waymark.frameworks.schema import CodeSpec, FrameworkFile
from waymark.frameworks.versions import ids_read_as

COLUMNS = ("code", "from", "name", "parent", "section", "definition", "include", "exclude", "theme")
LIST_MARK = ";"
MOST_CODES = 2_000


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A code of the next version, from a file of any format. line: in that file, 0 if unknown.

    code: its id, "" to make one of its name. takes: ids of the version before.
    """

    name: str
    code: str = ""
    parent: str = ""
    section: str = ""
    definition: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    theme: str = ""
    takes: tuple[str, ...] = ()
    line: int = 0


def codes_csv(framework: FrameworkFile) -> str:
    """The codes of a version as the table from which its next version is made."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for code in framework.codes:
        lists = [f"{LIST_MARK} ".join(words) for words in (code.include, code.exclude)]
        definition = " ".join(code.definition.split())
        first = [code.id, code.id, code.name, code.parent or "", code.section, definition]
        writer.writerow(as_cell(str(cell)) for cell in (*first, *lists, code.theme or ""))
    return out.getvalue()


def read_code_lines(text: str, *, file: str) -> list[CodeLine]:
    """The rows of a table of codes. Raises SpecError with the line of each fault."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    heads = [head.strip().lower() for head in rows.fieldnames or ()]
    rows.fieldnames = heads
    if "name" not in heads:
        message = f"columns are {', '.join(heads) or 'missing'}; a table of codes needs a name"
        raise SpecError(file, [FileFault(1, f"{message}, and can have {', '.join(COLUMNS)}")])
    lines, faults = [], []
    for row in rows:
        cells = {
            head: text_of_cell((cell or "").strip()).strip()
            for head, cell in row.items()
            if head in COLUMNS
        }
        if not any(cells.values()):
            continue
        if not cells["name"]:
            faults.append(FileFault(rows.line_num, "name is empty"))
        lines.append(
            CodeLine(
                name=unicodedata.normalize("NFC", cells["name"]),
                code=cells.get("code", ""),
                parent=cells.get("parent", ""),
                section=cells.get("section", ""),
                definition=cells.get("definition", ""),
                include=_several(cells.get("include", "")),
                exclude=_several(cells.get("exclude", "")),
                theme=cells.get("theme", ""),
                takes=_several(cells.get("from", "")),
                line=rows.line_num,
            )
        )
    if len(lines) > MOST_CODES or not lines:
        faults.append(FileFault(0, f"there are {len(lines)} codes, of 1 to {MOST_CODES:,}"))
    if faults:
        raise SpecError(file, faults)
    return lines


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(LIST_MARK) if part.strip())


def id_of_name(name: str, parent: str = "") -> str:
    """An id made of a name: "Évaluation précoce" below "prac" -> "prac.evaluation_precoce"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "code"
    if not parent and not word[0].isalpha():
        word = f"c_{word}"
    return f"{parent}.{word}"[:80] if parent else word[:80]


def next_version(
    base: FrameworkFile, source: str, lines: Sequence[CodeLine], *, version: str
) -> str:
    """YAML of the next version of a framework: its source with other codes and their mapping.

    source: YAML of the base. What a line leaves out is taken from the first code it takes the place
    of. load_framework() checks the result. Raises RuleError if a code of the base has no place.
    """
    document: dict[str, Any] = yaml.safe_load(source)
    stored = {row["id"]: row for row in document["codes"]}
    ids = _ids_of(lines)
    mapping = _mapping_of(base, lines, ids)
    codes = [
        _code_of(line, code, stored.get((line.takes or (code,))[0], {}), base)
        for line, code in zip(lines, ids, strict=True)
    ]
    document |= {"version": version, "supersedes": base.version, "codes": codes}
    document["mapping"] = {
        earlier: later for earlier, later in mapping.items() if later != [earlier]
    }
    for variable in document.get("variables", ()):
        if "evidence" in variable:
            # Made anew, not changed: an alias of YAML can be the evidence of several variables.
            variable["evidence"] = [_evidence_of(row, mapping) for row in variable["evidence"]]
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)


def _evidence_of(row: dict[str, Any], mapping: Mapping[str, list[str]]) -> dict[str, Any]:
    """Evidence of a value, with the codes that take the place of its own."""
    later = [code for earlier in row.get("codes", ()) for code in mapping[earlier]]
    return row | ({"codes": list(dict.fromkeys(later))} if later else {})


def _ids_of(lines: Sequence[CodeLine]) -> list[str]:
    """The ids of the lines; one that is left out is made of the name."""
    ids: list[str] = []
    for line in lines:
        code = line.code or id_of_name(line.name, line.parent)
        while code in ids and not line.code:
            code = f"{code}_2"
        ids.append(code)
    return ids


def _mapping_of(
    base: FrameworkFile, lines: Sequence[CodeLine], ids: Sequence[str]
) -> dict[str, list[str]]:
    """Code of the base -> ids that take its place. Raises RuleError if one has no place."""
    before = [code.id for code in base.codes]
    mapping: dict[str, list[str]] = {}
    for line, code in zip(lines, ids, strict=True):
        for earlier in line.takes or ((code,) if code in before else ()):
            if earlier not in before:
                raise RuleError(f"line {line.line}: {base} has no code {earlier}")
            mapping.setdefault(earlier, []).append(code)
    lost = [code for code in before if code not in mapping]
    if lost:
        raise RuleError(
            f"{', '.join(lost[:10])}: no row takes their place: name them in the column from"
        )
    return mapping


def _code_of(
    line: CodeLine, code: str, stored: dict[str, Any], base: FrameworkFile
) -> dict[str, Any]:
    values = {key: value for key, value in stored.items() if key != "aliases"}
    row = {**values, "id": code, "name": line.name}
    row["section"] = line.section or values.get("section") or base.sections[0].id
    row["definition"] = line.definition or values.get("definition") or line.name
    row |= {"include": list(line.include), "exclude": list(line.exclude)}
    row.pop("parent", None)
    row.pop("theme", None)
    if line.parent:
        row["parent"] = line.parent
    if line.theme:
        row["theme"] = int(line.theme) if line.theme.isdecimal() else line.theme
    return row


# ---- comparing ----


@dataclass(frozen=True, slots=True)
class CodeChange:
    """A difference between two versions. kind: added, split, merged, renamed, or changed.

    before, after: ids; words: what changed, in words.
    """

    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    words: str = ""


def code_changes(earlier: FrameworkFile, later: FrameworkFile) -> list[CodeChange]:
    """How the codes of a version differ from those of the version that it supersedes."""
    before = {code.id: code for code in earlier.codes}
    after = {code.id: code for code in later.codes}
    read_as = ids_read_as(later, earlier)
    changes = list(_splits(before, later))
    split = {row.before[0] for row in changes}
    sources_of: dict[str, list[str]] = {}
    for code in before:
        sources_of.setdefault(read_as[code], []).append(code)
    for code, sources in sources_of.items():
        if len(sources) > 1:
            changes.append(CodeChange("merged", tuple(sources), (code,)))
        elif sources[0] != code and sources[0] not in split:
            changes.append(CodeChange("renamed", tuple(sources), (code,)))
    reached = {name for code in before for name in later.mapping.get(code, (read_as[code],))}
    changes += [CodeChange("added", (), (code,)) for code in after if code not in reached]
    for code, spec in before.items():
        if read_as[code] in after and (words := _changed(spec, after[read_as[code]])):
            changes.append(CodeChange("changed", (code,), (read_as[code],), words))
    return changes


def _splits(before: Iterable[str], later: FrameworkFile) -> Iterator[CodeChange]:
    for code in before:
        into = later.mapping.get(code, ())
        if len(into) > 1:
            yield CodeChange("split", (code,), into)


def _changed(before: CodeSpec, after: CodeSpec) -> str:
    parts = {
        "name": (before.name, after.name),
        "definition": (before.definition.split(), after.definition.split()),
        "include": (before.include, after.include),
        "exclude": (before.exclude, after.exclude),
        "parent": (before.parent, after.parent),
        "section": (before.section, after.section),
        "theme": (before.theme, after.theme),
    }
    return ", ".join(name for name, (old, new) in parts.items() if old != new)
