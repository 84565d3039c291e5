"""New specifications from the YAML of another, or from a template that comes with Waymark. Pure.

The text stays as its author wrote it, with comments; only the named parts are replaced.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from waymark.core.errors import FileFault, RuleError, SpecError

BUILTIN = Path(__file__).resolve().parent / "builtin"
EVERYTHING = "everything"
THEME_STUDY, SILENCE_REPORT = "theme-study", "silence-report"


def builtin_specs() -> dict[str, str]:
    """The templates that come with Waymark: name -> YAML."""
    return {file.stem: file.read_text("utf-8") for file in sorted(BUILTIN.glob("*.yaml"))}


@dataclass(frozen=True, slots=True)
class NewOverview:
    """The values of a new overview; None keeps the value of the template.

    theme: of a theme study, {"code": ...} or {"factor": ...}.
    """

    slug: str
    title: str
    place: str | None = None
    period: str | None = None
    select: Mapping[str, Any] | None = None
    theme: Mapping[str, str] | None = None


def chosen_reviews(*, query: str, collection: str, reviews: Sequence[str]) -> dict[str, Any] | None:
    """The selection of a specification from one of these; None if all are empty.

    Raises RuleError if more than one is given.
    """
    chosen = {"query": query, "collection": collection, "reviews": list(reviews)}
    selected = {name: value for name, value in chosen.items() if value}
    if len(selected) > 1:
        raise RuleError(f"choose reviews in one way only, not by {' and '.join(selected)}")
    return selected or None


def new_specification(source: str, new: NewOverview, *, today: datetime.date) -> str:
    """The YAML of a new overview. source: the YAML of its template.

    The disclosure decision of the template is only proposed for the new overview, because nobody
    has decided on it yet. Raises SpecError if the YAML is not in block style.
    """
    parts: dict[str, Any] = {"overview": new.slug, "title": new.title}
    template = yaml.safe_load(source)
    decision = template.get("disclosure", {})
    # A decision is about one overview: the profile is kept as a proposal, without who decided.
    if not decision.get("proposed"):
        other = template.get("overview")
        parts["disclosure"] = {
            "profile": decision.get("profile", "k5"),
            "proposed": True,
            "controller": "Not yet named",
            # core/placeholders.py knows "has yet to decide" as a placeholder, so nobody can record
            # this reason as the controller's.
            "reason": f"Copied from {other}; the data controller has yet to decide.",
            "decided": today,
        }
    for name in ("place", "period", "select", "theme"):
        value = getattr(new, name)
        if value is not None:
            parts[name] = value
    return with_parts(source, parts)


def with_parts(source: str, parts: Mapping[str, Any]) -> str:
    """A YAML text with other values for some top-level names; missing names are added first.

    Raises SpecError if names do not each begin a line, as in {title: ..., place: ...}.
    """
    lines = source.splitlines(keepends=True)
    positions = {name: (start, end) for name, start, end in _top_level_parts(source, lines)}
    texts, at = [_yaml_part(name, parts[name]) for name in parts if name not in positions], 0
    for name, (start, end) in sorted(positions.items(), key=lambda pair: pair[1]):
        if name in parts:
            texts += lines[at:start]
            texts.append(_yaml_part(name, parts[name]))
            at = end
    return "".join([*texts, *lines[at:]])


def _yaml_part(name: str, value: Any) -> str:
    return yaml.safe_dump({name: value}, sort_keys=False, allow_unicode=True, width=100)


def _top_level_parts(source: str, lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """Each top-level name with its first line and the line after its last, both from 0.

    Comments and empty lines before the next name belong to the next name.
    """
    node = yaml.compose(source, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise SpecError("overview", [FileFault(1, "start each name on a new line")])
    starts = [(str(key.value), key.start_mark.line) for key, _ in node.value]
    for place, (name, start) in enumerate(starts):
        end = starts[place + 1][1] if place + 1 < len(starts) else len(lines)
        # A comment above a name is about that name, so it stays when the part before it is
        # replaced.
        while end > start + 1 and lines[end - 1].strip()[:1] in {"", "#"}:
            end -= 1
        yield name, start, end
