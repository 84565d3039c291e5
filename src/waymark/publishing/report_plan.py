"""The plan of a report: which chapters it has, in which order, and what stands in each.

Data, not code: a default plan comes with the program, and each overview may have its own. Pure.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from waymark.core import yamlfile
from waymark.core.errors import Fault, SpecError
from waymark.frameworks.schema import Part, Words

DEFAULT = Path(__file__).resolve().parent / "plan.yaml"
PLAN = "plan"
"""The name under which an overview's own plan is kept beside its texts."""

MADE = {
    "points": "the main points, as the analyst wrote them with the tables",
    "about": "what the overview is about, as the analyst wrote it with the tables",
    "method": "what was done: how the reviews were chosen, read, counted and protected",
    "selection": "which reviews were asked for, left out and read",
    "limits": "what these figures cannot tell",
    "cases": "the reviews side by side, where every number may be shown",
    "themes": "each theme with its definition and the number of reviews, before its text",
    "framework": "every definition by which the reports were read",
    "references": "the passages and publications that the texts cite",
    "provenance": "where the figures come from, and who signed",
}
TAKEN = ("results", "contents")
"""Chapters that the program adds."""
NEEDED = ("method", "limits", "references", "provenance")
"""What every report holds: a plan without one of them is refused."""
UNITS = ("reviews", "children", "recommendations")
KINDS = ("flow", "crosstab", "states", "contacts", "cooccurrence", "themes", "agreement")
PART = re.compile(r"text(?: ([a-z][a-z0-9-]{0,30}))?|tables (\S+)|([a-z]+)")

ChapterId = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)
]


class Chapter(Part):
    """One chapter. number: counted, lettered as an appendix, or none.

    parts: "text" and "text NAME" are written by editors; "tables WHAT" are the tables of an id,
    of a kind or of a unit that no part before took; the rest is made by the program (MADE).
    required: it needs a text before the report can be signed.
    """

    id: ChapterId
    title: Words
    number: Literal["count", "letter", "none"] = "count"
    required: bool = False
    parts: Annotated[tuple[str, ...], Field(min_length=1)]
    hint: str = ""

    @field_validator("parts")
    @classmethod
    def _known(cls, parts: tuple[str, ...]) -> tuple[str, ...]:
        for part in parts:
            found = PART.fullmatch(part)
            if found is None or (found[3] and found[3] != "text" and found[3] not in MADE):
                known = ", ".join(MADE)
                raise ValueError(
                    f"{part!r} is no part: there are text, text NAME, tables WHAT, {known}"
                )
            what = found[2]
            if what and not re.fullmatch(r"T\d{1,3}", what) and what not in (*UNITS, *KINDS):
                raise ValueError(
                    f"tables {what}: name a table as T3, a kind ({', '.join(KINDS)})"
                    f" or a unit ({', '.join(UNITS)})"
                )
        return parts

    def slots(self, themes: tuple[str, ...]) -> Iterator[str]:
        """The names of the texts that an editor writes in it, in order. themes: ids of codes."""
        for part in self.parts:
            if part == "text" or part.startswith("text "):
                yield slot_of(self.id, part.removeprefix("text").strip())
            elif part == "themes":
                yield from (slot_of(self.id, theme) for theme in themes)


class Plan(Part):
    """All chapters, in order."""

    format: Literal["waymark-report 1"]
    chapters: Annotated[tuple[Chapter, ...], Field(min_length=1, max_length=60)]

    def slots(self, themes: tuple[str, ...]) -> list[str]:
        """The names of all texts."""
        return [slot for chapter in self.chapters for slot in chapter.slots(themes)]

    def chapter_of(self, slot: str) -> Chapter | None:
        """The chapter in which a text stands."""
        name = slot.partition(":")[0]
        return next((one for one in self.chapters if one.id == name), None)


def slot_of(chapter: str, name: str = "") -> str:
    """The name of a text: that of its chapter, or "chapter:name" for another one in it."""
    return f"{chapter}:{name}" if name else chapter


def read_plan(source: str, *, tables: tuple[str, ...] | None = None, file: str = "plan") -> Plan:
    """The plan of a YAML text. tables: ids that the overview has, where that is to be checked.

    Raises SpecError with every fault and its line.
    """
    plan, lines = yamlfile.read(source, Plan, file=file)
    faults = [Fault(yamlfile.line_of(lines, path), said) for path, said in _faults(plan, tables)]
    if faults:
        raise SpecError(file, faults)
    return plan


def _faults(plan: Plan, tables: tuple[str, ...] | None) -> Iterator[tuple[yamlfile.Path, str]]:
    seen: set[str] = set()
    placed: set[str] = set()
    for at, chapter in enumerate(plan.chapters):
        if chapter.id in seen or chapter.id in {PLAN, *TAKEN}:
            yield ("chapters", at, "id"), f"id: {chapter.id} is taken, choose another"
        seen.add(chapter.id)
        for number, part in enumerate(chapter.parts):
            path: yamlfile.Path = ("chapters", at, "parts", number)
            whole = f"{chapter.id} {part}" if part.startswith("text") else part
            if whole in placed:
                yield path, f"{part} stands in the plan twice"
            placed.add(whole)
            named = part.removeprefix("tables ")
            if tables is not None and named.startswith("T") and named not in tables:
                yield path, f"the overview has no table {named}; it has {', '.join(tables)}"
    yield from _unwritable(plan)
    for name in NEEDED:
        if name not in placed:
            yield ("chapters",), f"chapters: no chapter holds {name} ({MADE[name]})"


def _unwritable(plan: Plan) -> Iterator[tuple[yamlfile.Path, str]]:
    """Chapters that need a text and have no place for one."""
    for at, chapter in enumerate(plan.chapters):
        if chapter.required and not list(chapter.slots(())):
            said = f"required: {chapter.id} has no part text that could be written"
            yield ("chapters", at, "required"), said


@lru_cache(maxsize=1)
def default_plan() -> str:
    """The YAML of the plan for overviews that have none of their own."""
    return DEFAULT.read_text("utf-8")
