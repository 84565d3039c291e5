"""Kinds of review process as data: statuses, which may follow which, and what is due by when.

builtin/schemes.yaml holds them; nothing here knows any of them by name.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from waymark.core import yamlfile
from waymark.core.errors import Fault, NotFound, SpecError
from waymark.library.working_days import NATIONS, Nation, after_working_days

FILE = Path(__file__).resolve().parent / "builtin" / "schemes.yaml"
PAUSED = "paused"
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Status(Part):
    """What reaching it means wherever it is used. ends: the process is over with it."""

    label: str
    public: Literal["none", "month", "day"]
    reason: Literal["none", "optional", "required"] = "none"
    ends: bool = False


class Decision(Part):
    key: Key
    label: str


class Clock(Part):
    """To be reached within so many days or months of another status. source: who says so."""

    within: int = Field(ge=1, le=1_000)
    unit: Literal["working-days", "days", "months"]
    of: Key
    source: str


class Step(Part):
    """A status in a scheme. begins: a record may start with it; label: "" for the status's own."""

    status: Key
    begins: bool = False
    after: tuple[Key, ...] = ()
    label: str = ""
    decisions: tuple[Decision, ...] = ()
    clock: Clock | None = None


class Scheme(Part):
    key: Key
    name: str
    nation: str
    from_year: int | None = None
    to_year: int | None = None
    note: str = ""
    sources: tuple[str, ...]
    steps: tuple[Step, ...]

    def step(self, status: str) -> Step | None:
        """The step of a status; None where the scheme has none."""
        return next((one for one in self.steps if one.status == status), None)

    def decided(self, status: str, decision: str) -> str:
        """What a decision is called; as stored, where the data do not know it."""
        step = self.step(status)
        named = {one.key: one.label for one in step.decisions} if step else {}
        return named.get(decision, decision)

    @property
    def years(self) -> str:
        """ "2013 to 2024", "from 2024", "to 2019", or "" where nothing is said."""
        if self.from_year and self.to_year:
            return f"{self.from_year} to {self.to_year}"
        if self.from_year:
            return f"from {self.from_year}"
        return f"to {self.to_year}" if self.to_year else ""

    @property
    def calendar_of(self) -> Nation:
        """The nation whose working days count."""
        return next((nation for nation in NATIONS if self.nation.startswith(nation)), "England")


class SchemesFile(Part):
    format: Literal["waymark-schemes 1"]
    statuses: dict[Key, Status]
    schemes: tuple[Scheme, ...]

    def scheme(self, key: str) -> Scheme:
        """The scheme of a key. Raises NotFound."""
        for one in self.schemes:
            if one.key == key:
                return one
        raise NotFound(f"there is no review process {key}")

    def label(self, scheme: Scheme, status: str) -> str:
        """What a status is called in a scheme; as stored, where the data no longer know it."""
        step = scheme.step(status)
        if step is not None and step.label:
            return step.label
        return self.statuses[status].label if status in self.statuses else status


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that a review took."""

    status: str
    on: date
    decision: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """Something still to be done. days_left: below 0 where it is overdue by as many days."""

    status: str
    label: str
    by: date
    days_left: int
    clock: Clock

    @property
    def overdue(self) -> bool:
        """Whether its day has passed."""
        return self.days_left < 0


def read_schemes(source: str, *, file: str) -> SchemesFile:
    """Schemes from YAML. Raises SpecError: each fault with its line."""
    made, lines = yamlfile.read(source, SchemesFile, file=file)
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, scheme in enumerate(made.schemes):
        line = yamlfile.line_of(lines, ("schemes", number))
        faults += [Fault(line, f"{scheme.key}: {said}") for said in _faults(made, scheme)]
        if scheme.key in seen:
            faults.append(Fault(line, f"{scheme.key} stands here twice"))
        seen.add(scheme.key)
    if faults:
        raise SpecError(file, faults)
    return made


def _faults(made: SchemesFile, scheme: Scheme) -> list[str]:
    named = [step.status for step in scheme.steps]
    said = [f"{one} stands here twice" for one in sorted({n for n in named if named.count(n) > 1})]
    for step in scheme.steps:
        if step.status not in made.statuses:
            said.append(f"{step.status} is no status")
        said += [
            f"{step.status} follows {one}, which it lacks" for one in step.after if one not in named
        ]
        if step.clock and step.clock.of not in named:
            said.append(f"the clock of {step.status} starts with {step.clock.of}, which it lacks")
    reached = {step.status for step in scheme.steps if step.begins}
    while more := {step.status for step in scheme.steps if reached & set(step.after)} - reached:
        reached |= more
    said += [f"{one} can never be reached" for one in named if one not in reached]
    return said


@cache
def builtin_schemes() -> SchemesFile:
    """The schemes that come with the program."""
    return read_schemes(FILE.read_text("utf-8"), file=FILE.name)


# ---- what a review did, and what it may and has to do ----


def standing(steps: Sequence[Taken]) -> Taken | None:
    """The step that a review stands at: the last; None before the first."""
    return steps[-1] if steps else None


def may_follow(scheme: Scheme, steps: Sequence[Taken]) -> tuple[Step, ...]:
    """The steps that may come next, in the scheme's order. steps: as they were taken."""
    last = standing(steps)
    if last is None:
        return tuple(step for step in scheme.steps if step.begins)
    return tuple(step for step in scheme.steps if last.status in step.after)


def wrong_with(
    file: SchemesFile, scheme: Scheme, steps: Sequence[Taken], new: Taken, *, today: date
) -> list[str]:
    """Why a step cannot be taken next, each as a sentence; empty where it can."""
    last, step = standing(steps), scheme.step(new.status)
    name = file.label(scheme, new.status)
    if step is None:
        return [f"A {scheme.name.lower()} has no status {new.status}."]
    said = []
    if step not in may_follow(scheme, steps):
        after = f"follow “{file.label(scheme, last.status)}”" if last else "be the first status"
        said.append(f"“{name}” cannot {after} in this process.")
    if last is not None and new.on < last.on:
        said.append(f"The date is before that of “{file.label(scheme, last.status)}”.")
    if new.on > today:
        said.append("The date is in the future: enter a step once it is taken.")
    said += _wrong_words(file.statuses[new.status], step, new, name)
    return said


def _wrong_words(status: Status, step: Step, new: Taken, name: str) -> list[str]:
    said = []
    if status.reason == "required" and not new.reason:
        said.append(f"Say why: “{name}” needs a reason.")
    if status.reason == "none" and new.reason:
        said.append(f"“{name}” takes no reason.")
    choices = {one.key for one in step.decisions}
    if choices and new.decision not in choices:
        said.append(f"Choose what was decided with “{name}”.")
    if not choices and new.decision:
        said.append(f"Nothing is decided with “{name}”.")
    return said


def dues(file: SchemesFile, scheme: Scheme, steps: Sequence[Taken], *, today: date) -> list[Due]:
    """What is still to be done by a day, the most urgent first.

    A clock starts with the last time its first status was reached, and ends with its own status or
    with the end of the process. While a review is paused no clock is told.
    """
    last = standing(steps)
    if last is None or last.status == PAUSED or file.statuses[last.status].ends:
        return []
    found = []
    for step in scheme.steps:
        begun = _last_time(steps, step.clock.of) if step.clock else None
        if step.clock is None or begun is None:
            continue
        if _passed(scheme, steps[begun + 1 :], step.status):
            continue
        by = deadline(steps[begun].on, step.clock, scheme.calendar_of)
        found.append(
            Due(step.status, file.label(scheme, step.status), by, (by - today).days, step.clock)
        )
    return sorted(found, key=lambda due: due.by)


def _last_time(steps: Sequence[Taken], status: str) -> int | None:
    """The place of the last step of a status."""
    return next((n for n in reversed(range(len(steps))) if steps[n].status == status), None)


def _passed(scheme: Scheme, later: Sequence[Taken], status: str) -> bool:
    """Whether a status was reached among the later steps, or left behind: it no longer can be."""
    if any(taken.status == status for taken in later):
        return True
    if not later:
        return False
    reached, edge = {later[-1].status}, {later[-1].status}
    while edge:
        edge = {s.status for s in scheme.steps if edge & set(s.after)} - reached
        reached |= edge
    return status not in reached


def deadline(start: date, clock: Clock, nation: Nation) -> date:
    """The last day on which it is in time; the day of the start is not counted."""
    if clock.unit == "working-days":
        return after_working_days(start, clock.within, nation)
    if clock.unit == "days":
        return start + timedelta(days=clock.within)
    months = start.month - 1 + clock.within
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class Told:
    """A step as the public is told of it. whole_date: else only its month is told."""

    label: str
    on: date
    whole_date: bool


def for_the_public(file: SchemesFile, scheme: Scheme, steps: Sequence[Taken]) -> list[Told]:
    """The steps that are right to show, in order: never a reason, a decision or a pause.

    A status that the scheme no longer knows is not shown.
    """
    return [
        Told(file.label(scheme, taken.status), taken.on, status.public == "day")
        for taken in steps
        if (status := file.statuses.get(taken.status)) and status.public != "none"
    ]
