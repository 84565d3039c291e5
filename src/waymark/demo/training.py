"""Courses of the demo, by the same services as real ones: one is moved, one cancelled."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone

from waymark.accounts.models import User
from waymark.core.uk_time import UK_TIME
from waymark.core.yaml_file import load_yaml
from waymark.training.models import Course, CourseState
from waymark.training.services import (
    CourseDescription,
    SessionDetails,
    add_course,
    add_session,
    cancel_session,
    change_session,
    set_course_state,
)

Entry = dict[str, Any]
ONLINE = "online"


def publish_courses(place: Path, by: User) -> None:
    """Add and publish the courses of the file that are not there yet."""
    values, _ = load_yaml(
        (place / "services" / "courses.yaml").read_text("utf-8"), file="courses.yaml"
    )
    for entry in values["courses"]:
        course = Course.objects.filter(slug=entry["key"]).first() or add_course(
            by=by, slug=entry["key"], description=_description(entry), now=timezone.now()
        )
        if course.state == CourseState.DRAFT:
            if not course.sessions.exists():
                for session in entry["sessions"]:
                    _add_days(entry, session, by)
            set_course_state(
                by=by, slug=course.slug, state=CourseState.PUBLISHED, now=timezone.now()
            )


def _description(entry: Entry) -> CourseDescription:
    return CourseDescription(
        title=entry["title"],
        summary=entry["opting_out"],
        outcomes="\n".join(entry["outcomes"]),
        audience=entry["audience"],
        provider=entry["provider"],
        cpd_hours=Decimal(entry["hours"]),
        details="\n\n".join(_details_of(entry)),
        content_note=entry["content_note"],
    )


def _details_of(entry: Entry) -> Iterator[str]:
    """Paragraphs about preparation, exercise, assessment and what follows."""
    for row in entry["preparation"]:
        place = (
            f"{row['review']}, paragraph {row['paragraph']}"
            if "paragraph" in row
            else row["review"]
        )
        yield f"To prepare ({place}): {row['text']}"
    exercise = entry["exercise"]
    yield f"Exercise ({exercise['review']}, paragraph {exercise['paragraph']}): {exercise['text']}"
    yield f"Assessment: {entry['assessment']}"
    if "follow_up" in entry:
        after = entry["follow_up"]
        criteria = " ".join(after["criteria"])
        yield f"After {after['after_weeks']} weeks: {after['text']} The criteria: {criteria}"


def _add_days(entry: Entry, session: Entry, by: User) -> None:
    """A session for each day; one that is over by now is left out."""
    days = session["days"]
    for number, day in enumerate(days, start=1):
        part = f"Part {number} of {len(days)}" if len(days) > 1 else ""
        planned = _details(entry, day, session.get("moved_from", day["on"]), part)
        final = _details(entry, day, day["on"], part)
        if min(planned.ends_at, final.ends_at) <= timezone.now():
            continue
        row = add_session(by=by, slug=entry["key"], details=planned, now=timezone.now())
        place = {"by": by, "slug": entry["key"], "number": row.pk, "now": timezone.now()}
        if session["status"] == "moved":
            change_session(**place, details=final)
        if session["status"] == "cancelled":
            cancel_session(**place, reason=session["reason"])


def _details(entry: Entry, day: Entry, on: date, part: str) -> SessionDetails:
    online = entry["where"] == ONLINE
    return SessionDetails(
        starts_at=datetime.combine(on, time.fromisoformat(day["starts"]), UK_TIME),
        ends_at=datetime.combine(on, time.fromisoformat(day["ends"]), UK_TIME),
        part=part,
        place="" if online else entry["where"].removeprefix("in person, "),
        online=online,
        places=entry["places"],
    )
