"""Review processes as data: statuses, their allowed order, and deadlines.

builtin/schemes.yaml defines them; no status or process but "paused" is named in this code.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from waymark.core import yaml_file
from waymark.core.errors import FileFault, SpecError, require_found
from waymark.library.catalogue.working_days import NATIONS, Nation, after_working_days

FILE = Path(__file__).resolve().parent / "builtin" / "schemes.yaml"
PAUSED = "paused"
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]


class ProcessPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProcessStatus(ProcessPart):
    """A status, defined once for all processes. ends: the process is complete when it is reached.

    public: whether the public page shows that it was reached, by month or by day.
    """

    label: str
    public: Literal["none", "month", "day"]
    reason: Literal["none", "optional", "required"] = "none"
    ends: bool = False


class ProcessDecision(ProcessPart):
    key: Key
    label: str


class ProcessClock(ProcessPart):
    """Time limit of a step, counted from another status. source: its legal basis."""

    within: int = Field(ge=1, le=1_000)
    unit: Literal["working-days", "days", "months"]
    of: Key
    source: str


class ProcessStep(ProcessPart):
    """A status in a process. begins: a record may start with it; after: statuses it may follow.

    label: "" for the label of the status.
    """

    status: Key
    begins: bool = False
    after: tuple[Key, ...] = ()
    label: str = ""
    decisions: tuple[ProcessDecision, ...] = ()
    clock: ProcessClock | None = None


class ReviewProcess(ProcessPart):
    key: Key
    name: str
    nation: str
    from_year: int | None = None
    to_year: int | None = None
    note: str = ""
    sources: tuple[str, ...]
    steps: tuple[ProcessStep, ...]

    def step(self, status: str) -> ProcessStep | None:
        """The step of a status; None if the process has none."""
        return next((step for step in self.steps if step.status == status), None)

    def decision_label(self, status: str, decision: str) -> str:
        """Label of a decision; the stored key if the process does not define it."""
        step = self.step(status)
        labels = {option.key: option.label for option in step.decisions} if step else {}
        return labels.get(decision, decision)

    @property
    def years(self) -> str:
        """ "2013 to 2024", "from 2024", "to 2019", or "" if no year is set."""
        if self.from_year and self.to_year:
            return f"{self.from_year} to {self.to_year}"
        if self.from_year:
            return f"from {self.from_year}"
        return f"to {self.to_year}" if self.to_year else ""

    @property
    def calendar_nation(self) -> Nation:
        """The nation whose working days count."""
        return next((nation for nation in NATIONS if self.nation.startswith(nation)), "England")


class ProcessesFile(ProcessPart):
    format: Literal["waymark-schemes 1"]
    statuses: dict[Key, ProcessStatus]
    schemes: tuple[ReviewProcess, ...]

    def process(self, key: str) -> ReviewProcess:
        """The process with a key. Raises NotFound."""
        return require_found(self.find_process(key), f"there is no review process {key}")

    def find_process(self, key: str) -> ReviewProcess | None:
        """The process with a key; None if there is none."""
        return next((scheme for scheme in self.schemes if scheme.key == key), None)

    def label(self, scheme: ReviewProcess, status: str) -> str:
        """Label of a status in a process; the stored key if the data no longer define it."""
        step = scheme.step(status)
        if step is not None and step.label:
            return step.label
        return self.statuses[status].label if status in self.statuses else status


@dataclass(frozen=True, slots=True)
class StepReached:
    """A status that a review reached, as a plain value."""

    status: str
    on: date
    decision: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StepDeadline:
    """A step with a deadline. days_left: negative if it is overdue."""

    status: str
    label: str
    by: date
    days_left: int
    clock: ProcessClock

    @property
    def overdue(self) -> bool:
        """True if the deadline has passed."""
        return self.days_left < 0


def read_processes(source: str, *, file: str) -> ProcessesFile:
    """Read processes from YAML. Raises SpecError: each fault with its line."""
    content, lines = yaml_file.read_yaml(source, ProcessesFile, file=file)
    faults: list[FileFault] = []
    keys = [scheme.key for scheme in content.schemes]
    for number, scheme in enumerate(content.schemes):
        line = yaml_file.line_of(lines, ("schemes", number))
        faults += [
            FileFault(line, f"{scheme.key}: {fault}") for fault in _process_faults(content, scheme)
        ]
        # YAML itself allows two list items with one key.
        if scheme.key in keys[:number]:
            faults.append(FileFault(line, f"{scheme.key} is defined twice"))
    if faults:
        raise SpecError(file, faults)
    return content


def _process_faults(content: ProcessesFile, scheme: ReviewProcess) -> list[str]:
    statuses = [step.status for step in scheme.steps]
    repeated = sorted({status for status in statuses if statuses.count(status) > 1})
    faults = [f"{status} is defined twice" for status in repeated]
    for step in scheme.steps:
        faults += _step_faults(content, step, statuses)
    # Follow the order from the first steps: whatever is not reached is a mistake in the data.
    first = {step.status for step in scheme.steps if step.begins}
    reached = first | _statuses_after(scheme, first)
    return [
        *faults,
        *(f"{status} can never be reached" for status in statuses if status not in reached),
    ]


def _step_faults(content: ProcessesFile, step: ProcessStep, statuses: list[str]) -> list[str]:
    faults = [
        f"{step.status} follows {status}, which it lacks"
        for status in step.after
        if status not in statuses
    ]
    if step.status not in content.statuses:
        faults.insert(0, f"{step.status} is no status")
    if step.clock and step.clock.of not in statuses:
        faults.append(f"the clock of {step.status} starts with {step.clock.of}, which it lacks")
    return faults


def _statuses_after(scheme: ReviewProcess, statuses: set[str]) -> set[str]:
    """All statuses that can follow one of the given ones, directly or later."""
    later: set[str] = set()
    edge = statuses
    while edge:
        edge = {step.status for step in scheme.steps if edge & set(step.after)} - later
        later |= edge
    return later


@cache
def builtin_processes() -> ProcessesFile:
    """The processes that come with the program."""
    return read_processes(FILE.read_text("utf-8"), file=FILE.name)


# ---- the course of one review ----


def last_step(steps: Sequence[StepReached]) -> StepReached | None:
    """The current step of a review: the last one; None before the first."""
    return steps[-1] if steps else None


def next_steps(scheme: ReviewProcess, steps: Sequence[StepReached]) -> tuple[ProcessStep, ...]:
    """The steps that may come next, in the process's order. steps: in the order they were taken."""
    last = last_step(steps)
    if last is None:
        return tuple(step for step in scheme.steps if step.begins)
    return tuple(step for step in scheme.steps if last.status in step.after)


def step_problems(
    file: ProcessesFile,
    scheme: ReviewProcess,
    steps: Sequence[StepReached],
    new: StepReached,
    *,
    today: date,
) -> list[str]:
    """Return why a step cannot be taken next, each reason a sentence; empty if it can."""
    last, step = last_step(steps), scheme.step(new.status)
    name = file.label(scheme, new.status)
    if step is None:
        return [f"A {scheme.name.lower()} has no status {new.status}."]
    messages = []
    if step not in next_steps(scheme, steps):
        after = f"follow “{file.label(scheme, last.status)}”" if last else "be the first status"
        messages.append(f"“{name}” cannot {after} in this process.")
    if last is not None and new.on < last.on:
        messages.append(
            f"The date must be on or after that of “{file.label(scheme, last.status)}”."
        )
    if new.on > today:
        messages.append("The date must be today or in the past.")
    return [*messages, *_wording_problems(file.statuses[new.status], step, new, name)]


def _wording_problems(
    status: ProcessStatus, step: ProcessStep, new: StepReached, name: str
) -> list[str]:
    messages = []
    if status.reason == "required" and not new.reason:
        messages.append(f"Enter a reason for “{name}”.")
    if status.reason == "none" and new.reason:
        messages.append(f"Remove the reason: “{name}” does not need one.")
    # A decision is required exactly where the process offers some.
    choices = {option.key for option in step.decisions}
    if choices and new.decision not in choices:
        messages.append(f"Select the decision for “{name}”.")
    if not choices and new.decision:
        messages.append(f"Remove the decision: “{name}” does not need one.")
    return messages


def step_deadlines(
    file: ProcessesFile, scheme: ReviewProcess, steps: Sequence[StepReached], *, today: date
) -> list[StepDeadline]:
    """Return the deadlines of a review, the most urgent first.

    A clock starts when its first status was last reached, and stops with its own status, with a
    later one, or with the end of the process. Deadlines are hidden while a review is paused.
    """
    last = last_step(steps)
    if last is None or last.status == PAUSED or file.statuses[last.status].ends:
        return []
    deadlines = []
    for step in scheme.steps:
        start = _last_index(steps, step.clock.of) if step.clock else None
        if step.clock is None or start is None:
            continue
        if _is_passed(scheme, steps[start + 1 :], step.status):
            continue
        by = deadline_after(steps[start].on, step.clock, scheme.calendar_nation)
        label = file.label(scheme, step.status)
        deadlines.append(StepDeadline(step.status, label, by, (by - today).days, step.clock))
    return sorted(deadlines, key=lambda due: due.by)


def _last_index(steps: Sequence[StepReached], status: str) -> int | None:
    """The index of the last step with a status."""
    return next((n for n in reversed(range(len(steps))) if steps[n].status == status), None)


def _is_passed(scheme: ReviewProcess, later: Sequence[StepReached], status: str) -> bool:
    """True if a status was reached among the later steps, or can no longer be reached."""
    if any(step.status == status for step in later):
        return True
    return bool(later) and status not in _statuses_after(scheme, {later[-1].status})


def deadline_after(start: date, clock: ProcessClock, nation: Nation) -> date:
    """The last day of a time limit; the day of the start is not counted.

    One month after 31 January is 28 or 29 February.
    """
    if clock.unit == "working-days":
        return after_working_days(start, clock.within, nation)
    if clock.unit == "days":
        return start + timedelta(days=clock.within)
    # Months are counted from 0: 11 months after January 2024 is 0 + 11 = December 2024.
    months = start.month - 1 + clock.within
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class PublicStep:
    """A step as shown to the public. whole_date: False if only its month is shown."""

    label: str
    on: date
    whole_date: bool


def public_steps(
    file: ProcessesFile, scheme: ReviewProcess, steps: Sequence[StepReached]
) -> list[PublicStep]:
    """The steps shown to the public, in order: never a reason, a decision or a pause.

    A status that the process no longer defines is not shown.
    """
    return [
        PublicStep(file.label(scheme, step.status), step.on, status.public == "day")
        for step in steps
        if (status := file.statuses.get(step.status)) and status.public != "none"
    ]
