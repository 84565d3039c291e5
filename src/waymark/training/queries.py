"""Courses that a person may see, their sessions, and the entries of calendars."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from waymark.accounts.permissions import Actor, has_permission, require_permission
from waymark.core.errors import require_found
from waymark.training.calendar_file import CalendarEntry
from waymark.training.models import Course, CourseSession, CourseState

STAFF = "see unpublished reports"
EDIT = "edit training"
KEPT = timedelta(days=90)
"""How long calendars keep a session after it was cancelled or is over."""


def visible_courses(person: Actor) -> QuerySet[Course]:
    """Published courses, past ones too; drafts too for staff."""
    rows = Course.objects.exclude(state=CourseState.WITHDRAWN)
    return rows if has_permission(person, STAFF) else rows.filter(state=CourseState.PUBLISHED)


def visible_course(slug: str, person: Actor) -> Course:
    """A course. Raises NotFound, also for a draft that the person may not see."""
    return require_found(
        visible_courses(person).filter(slug=slug).first(), f"there is no course {slug}"
    )


def withdrawn_course(slug: str) -> Course | None:
    """A course that was published and withdrawn since."""
    rows = Course.objects.filter(slug=slug, state=CourseState.WITHDRAWN)
    return rows.exclude(published_at=None).first()


@dataclass(frozen=True, slots=True)
class ListedCourse:
    """Course of a list with its sessions to come, the next one first."""

    course: Course
    sessions: tuple[CourseSession, ...]


def courses_to_come(person: Actor, now: datetime, topic: str = "") -> list[ListedCourse]:
    """Courses with a session to come, by the next one; then those that have no session yet.

    Courses whose sessions are all over are on no list. topic: only courses that carry it.
    """
    rows: dict[int, list[CourseSession]] = {}
    sessions = CourseSession.objects.filter(ends_at__gt=now, cancelled_at=None)
    for session in sessions.order_by("starts_at", "pk"):
        rows.setdefault(session.course_id, []).append(session)
    courses = [
        row
        for row in visible_courses(person).annotate(number_of_sessions=Count("sessions"))
        if (not topic or topic in row.topics) and (row.pk in rows or not row.number_of_sessions)
    ]
    listed = [ListedCourse(row, tuple(rows.get(row.pk, ()))) for row in courses]
    return sorted(
        listed, key=lambda row: (not row.sessions, row.sessions and row.sessions[0].starts_at)
    )


def sessions_of(course: Course) -> list[CourseSession]:
    """All sessions of a course, past and cancelled ones too."""
    return list(course.sessions.all())


# ---- staff ----


def edited_courses(person: Actor, now: datetime) -> QuerySet[Course]:
    """All courses, with the time of their next session. Raises NotPermitted."""
    require_permission(person, EDIT)
    to_come = Q(sessions__ends_at__gt=now, sessions__cancelled_at=None)
    return Course.objects.annotate(next_session=Min("sessions__starts_at", filter=to_come))


def edited_course(slug: str, person: Actor) -> Course:
    """A course in any state. Raises NotPermitted, NotFound."""
    require_permission(person, EDIT)
    return require_found(Course.objects.filter(slug=slug).first(), f"there is no course {slug}")


def edited_session(slug: str, number: int, person: Actor) -> CourseSession:
    """A session of a course. Raises NotPermitted, NotFound."""
    require_permission(person, EDIT)
    rows = CourseSession.objects.filter(course__slug=slug, pk=number).select_related("course")
    return require_found(rows.first(), f"the course {slug} has no such session")


# ---- calendars ----


def calendar_entries(
    now: datetime, page_of: Callable[[str], str], course: Course | None = None
) -> list[CalendarEntry]:
    """Entries of the public calendar, or of one course.

    Sessions stay for 90 days after they are over, cancelled ones for 90 days after that. page_of:
    address of the page of a course by its slug.
    """
    since = now - KEPT
    rows = CourseSession.objects.exclude(course__published_at=None).select_related("course")
    if course is not None:
        rows = rows.filter(course=course)
    rows = rows.filter(Q(cancelled_at=None, ends_at__gt=since) | Q(cancelled_at__gt=since))
    return [calendar_entry(row, page_of) for row in rows.order_by("starts_at", "pk")]


def calendar_entry(session: CourseSession, page_of: Callable[[str], str]) -> CalendarEntry:
    """A session as calendars show it."""
    course = session.course
    url = page_of(course.slug)
    return CalendarEntry(
        uid=session.uid,
        sequence=session.sequence,
        created=session.created_at,
        changed=session.changed_at,
        starts=session.starts_at,
        ends=session.ends_at,
        title=f"{course.title} ({session.part})" if session.part else course.title,
        description="\n".join(_description(session, url)),
        where=session.where,
        url=url,
        cancelled=session.cancelled_at is not None,
    )


def _description(session: CourseSession, url: str) -> list[str]:
    course = session.course
    lines = [f"Cancelled: {session.cancellation}"] if session.cancelled_at else []
    lines += [course.summary, f"Provider: {course.provider}", f"Price: {course.price_in_words}"]
    if course.cpd_hours is not None:
        lines.append(f"CPD hours: {course.cpd_hours.normalize():f}")
    if session.booking_link and not session.cancelled_at:
        lines.append(f"Book: {session.booking_link}")
    return [*lines, f"Details: {url}"]


def record_key(slug: str) -> str:
    """Key of the record of a course in the library."""
    return f"training-{slug}"


def course_of_record(key: str, address: str, person: Actor) -> Course | None:
    """The course that a record of the library is of. address: as the record has it."""
    slug = key.removeprefix("training-")
    if slug == key or not address.endswith(f"/training/{slug}/"):
        return None
    return visible_courses(person).filter(slug=slug).first()
