"""Months between the dates of a review, as far as its record gives them. Pure."""

import re
from datetime import date

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
MONTH_AND_YEAR = re.compile(rf"(?:({'|'.join(MONTHS)}) )?\b((?:19|20)\d\d)\b", re.IGNORECASE)


def months_to_report(period: str, completed: date | None) -> int | None:
    """Months from the last month of the period reviewed to the month of completion.

    period: in words, as "July 2001 to October 2002, with earlier history". None if it does not end
    with a month, if the review has no date of completion, or if that is the earlier of the two.

    Example: October 2002 to 17 October 2003 are 12 months.
    """
    every = MONTH_AND_YEAR.findall(period)
    month, year = every[-1] if every else ("", "")
    if not month or completed is None:
        return None
    return _months_between(int(year), MONTHS.index(month.lower()) + 1, completed)


def months_to_publication(completed: date | None, published: date | None) -> int | None:
    """Months from the month of completion to that of publication; None if one is not known."""
    if completed is None or published is None:
        return None
    return _months_between(completed.year, completed.month, published)


def _months_between(year: int, month: int, end: date) -> int | None:
    months = 12 * (end.year - year) + end.month - month
    return None if months < 0 else months
