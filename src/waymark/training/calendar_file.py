"""Sessions as an iCalendar file (RFC 5545) that calendar programs follow. Pure.

What programs misread, and what is done about it: Outlook shows UTC unless times name a TZID that is
defined in the file; floating times shift with the reader; Google and Apple take over a change only
if SEQUENCE rises and UID stays; a session that vanishes stays in calendars, so a cancelled one is
kept with STATUS:CANCELLED.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from waymark.core.extras import LaterModule
from waymark.core.uk_time import UK_TIME

if TYPE_CHECKING:
    import icalendar
else:
    icalendar = LaterModule("icalendar")

LONDON = "Europe/London"
MEDIA_TYPE = "text/calendar; charset=utf-8"
REFRESH = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """A session as a calendar shows it. url: of the page of the course."""

    uid: str
    sequence: int
    created: datetime
    changed: datetime
    starts: datetime
    ends: datetime
    title: str
    description: str
    where: str
    url: str
    cancelled: bool = False


def calendar_file(name: str, entries: Iterable[CalendarEntry], *, site: str) -> bytes:
    """All entries as one calendar. Its bytes depend on the entries alone. site: name of this site.

    Lines end with CRLF and are folded at 75 bytes.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//{site}//Training//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", LONDON)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    calendar.add_component(_london())
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", entry.uid)
    # Of the last change and not of this request: the same calendar must have the same bytes.
    event.add("dtstamp", entry.changed.astimezone(UTC).replace(microsecond=0))
    event.add("created", entry.created.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", entry.changed.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.starts.astimezone(UK_TIME))
    event.add("dtend", entry.ends.astimezone(UK_TIME))
    title = f"Cancelled: {entry.title}" if entry.cancelled else entry.title
    event.add("summary", title)
    event.add("description", entry.description)
    event.add("location", entry.where)
    event.add("url", entry.url)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    # A cancelled session leaves its time free.
    event.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    return event


def _london() -> icalendar.Timezone:
    """Rules of the time in the UK since 1996, as calendar programs expect them."""
    zone = icalendar.Timezone()
    zone.add("tzid", LONDON)
    zone.add("x-lic-location", LONDON)
    summer, winter = icalendar.TimezoneDaylight(), icalendar.TimezoneStandard()
    none, hour = timedelta(0), timedelta(hours=1)
    for part, label, month, before, after, first in (
        (summer, "BST", 3, none, hour, datetime(1996, 3, 31, 1)),  # noqa: DTZ001
        (winter, "GMT", 10, hour, none, datetime(1996, 10, 27, 2)),  # noqa: DTZ001
    ):
        # The beginning of a rule is local time without a zone: RFC 5545, 3.6.5.
        part.add("dtstart", first)
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        part.add("tzname", label)
        part.add("rrule", icalendar.vRecur(freq="YEARLY", bymonth=month, byday="-1SU"))
        zone.add_component(part)
    return zone
