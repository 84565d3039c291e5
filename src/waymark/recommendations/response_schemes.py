"""By when an addressee must answer, and the ladder by which it is chased (no Django).

builtin/response-schemes.yaml has the rules; no scheme is named in this code.
"""

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from waymark.core import yaml_file

FILE = Path(__file__).resolve().parent / "builtin" / "response-schemes.yaml"
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
LEAST_DAYS_BETWEEN = 7
"""Days between two steps, also if the first of them is taken late."""
DAYS_OF_QUIET = 14
"""Days without a reminder after a body was heard from: nobody is chased who has just written."""


class SchemePart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AnswerLimit(SchemePart):
    """Time for an answer, counted from the day on which an addressee was told."""

    within: int = Field(ge=1, le=1_000)
    unit: Literal["days", "months"]

    def ends(self, told_on: date) -> date:
        """The last day for an answer."""
        if self.unit == "months":
            return add_months(told_on, self.within)
        return told_on + timedelta(days=self.within)


class LadderStep(SchemePart):
    """A step of the chasing ladder. publish: it is listed as late, and no letter is written."""

    label: str
    after_days: int = Field(ge=1, le=1_000)
    publish: bool = False


class ResponseScheme(SchemePart):
    """What a kind of review asks of those it makes recommendations to. levels: of escalation."""

    key: Key
    name: str
    nation: str
    note: str
    sources: tuple[str, ...]
    answer: AnswerLimit | None = None
    levels: tuple[str, ...] = ()
    ladder: tuple[LadderStep, ...] = ()


class ResponseSchemes(SchemePart):
    format: Literal["waymark-response-schemes 1"]
    age_months: int = Field(ge=1, le=120)
    ladder: tuple[LadderStep, ...]
    schemes: tuple[ResponseScheme, ...]

    def find(self, key: str) -> ResponseScheme | None:
        """The scheme of a key; None if there is none."""
        return next((scheme for scheme in self.schemes if scheme.key == key), None)

    def ladder_of(self, key: str) -> tuple[LadderStep, ...]:
        """The ladder of a scheme, or the usual one."""
        scheme = self.find(key)
        return (scheme.ladder if scheme else ()) or self.ladder

    def answer_due(self, key: str, told_on: date | None) -> date | None:
        """The last day for an answer by the rule of a scheme; None without a rule."""
        scheme = self.find(key)
        if told_on is None or scheme is None or scheme.answer is None:
            return None
        return scheme.answer.ends(told_on)

    def level_label(self, key: str, level: int) -> str:
        """Name of a level of escalation, counted from 1; "" for none."""
        scheme = self.find(key)
        levels = scheme.levels if scheme else ()
        if not level:
            return ""
        return levels[level - 1] if level <= len(levels) else f"Level {level}"


@cache
def response_schemes() -> ResponseSchemes:
    """The built-in schemes."""
    return yaml_file.read_yaml(FILE.read_text("utf-8"), ResponseSchemes, file=FILE.name)[0]


def add_months(day: date, months: int) -> date:
    """The same day some months later; the last of the month if it has no such day."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


@dataclass(frozen=True, slots=True)
class Chased:
    """An addressee that is late. taken: steps taken of this cycle, the first is 1.

    last_step_on: day of the latest of them. heard_on: when the addressee last wrote.
    """

    scheme: str
    overdue_from: date
    taken: Collection[int] = ()
    last_step_on: date | None = None
    heard_on: date | None = None


def next_step(late: Chased, *, today: date) -> tuple[int, LadderStep] | None:
    """The step to take today, with its number; None if none is due. One step at a time.

    Example: late since 1 March with reminders after 7 and 35 days. On 1 June, if nothing was done,
    the first is due, and the second a week later: nobody gets two letters on one day.
    """
    if late.heard_on is not None and (today - late.heard_on).days < DAYS_OF_QUIET:
        return None
    if late.last_step_on is not None and (today - late.last_step_on).days < LEAST_DAYS_BETWEEN:
        return None
    for number, step in enumerate(response_schemes().ladder_of(late.scheme), 1):
        if number in late.taken:
            continue
        due = late.overdue_from + timedelta(days=step.after_days)
        return (number, step) if due <= today else None
    return None
