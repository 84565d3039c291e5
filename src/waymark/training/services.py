"""Services that add, change, publish, withdraw and cancel courses and their sessions.

A change that calendars show raises SEQUENCE of the sessions it concerns.
"""

import re
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from waymark.accounts import audit, removals
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError, require_found
from waymark.training.models import Course, CourseSession, CourseState

EDIT = "edit training"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHOWN_IN_CALENDARS = frozenset({"title", "summary", "provider", "price", "cpd_hours"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseDescription:
    """What people enter about a course: see Course."""

    title: str
    summary: str
    provider: str
    provider_address: str = ""
    outcomes: str = ""
    audience: str = ""
    cpd_hours: Decimal | None = None
    price: Decimal | None = None
    details: str = ""
    topics: tuple[str, ...] = ()
    content_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDetails:
    """What people enter about a session: see CourseSession."""

    starts_at: datetime
    ends_at: datetime
    part: str = ""
    place: str = ""
    online: bool = False
    places: int | None = None
    booking_link: str = ""


@audit.serialized
def add_course(*, by: Actor, slug: str, description: CourseDescription, now: datetime) -> Course:
    """Add a draft. Raises NotPermitted, RuleError."""
    require_permission(by, EDIT)
    if not _SLUG.fullmatch(slug) or len(slug) > 60:
        raise RuleError(
            f"{slug[:60]!r} is no web address name: use at most 60 lower-case letters, digits and"
            " hyphens"
        )
    if Course.objects.filter(slug=slug).exists():
        raise RuleError(f"there is already a course {slug}: choose another web address name")
    course = Course.objects.create(
        slug=slug, created_at=now, changed_at=now, **_course_values(description)
    )
    audit.record_about(by, "add course", course, now)
    return course


@audit.serialized
def change_course(*, by: Actor, slug: str, description: CourseDescription, now: datetime) -> Course:
    """Change a course. Raises NotPermitted, NotFound, RuleError."""
    require_permission(by, EDIT)
    course = _locked_course(slug)
    values = _course_values(description)
    changed = {name: value for name, value in values.items() if getattr(course, name) != value}
    if not changed:
        return course
    for name, value in changed.items():
        setattr(course, name, value)
    course.changed_at = now
    course.save(update_fields=[*changed, "changed_at"])
    if SHOWN_IN_CALENDARS & set(changed):
        for session in course.sessions.filter(ends_at__gt=now, cancelled_at=None):
            _raise_sequence(session, now)
    audit.record_about(by, "change course", course, now, changed=sorted(changed))
    return course


def _course_values(description: CourseDescription) -> dict[str, object]:
    """Values of the columns. Raises RuleError."""
    values: dict[str, object] = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in asdict(description).items()
    }
    values["topics"] = list(description.topics)
    for name in ("title", "summary", "provider"):
        if not values[name]:
            raise RuleError(f"enter the {name} of the course")
    for name in ("cpd_hours", "price"):
        number = getattr(description, name)
        if number is not None and number < 0:
            raise RuleError(f"{name.replace('_', ' ')} cannot be negative")
    _check_link(description.provider_address)
    return values


def _check_link(address: str) -> None:
    if address and not address.startswith(("https://", "http://")):
        raise RuleError("a web address begins with https://")


def _locked_course(slug: str) -> Course:
    row = Course.objects.select_for_update(of=("self",)).filter(slug=slug).first()
    return require_found(row, f"there is no course {slug}")


@audit.serialized
def set_course_state(
    *, by: Actor, slug: str, state: str, reason: str = "", now: datetime
) -> Course:
    """Publish a course, or withdraw it: its sessions to come are then cancelled.

    Raises NotPermitted, NotFound, RuleError without a reason to withdraw.
    """
    require_permission(by, EDIT)
    course = _locked_course(slug)
    if course.state == state:
        return course
    if state not in {CourseState.PUBLISHED, CourseState.WITHDRAWN}:
        raise RuleError("a course that was published cannot become a draft: withdraw it")
    if state == CourseState.WITHDRAWN:
        if not reason.strip():
            raise RuleError("give a reason for withdrawing the course")
        for session in course.sessions.filter(ends_at__gt=now, cancelled_at=None):
            _cancel(session, reason, now)
    elif course.published_at is None:
        course.published_at = now
    course.state, course.changed_at = state, now
    course.save(update_fields=["state", "changed_at", "published_at"])
    removals.note_withdrawal(
        subject=course.audit_subject(), withdrawn=state == CourseState.WITHDRAWN, now=now
    )
    audit.record_about(by, f"set course to {state}", course, now, reason=reason)
    return course


# ---- sessions ----


@audit.serialized
def add_session(*, by: Actor, slug: str, details: SessionDetails, now: datetime) -> CourseSession:
    """Add a session to a course. Raises NotPermitted, NotFound, RuleError."""
    require_permission(by, EDIT)
    course = _locked_course(slug)
    if course.state == CourseState.WITHDRAWN:
        raise RuleError("the course is withdrawn: publish it again before you add a session")
    values = _session_values(details)
    if details.ends_at <= now:
        raise RuleError("the session is over already: enter a date to come")
    session = CourseSession.objects.create(
        course=course,
        uid=f"{uuid.uuid4()}@{settings.REPOSITORY}",
        created_at=now,
        changed_at=now,
        **values,
    )
    audit.record_about(by, "add session", course, now, uid=session.uid)
    return session


@audit.serialized
def change_session(
    *, by: Actor, slug: str, number: int, details: SessionDetails, now: datetime
) -> CourseSession:
    """Change a session that is not cancelled. Raises NotPermitted, NotFound, RuleError."""
    require_permission(by, EDIT)
    session = _locked_session(slug, number)
    if session.cancelled_at is not None:
        raise RuleError("the session is cancelled: add another one")
    values = _session_values(details)
    changed = {name: value for name, value in values.items() if getattr(session, name) != value}
    if not changed:
        return session
    for name, value in changed.items():
        setattr(session, name, value)
    session.save(update_fields=list(changed))
    _raise_sequence(session, now)
    audit.record_about(
        by, "change session", session.course, now, uid=session.uid, changed=sorted(changed)
    )
    return session


@audit.serialized
def cancel_session(
    *, by: Actor, slug: str, number: int, reason: str, now: datetime
) -> CourseSession:
    """Cancel a session; calendars are told so for 90 days.

    Raises NotPermitted, NotFound, RuleError without a reason.
    """
    require_permission(by, EDIT)
    session = _locked_session(slug, number)
    if session.cancelled_at is not None:
        return session
    if not reason.strip():
        raise RuleError("give a reason: people who follow the calendar read it")
    if session.is_over(now):
        raise RuleError("the session is over: it cannot be cancelled")
    _cancel(session, reason, now)
    audit.record_about(by, "cancel session", session.course, now, uid=session.uid, reason=reason)
    return session


def _cancel(session: CourseSession, reason: str, now: datetime) -> None:
    session.cancelled_at, session.cancellation = now, reason.strip()[:300]
    session.save(update_fields=["cancelled_at", "cancellation"])
    removals.note_withdrawal(subject=f"session {session.uid}", withdrawn=True, now=now)
    _raise_sequence(session, now)


def _raise_sequence(session: CourseSession, now: datetime) -> None:
    session.sequence += 1
    session.changed_at = now
    session.save(update_fields=["sequence", "changed_at"])


def _locked_session(slug: str, number: int) -> CourseSession:
    rows = CourseSession.objects.select_for_update(of=("self",)).select_related("course")
    row = rows.filter(course__slug=slug, pk=number).first()
    return require_found(row, f"the course {slug} has no such session")


def _session_values(details: SessionDetails) -> dict[str, object]:
    if details.ends_at <= details.starts_at:
        raise RuleError("the session must end after it starts")
    if not details.place.strip() and not details.online:
        raise RuleError("enter a place, or say that the session is online")
    _check_link(details.booking_link)
    return {
        name: value.strip() if isinstance(value, str) else value
        for name, value in asdict(details).items()
    }
