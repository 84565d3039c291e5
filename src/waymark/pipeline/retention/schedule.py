"""The retention schedule: what is kept how long."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.conf import settings

from waymark.core.errors import RuleError

MONTHS_SETTING = "WAYMARK_KEEP_ENQUIRIES_MONTHS"


@dataclass(frozen=True, slots=True)
class RetentionPeriod:
    """A line of the schedule.

    days: how long, None where the setting set_by counts months. set_by: "" where WAYMARK_RETENTION
    may set the days, "fixed" where nothing may.
    """

    key: str
    what: str
    counted_from: str
    effect: str
    days: int | None = None
    set_by: str = ""

    @property
    def in_words(self) -> str:
        """How long, as "365 days" or "12 months"."""
        if self.set_by == MONTHS_SETTING:
            months = settings.KEEP_ENQUIRIES_MONTHS
            return f"{months} month{'' if months == 1 else 's'}"
        return f"{self.days} day{'' if self.days == 1 else 's'}"


@cache
def built_in_schedule() -> tuple[RetentionPeriod, ...]:
    """The schedule of this version, without an operator's periods."""
    text = Path(__file__).with_name("schedule.yaml").read_text("utf-8")
    return tuple(RetentionPeriod(**row) for row in yaml.safe_load(text))


def retention_schedule() -> tuple[RetentionPeriod, ...]:
    """The schedule with the periods of WAYMARK_RETENTION.

    Raises RuleError if that names a key that is not in the schedule or cannot be set.
    """
    own = dict(settings.RETENTION)
    periods = []
    for row in built_in_schedule():
        days = row.days if row.set_by else own.pop(row.key, row.days)
        periods.append(
            RetentionPeriod(row.key, row.what, row.counted_from, row.effect, days, row.set_by)
        )
    if own:
        known = ", ".join(row.key for row in built_in_schedule() if not row.set_by)
        raise RuleError(
            f"WAYMARK_RETENTION names {sorted(own)[0]!r}: the periods that it can set are {known}"
        )
    return tuple(periods)
