"""An invented course and its sessions, for the tests."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from waymark.core.uk_time import UK_TIME
from waymark.training.models import Course, CourseSession
from waymark.training.services import (
    CourseDescription,
    SessionDetails,
    add_course,
    add_session,
    set_course_state,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SLUG = "reading-a-review"
COURSE = CourseDescription(
    title="Reading a case review",
    summary="How to read a review; with commas, semicolons; and ŵ, as long lines must be folded.",
    provider="Far North Partnership",
    cpd_hours=Decimal("3.5"),
    price=Decimal(45),
)


def uk(day: str, at: str) -> datetime:
    """A moment in UK time."""
    return datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=UK_TIME)


def details(day: str = "2026-06-10", **changes: object) -> SessionDetails:
    """A session from 9:30 to 13:00 of a day."""
    values = {
        "starts_at": uk(day, "09:30"),
        "ends_at": uk(day, "13:00"),
        "place": "Town Hall, Far North",
        "booking_link": "https://example.org/book",
        **changes,
    }
    return SessionDetails(**values)


def published_course(slug: str = SLUG) -> Course:
    """The course, published at noon of 2 March 2026."""
    add_course(by=None, slug=slug, description=COURSE, now=NOW)
    return set_course_state(by=None, slug=slug, state="published", now=NOW)


def session(day: str = "2026-06-10", slug: str = SLUG, **changes: object) -> CourseSession:
    """A session of it, added an hour later."""
    now = NOW + timedelta(hours=1)
    return add_session(by=None, slug=slug, details=details(day, **changes), now=now)
