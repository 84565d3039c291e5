"""The calendar of courses, read back by icalendar and recurring-ical-events, and by hand."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import recurring_ical_events

from tests.training.courses import COURSE, NOW, SLUG, details, published_course, session, uk
from waymark.training import services
from waymark.training.calendar_file import CalendarEntry, calendar_file
from waymark.training.queries import calendar_entries

pytestmark = pytest.mark.django_db


def page_of(slug: str) -> str:
    return f"https://library.example.org/training/{slug}/"


def feed(now: datetime = NOW + timedelta(days=1)) -> bytes:
    return calendar_file("Training", calendar_entries(now, page_of), site="Waymark")


def events(now: datetime = NOW + timedelta(days=1)) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(feed(now)).walk("VEVENT")


def test_a_session_is_read_back_at_its_hour_in_summer_and_in_winter():
    published_course()
    session("2026-06-10")
    session("2026-12-02")
    calendar = icalendar.Calendar.from_ical(feed())
    (summer,) = recurring_ical_events.of(calendar).at(date(2026, 6, 10))
    (winter,) = recurring_ical_events.of(calendar).at(date(2026, 12, 2))
    assert summer.start.astimezone(UTC) == datetime(2026, 6, 10, 8, 30, tzinfo=UTC)
    assert winter.start.astimezone(UTC) == datetime(2026, 12, 2, 9, 30, tzinfo=UTC)
    assert summer.end == uk("2026-06-10", "13:00")
    assert str(summer["SUMMARY"]) == "Reading a case review"
    assert "CPD hours: 3.5" in summer["DESCRIPTION"]
    assert "with commas, semicolons; and ŵ" in summer["DESCRIPTION"]
    assert str(summer["LOCATION"]) == "Town Hall, Far North"


def test_uid_stays_and_sequence_rises_with_each_change_that_calendars_show():
    published_course()
    row = session()
    (before,) = events()
    moved = details("2026-06-17")
    later = NOW + timedelta(days=2)
    services.change_session(by=None, slug=SLUG, number=row.pk, details=moved, now=later)
    (after,) = events(later)
    assert str(after["UID"]) == str(before["UID"]) == row.uid
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["LAST-MODIFIED"].dt == later.replace(microsecond=0)
    assert after.start == uk("2026-06-17", "09:30")


def test_the_same_session_saved_again_changes_nothing():
    published_course()
    row = session()
    before = feed()
    services.change_session(
        by=None, slug=SLUG, number=row.pk, details=details(), now=NOW + timedelta(days=2)
    )
    assert feed() == before


def test_a_new_title_of_the_course_reaches_sessions_to_come_alone():
    published_course()
    past, coming = session("2026-04-01"), session("2026-06-10")
    other = services.CourseDescription(
        title="Reading reviews", summary=COURSE.summary, provider=COURSE.provider
    )
    now = NOW + timedelta(days=60)
    services.change_course(by=None, slug=SLUG, description=other, now=now)
    sequences = {str(event["UID"]): event["SEQUENCE"] for event in events(now)}
    assert sequences == {past.uid: 0, coming.uid: 1}


def test_a_cancelled_session_stays_for_90_days_with_its_state_and_reason():
    published_course()
    row = session()
    cancelled = NOW + timedelta(days=5)
    services.cancel_session(
        by=None, slug=SLUG, number=row.pk, reason="The trainer is ill.", now=cancelled
    )
    (event,) = events(cancelled + timedelta(days=89))
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CANCELLED", 1)
    assert str(event["SUMMARY"]).startswith("Cancelled: ")
    assert "The trainer is ill." in event["DESCRIPTION"]
    assert str(event["TRANSP"]) == "TRANSPARENT"
    assert events(cancelled + timedelta(days=90)) == []


def test_withdrawing_a_course_cancels_its_sessions_to_come_in_calendars():
    published_course()
    session()
    now = NOW + timedelta(days=5)
    services.set_course_state(
        by=None, slug=SLUG, state="withdrawn", reason="It is given no more.", now=now
    )
    (event,) = events(now)
    assert str(event["STATUS"]) == "CANCELLED"


def test_a_past_session_stays_for_90_days_and_a_draft_is_in_no_calendar():
    published_course()
    session("2026-03-10")
    assert len(events(uk("2026-06-08", "12:00"))) == 1
    assert events(uk("2026-06-08", "13:00")) == []
    services.add_course(by=None, slug="draft", description=COURSE, now=NOW)
    session("2026-07-01", slug="draft")
    assert events(uk("2026-06-08", "13:00")) == []


def test_the_file_is_written_as_outlook_google_and_apple_read_it():
    """Checked line by line against RFC 5545, without a library."""
    published_course()
    session()
    content = feed()
    assert content.replace(b"\r\n", b"").count(b"\n") == 0  # CRLF alone ends lines
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    for line in content.split(b"\r\n"):
        line.decode()  # no fold cuts a character in two
    lines = content.replace(b"\r\n ", b"").decode().split("\r\n")
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Waymark//Training//EN"]
    assert "METHOD:PUBLISH" in lines
    assert "TZID:Europe/London" in lines
    assert "DTSTART;TZID=Europe/London:20260610T093000" in lines
    assert "DTEND;TZID=Europe/London:20260610T130000" in lines
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in lines
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in lines
    assert "LAST-MODIFIED:20260302T130000Z" in lines
    assert "DTSTAMP:20260302T130000Z" in lines
    assert lines.index("BEGIN:VTIMEZONE") < lines.index("BEGIN:VEVENT")
    inside = lines[lines.index("BEGIN:VEVENT") :]
    times = [line for line in inside if line.startswith(("DTSTART", "DTEND"))]
    assert all(";TZID=" in line for line in times)  # neither floating nor UTC
    assert any(r"with commas\, semicolons\; and" in line for line in lines)


def test_text_of_people_cannot_add_lines_to_the_calendar():
    entry = CalendarEntry(
        uid="1@example.org",
        sequence=0,
        created=NOW,
        changed=NOW,
        starts=NOW,
        ends=NOW + timedelta(hours=1),
        title="A\r\nATTACH:https://example.org/x",
        description="B\nC",
        where="D",
        url="https://example.org/",
    )
    lines = calendar_file("Training", [entry], site="Waymark").decode().split("\r\n")
    assert not any(line.startswith("ATTACH") for line in lines)
    assert "DESCRIPTION:B\\nC" in lines
