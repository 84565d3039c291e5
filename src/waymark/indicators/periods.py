"""Periods that a value is about: years of three kinds, and single days. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

PeriodType = Literal["calendar", "financial", "academic", "day"]

PERIOD_TYPES: dict[str, str] = {
    "calendar": "Calendar year",
    "financial": "Financial year",
    "academic": "Academic year",
    "day": "As at a date",
}
_FIRST_MONTH = {"calendar": 1, "financial": 4, "academic": 9}
_ONE_YEAR = re.compile(r"(\d{4})")
_TWO_YEARS = re.compile(r"(\d{4})\s*[-/\u2013]\s*(\d{2}|\d{4})|(\d{4})(\d{2})")
_DAY_OF_YEAR = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


class UnreadablePeriod(ValueError):
    """Text that names no period of its type."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from start to end, both included. A value as at a date has the same day for both."""

    start: date
    end: date

    @property
    def is_day(self) -> bool:
        return self.start == self.end

    @property
    def key(self) -> str:
        """Name in addresses: "2025-03-31", "2024" or "2024-25"."""
        if self.is_day:
            return self.start.isoformat()
        if self.start.year == self.end.year:
            return str(self.start.year)
        return f"{self.start.year}-{self.end.year % 100:02}"

    @property
    def label(self) -> str:
        """The period in words: "31 March 2025", "2024", "April 2024 to March 2025"."""
        if self.is_day:
            return f"{self.start.day} {self.start:%B %Y}"
        if self.start.year == self.end.year:
            return str(self.start.year)
        return f"{self.start:%B %Y} to {self.end:%B %Y}"

    @property
    def short(self) -> str:
        """The period for a narrow place: "2025" for a day in it, "2024", "2024-25"."""
        return str(self.end.year) if self.is_day else self.key


def year_period(kind: str, year: int) -> Period:
    """The year of a kind that begins in a calendar year."""
    month = _FIRST_MONTH[kind]
    return Period(date(year, month, 1), date(year + 1, month, 1) - timedelta(days=1))


def read_period(text: str, kind: str, *, ends: bool = True, day: str = "03-31") -> Period:
    """Period that a file names.

    kind: of PERIOD_TYPES. ends: a single number such as "2025" is the year in which a financial or
    academic year ends, otherwise the one in which it begins. day: month and day of a value as at a
    date, for a file that names only the year. Raises UnreadablePeriod.

    Examples: "2025" is April 2024 to March 2025 as a financial year; so are "2024-25" and
    "202425".
    """
    text = text.strip()
    try:
        if kind == "day":
            return _day_period(text, day)
        if match := _ONE_YEAR.fullmatch(text):
            year = int(match[1])
            return year_period(kind, year - 1 if ends and kind != "calendar" else year)
        if kind != "calendar" and (match := _TWO_YEARS.fullmatch(text)):
            first, second = int(match[1] or match[3]), match[2] or match[4]
            if int(second) % 100 == (first + 1) % 100:
                return year_period(kind, first)
    except ValueError as error:
        raise UnreadablePeriod(f"{text[:30]!r} is not a date") from error
    raise UnreadablePeriod(f"{text[:30]!r} is not a {PERIOD_TYPES[kind].lower()}")


def _day_period(text: str, day: str) -> Period:
    if _ONE_YEAR.fullmatch(text):
        text = f"{text}-{day}"
    on = date.fromisoformat(text)
    return Period(on, on)


def is_day_of_year(text: str) -> bool:
    """True for a month and day such as "03-31"."""
    return bool(_DAY_OF_YEAR.fullmatch(text))
