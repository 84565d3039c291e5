"""Working days of the UK nations: Monday to Friday without bank holidays, computed by rule.

England and Wales have the same holidays. Scotland's are those of the statute; councils and courts
have local ones in addition.
"""

from datetime import date, timedelta
from functools import cache
from typing import Literal

Nation = Literal["England", "Wales", "Scotland", "Northern Ireland"]
NATIONS: tuple[Nation, ...] = ("England", "Wales", "Scotland", "Northern Ireland")
DAY = timedelta(days=1)
MONDAY, SATURDAY = 0, 5

# One-off holidays of the whole UK: jubilees, a wedding, a funeral, a coronation, a millennium.
ONE_OFF_HOLIDAYS = frozenset(
    {
        date(1999, 12, 31),
        date(2002, 6, 3),
        date(2011, 4, 29),
        date(2012, 6, 5),
        date(2022, 6, 3),
        date(2022, 9, 19),
        date(2023, 5, 8),
    }
)
# One-off holiday in Scotland: its team at a World Cup.
ONCE_IN_SCOTLAND = date(2026, 6, 15)
# Holidays moved to another day in one year.
MOVED_HOLIDAYS = {
    date(1995, 5, 1): date(1995, 5, 8),
    date(2002, 5, 27): date(2002, 6, 4),
    date(2012, 5, 28): date(2012, 6, 4),
    date(2020, 5, 4): date(2020, 5, 8),
    date(2022, 5, 30): date(2022, 6, 2),
}


def is_working_day(day: date, nation: Nation) -> bool:
    """Return True on Monday to Friday, bank holidays of the nation apart."""
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year, nation)


def after_working_days(start: date, number: int, nation: Nation) -> date:
    """The day that is `number` working days after the start, which itself is not counted.

    number >= 0; with 0 it is the start, whatever day that is. Two working days after Friday 24 May
    2024 in England are Wednesday 29 May: Monday 27 May is the spring bank holiday.
    """
    day = start
    while number > 0:
        day += DAY
        number -= is_working_day(day, nation)
    return day


@cache
def bank_holidays(year: int, nation: Nation) -> frozenset[date]:
    """The bank holidays of a year from 1995 on, on the days on which they are observed."""
    easter = easter_sunday(year)
    days = [*_new_year(year, nation), easter - 2 * DAY]
    days += [_first_monday(year, 5), _last_monday(year, 5)]
    if nation == "Scotland":
        days += [_first_monday(year, 8), ONCE_IN_SCOTLAND]
        if year >= 2007:
            days += _observed_days([date(year, 11, 30)])
    else:
        days += [easter + DAY, _last_monday(year, 8)]
    if nation == "Northern Ireland":
        days += [*_observed_days([date(year, 3, 17)]), *_observed_days([date(year, 7, 12)])]
    days += _observed_days([date(year, 12, 25), date(year, 12, 26)])
    # Last, so that moved holidays replace those that the rules above gave.
    days = [MOVED_HOLIDAYS.get(day, day) for day in days]
    return frozenset(day for day in {*days, *ONE_OFF_HOLIDAYS} if day.year == year)


def _new_year(year: int, nation: Nation) -> list[date]:
    days = [date(year, 1, 1)]
    return _observed_days([*days, date(year, 1, 2)] if nation == "Scotland" else days)


def _observed_days(days: list[date]) -> list[date]:
    """The days on which holidays are observed: those at a weekend on the next free weekday.

    Saturday 25 and Sunday 26 December 2021 were observed on Monday 27 and Tuesday 28.
    """
    observed = [day for day in days if day.weekday() < SATURDAY]
    for day in days:
        if day.weekday() >= SATURDAY:
            while day.weekday() >= SATURDAY or day in observed:
                day += DAY
            observed.append(day)
    return observed


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + (MONDAY - first.weekday()) % 7 * DAY


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - (last.weekday() - MONDAY) % 7 * DAY


def easter_sunday(year: int) -> date:
    """Easter of a year of the Gregorian calendar (algorithm of Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    leaps, odd = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * odd + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
