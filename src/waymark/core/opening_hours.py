"""Opening hours of a desk: due times, and time that passed while it was open (no Django).

Days and hours are those of the UK. Bank holidays of a nation, and days on which the desk is closed
for another reason, have no hours.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from waymark.core.uk_time import UK_TIME, uk_date
from waymark.core.wording import list_in_words

NATIONS = {"ENG": "England", "NIR": "Northern Ireland", "SCT": "Scotland", "WLS": "Wales"}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY = timedelta(days=1)
FURTHEST = 800
"""Days after which the search for an opening day ends: a desk that is closed for two years."""
LONGEST_CLOSURE = 400
_CLOCK = r"(\d{1,2}:\d{2})"
_HOURS = re.compile(rf"([A-Z][a-z]{{2}})(?:-([A-Z][a-z]{{2}}))? {_CLOCK}-{_CLOCK}")


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Opening hours. weekly: day of the week, 0 for Monday -> opening and closing time.

    nation: a key of NATIONS, whose bank holidays are kept. closed: further days without hours.
    """

    weekly: Mapping[int, tuple[time, time]]
    nation: str = "ENG"
    closed: frozenset[date] = frozenset()

    def hours_on(self, day: date) -> tuple[datetime, datetime] | None:
        """Opening and closing moment of a day; None if the desk is closed all day."""
        hours = self.weekly.get(day.weekday())
        if hours is None or day in self.closed or day in _bank_holidays(self.nation, day.year):
            return None
        opens, closes = hours
        return (
            datetime.combine(day, opens, tzinfo=UK_TIME),
            datetime.combine(day, closes, tzinfo=UK_TIME),
        )

    def due(self, received: datetime, days: int) -> datetime:
        """When an answer is due that takes so many working days.

        Time counts from the next opening. Example, open from Monday to Friday from 9:00 to 17:00,
        with two days: received on a Friday at 16:30, due on Tuesday at 16:30; received on that
        Friday at 18:00, due on Wednesday at 9:00, because Monday at 9:00 is when we see it.
        """
        opening = self._open_days(uk_date(received))
        begin = received.astimezone(UK_TIME)
        for opens, closes in opening:
            if begin < closes:
                begin = max(begin, opens)
                break
        for _ in range(days):
            opens, closes = next(opening, (begin, begin))
            # The clock time of another day, within its hours.
            begin = min(max(datetime.combine(uk_date(opens), begin.timetz()), opens), closes)
        return begin

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Minutes between two moments in which the desk was open."""
        seconds, day = 0.0, uk_date(start)
        while day <= uk_date(end):
            if hours := self.hours_on(day):
                opens, closes = hours
                seconds += max(0.0, (min(end, closes) - max(start, opens)).total_seconds())
            day += DAY
        return round(seconds / 60)

    def _open_days(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        for number in range(FURTHEST):
            if hours := self.hours_on(first + number * DAY):
                yield hours

    def in_words(self) -> str:
        """The hours of a week: "Monday to Thursday, 9am to 5pm; Friday, 9am to 4:30pm"."""
        parts: list[tuple[list[int], tuple[time, time]]] = []
        for day, hours in sorted(self.weekly.items()):
            if parts and parts[-1][1] == hours and parts[-1][0][-1] == day - 1:
                parts[-1][0].append(day)
            else:
                parts.append(([day], hours))
        return "; ".join(f"{_days_in_words(days)}, {_hours_in_words(*of)}" for days, of in parts)


def _days_in_words(days: list[int]) -> str:
    if len(days) > 2:
        return f"{NAMES[days[0]]} to {NAMES[days[-1]]}"
    return list_in_words([NAMES[day] for day in days])


def _hours_in_words(opens: time, closes: time) -> str:
    return f"{_clock_in_words(opens)} to {_clock_in_words(closes)}"


def _clock_in_words(clock: time) -> str:
    minutes = f":{clock:%M}" if clock.minute else ""
    return f"{clock.hour % 12 or 12}{minutes}{'am' if clock.hour < 12 else 'pm'}"


@cache
def _bank_holidays(nation: str, year: int) -> frozenset[date]:
    # Imported when a day is asked for: the package has the calendars of many countries.
    from holidays import country_holidays

    return frozenset(country_holidays("GB", subdiv=nation, years=year))


def opening_hours(hours: str, nation: str, closed: str = "") -> OpeningHours:
    """Opening hours from settings. Raises ValueError with what is wrong.

    hours: "Mon-Thu 09:00-17:00, Fri 09:00-16:30". closed: days and ranges of days,
    "2026-12-24..2027-01-02, 2027-03-17".
    """
    if nation not in NATIONS:
        raise ValueError(f"{nation!r} is none of {', '.join(NATIONS)}")
    weekly: dict[int, tuple[time, time]] = {}
    for part in _parts(hours):
        days, times = _weekly_part(part)
        weekly |= dict.fromkeys(days, times)
    if not weekly:
        raise ValueError("there are no hours")
    days_off = frozenset(day for part in _parts(closed) for day in _days_of(part))
    return OpeningHours(weekly, nation, days_off)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _weekly_part(part: str) -> tuple[range, tuple[time, time]]:
    match = _HOURS.fullmatch(part)
    if match is None or not {match[1], match[2] or match[1]} <= set(DAYS):
        raise ValueError(f"{part!r} is not like Mon-Fri 09:00-17:00")
    first, last = DAYS.index(match[1]), DAYS.index(match[2] or match[1])
    opens, closes = (time.fromisoformat(text.zfill(5)) for text in (match[3], match[4]))
    if first > last or opens >= closes:
        raise ValueError(f"{part!r} ends before it begins")
    return range(first, last + 1), (opens, closes)


def _days_of(part: str) -> list[date]:
    first, _, last = part.partition("..")
    begin = date.fromisoformat(first)
    end = date.fromisoformat(last or first)
    if not 0 <= (end - begin).days <= LONGEST_CLOSURE:
        raise ValueError(f"{part!r} ends before it begins, or is longer than a year")
    return [begin + number * DAY for number in range((end - begin).days + 1)]
