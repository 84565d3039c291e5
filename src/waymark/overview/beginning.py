"""Beginning an overview with the YAML of another, or with one that comes with Waymark. Pure.

The text is kept as its author wrote it, comments and all; only the named parts are put in anew.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from waymark.core.errors import Fault, RuleError, SpecError

BUILTIN = Path(__file__).resolve().parent / "builtin"
EVERYTHING = "everything"


def builtin_specs() -> dict[str, str]:
    """The specs that come with Waymark: name -> YAML."""
    return {file.stem: file.read_text("utf-8") for file in sorted(BUILTIN.glob("*.yaml"))}


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is new in an overview that is begun; None keeps what was there."""

    slug: str
    title: str
    place: str | None = None
    period: str | None = None
    select: Mapping[str, Any] | None = None


def chosen_reviews(*, query: str, collection: str, reviews: Sequence[str]) -> dict[str, Any] | None:
    """The selection that one of these makes; None where nothing is chosen.

    Raises RuleError where more than one is.
    """
    chosen = {"query": query, "collection": collection, "reviews": list(reviews)}
    given = {name: value for name, value in chosen.items() if value}
    if len(given) > 1:
        raise RuleError(f"choose reviews in one way, not by {' and '.join(given)}")
    return given or None


def begun(source: str, wanted: Beginning, *, today: datetime.date) -> str:
    """The YAML of a new overview. source: that of the one it begins with.

    Nobody has decided yet how its numbers are protected: what was decided for the other is only
    proposed. Raises SpecError where the YAML cannot be taken apart.
    """
    parts: dict[str, Any] = {"overview": wanted.slug, "title": wanted.title}
    read = yaml.safe_load(source)
    decision = read.get("disclosure", {})
    if not decision.get("proposed"):
        other = read.get("overview")
        parts["disclosure"] = {
            "profile": decision.get("profile", "k5"),
            "proposed": True,
            "controller": "Not yet named",
            "reason": f"Taken over from {other}; the data controller has yet to decide.",
            "decided": today,
        }
    for name in ("place", "period", "select"):
        value = getattr(wanted, name)
        if value is not None:
            parts[name] = value
    return with_parts(source, parts)


def with_parts(source: str, parts: Mapping[str, Any]) -> str:
    """A YAML text with some of its top names given other values; what is not there comes first.

    Raises SpecError where names do not each begin a line, as in {title: ..., place: ...}.
    """
    lines = source.splitlines(keepends=True)
    where = {name: (start, end) for name, start, end in _blocks(source, lines)}
    made, at = [_written(name, parts[name]) for name in parts if name not in where], 0
    for name, (start, end) in sorted(where.items(), key=lambda pair: pair[1]):
        if name in parts:
            made += lines[at:start]
            made.append(_written(name, parts[name]))
            at = end
    return "".join([*made, *lines[at:]])


def _written(name: str, value: Any) -> str:
    return yaml.safe_dump({name: value}, sort_keys=False, allow_unicode=True, width=100)


def _blocks(source: str, lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """Each top name with its first line and the line after its last, both from 0.

    Comments and empty lines before the next name belong to that.
    """
    node = yaml.compose(source, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise SpecError("overview", [Fault(1, "each name must begin a line of its own")])
    starts = [(str(key.value), key.start_mark.line) for key, _ in node.value]
    for place, (name, start) in enumerate(starts):
        end = starts[place + 1][1] if place + 1 < len(starts) else len(lines)
        while end > start + 1 and lines[end - 1].strip()[:1] in {"", "#"}:
            end -= 1
        yield name, start, end
