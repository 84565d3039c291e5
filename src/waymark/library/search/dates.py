"""Days, months and years as they are typed in a query: 2026-01-31, 2026-01 or 2026."""

import re
from calendar import monthrange
from datetime import date

DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?", re.ASCII)


def first_day(text: str) -> date:
    """The first day of a year, month or day written as 2026, 2026-01 or 2026-01-31."""
    year, month, day = _date_parts(text)
    return date(year, month or 1, day or 1)


def last_day(text: str) -> date:
    """The last day of a year, month or day."""
    year, month, day = _date_parts(text)
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def _date_parts(text: str) -> tuple[int, int, int]:
    """Year, month and day; 0 if missing: "2026-01" -> (2026, 1, 0)."""
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    return year, month, day


def is_date(text: str) -> bool:
    """True for an existing year, month or day: "2024-02-29" but not "2026-02-29"."""
    if not DATE.fullmatch(text) or "00" in text.split("-")[1:]:
        return False
    try:
        return first_day(text) <= last_day(text)
    except ValueError:
        return False


def dates_in_order(first: str | None, last: str | None) -> bool:
    """True if a range contains at least one day. first, last: existing dates, or None."""
    return first is None or last is None or first_day(first) <= last_day(last)
