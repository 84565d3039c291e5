"""Plan of a report: its chapters, their order and their parts.

A plan is data, not code: a default plan comes with the program, and each overview may have its own.
Pure.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from waymark.core import yaml_file
from waymark.core.errors import FileFault, SpecError
from waymark.frameworks.variables import FrameworkPart, Words

DEFAULT = Path(__file__).resolve().parent / "plan.yaml"
PLAN = "plan"
"""Slot of an overview's own plan, saved beside its texts."""

GENERATED_PARTS = {
    "points": "the main points, as the analyst wrote them with the tables",
    "about": "what the overview is about, as the analyst wrote it with the tables",
    "method": "what was done: how the reviews were chosen, read, counted and protected",
    "selection": "which reviews were selected, excluded and read",
    "limits": "what these figures cannot tell",
    "cases": "the reviews side by side, where every number may be shown",
    "themes": "each theme with its definition and the number of reviews, before its text",
    "framework": "all definitions with which the reports were read",
    "references": "the passages and publications that the texts cite",
    "provenance": "where the figures come from, and who signed",
}
RESERVED_IDS = ("results", "contents")
"""Ids of chapters that the program adds."""
REQUIRED_PARTS = ("method", "limits", "references", "provenance")
"""Parts that every report needs: a plan without one of them is refused."""
UNITS = ("reviews", "children", "recommendations")
KINDS = ("flow", "crosstab", "states", "contacts", "cooccurrence", "silence", "themes", "agreement")
DURATIONS = "durations"
"""Tables with a block of months: how long reviews took."""
PART = re.compile(r"text(?: ([a-z][a-z0-9-]{0,30}))?|tables (\S+)|([a-z]+)")

ChapterId = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)
]


class PlanChapter(FrameworkPart):
    """One chapter. number: counted, lettered as an appendix, or none.

    parts: "text" and "text NAME" are written by editors; "tables WHAT" are the tables of an id,
    kind or unit that no earlier part took; the program generates the rest (GENERATED_PARTS).
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
            match = PART.fullmatch(part)
            if match is None or (
                match[3] and match[3] != "text" and match[3] not in GENERATED_PARTS
            ):
                known = ", ".join(GENERATED_PARTS)
                raise ValueError(
                    f"{part!r} is not a part: use text, text NAME, tables WHAT, {known}"
                )
            what = match[2]
            if (
                what
                and not re.fullmatch(r"T\d{1,3}", what)
                and what not in (*UNITS, *KINDS, DURATIONS)
            ):
                raise ValueError(
                    f"tables {what}: name a table as T3, a kind ({', '.join(KINDS)})"
                    f", {DURATIONS} or a unit ({', '.join(UNITS)})"
                )
        return parts

    def slots(self, themes: tuple[str, ...]) -> Iterator[str]:
        """Slots of the texts that an editor writes in it, in order. themes: ids of codes."""
        for part in self.parts:
            if part == "text" or part.startswith("text "):
                yield slot_of(self.id, part.removeprefix("text").strip())
            elif part == "themes":
                yield from (slot_of(self.id, theme) for theme in themes)


class ReportPlan(FrameworkPart):
    """All chapters, in order."""

    format: Literal["waymark-report 1"]
    chapters: Annotated[tuple[PlanChapter, ...], Field(min_length=1, max_length=60)]

    def slots(self, themes: tuple[str, ...]) -> list[str]:
        """Slots of all texts."""
        return [slot for chapter in self.chapters for slot in chapter.slots(themes)]

    def chapter_of(self, slot: str) -> PlanChapter | None:
        """Chapter of a text; None if the plan has no such chapter."""
        name = slot.partition(":")[0]
        return next((chapter for chapter in self.chapters if chapter.id == name), None)


def slot_of(chapter: str, name: str = "") -> str:
    """Name of a text: the id of its chapter, or "chapter:name" for another text in it."""
    return f"{chapter}:{name}" if name else chapter


def read_plan(
    source: str, *, tables: tuple[str, ...] | None = None, file: str = "plan"
) -> ReportPlan:
    """Read a plan from YAML. tables: ids of the overview's tables, to check them too.

    Raises SpecError with every fault and its line.
    """
    plan, lines = yaml_file.read_yaml(source, ReportPlan, file=file)
    faults = [
        FileFault(yaml_file.line_of(lines, path), message)
        for path, message in _plan_faults(plan, tables)
    ]
    if faults:
        raise SpecError(file, faults)
    return plan


def _plan_faults(
    plan: ReportPlan, tables: tuple[str, ...] | None
) -> Iterator[tuple[yaml_file.Path, str]]:
    seen: set[str] = set()
    placed: set[str] = set()
    for at, chapter in enumerate(plan.chapters):
        if chapter.id in seen or chapter.id in {PLAN, *RESERVED_IDS}:
            yield ("chapters", at, "id"), f"id: {chapter.id} is already used: choose another"
        seen.add(chapter.id)
        for number, part in enumerate(chapter.parts):
            path: yaml_file.Path = ("chapters", at, "parts", number)
            # Two chapters may both have a part "text"; every other part is there once in a report.
            whole = f"{chapter.id} {part}" if part.startswith("text") else part
            if whole in placed:
                yield path, f"{part} is in the plan twice"
            placed.add(whole)
            named = part.removeprefix("tables ")
            if tables is not None and named.startswith("T") and named not in tables:
                yield path, f"the overview has no table {named}; it has {', '.join(tables)}"
    yield from _unwritable_chapters(plan)
    for name in REQUIRED_PARTS:
        if name not in placed:
            yield ("chapters",), f"chapters: no chapter contains {name} ({GENERATED_PARTS[name]})"


def _unwritable_chapters(plan: ReportPlan) -> Iterator[tuple[yaml_file.Path, str]]:
    """Chapters that require a text and have no text part."""
    for at, chapter in enumerate(plan.chapters):
        if chapter.required and not list(chapter.slots(())):
            message = f"required: {chapter.id} has no text part that someone could write"
            yield ("chapters", at, "required"), message


@lru_cache(maxsize=1)
def default_plan() -> str:
    """YAML of the plan for overviews without one of their own."""
    return DEFAULT.read_text("utf-8")
