"""Retention periods of report files: years counted from a day (no Django)."""

from datetime import date, timedelta

EXPIRY_WARNING = timedelta(days=90)
"""How far ahead staff are warned of files that will expire."""


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 1 March for a 29 February that the year does not have.

    years >= 1. Raises OverflowError beyond the year 9999.
    """
    if day.year + years > date.max.year:
        raise OverflowError("this date is too far in the future")
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # only a 29 February is missing from a year
        return date(day.year + years, 3, 1)
