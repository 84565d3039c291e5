"""Days of the lists: when an issue is due, and its title. Pure."""

from datetime import date, datetime, timedelta

from waymark.core.uk_time import UK_TIME, uk_date
from waymark.core.wording import date_in_words

MONDAY, THURSDAY = 0, 3


def next_due(after: datetime, *, weekday: int | None, day: int | None, hour: int) -> datetime:
    """The first moment after another at which an issue is due, in UK time.

    weekday: 0 (Monday) to 6, of a weekly list; day: 1 to 28, of a monthly one.
    """
    start = after.astimezone(UK_TIME)
    # A week or a month later at the latest; one more day, because the hour of today may be over.
    for days in range(33):
        on = uk_date(start) + timedelta(days=days)
        due = datetime(on.year, on.month, on.day, hour, tzinfo=UK_TIME)
        if due > after and (on.weekday() == weekday or on.day == day):
            return due
    raise ValueError("a list has a weekday, or a day of the month from 1 to 28")


def days_in_words(first: date, last: date) -> str:
    """The days of an issue: "23 to 29 November 2026", "30 November to 6 December 2026"."""
    if first == last:
        return date_in_words(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {date_in_words(last)}"
    begins = date_in_words(first)
    if first.year == last.year:
        begins = begins.removesuffix(f" {first.year}")
    return f"{begins} to {date_in_words(last)}"
