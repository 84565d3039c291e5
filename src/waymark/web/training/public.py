"""Public pages of the training: the list, one course, and the calendars that people follow."""

from collections.abc import Sequence
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.core.errors import NotFound
from waymark.core.uk_time import uk_date
from waymark.library.queries.topics import topic_counts
from waymark.training import queries
from waymark.training.calendar_file import MEDIA_TYPE, CalendarEntry, calendar_file
from waymark.training.models import Course, CourseState
from waymark.web.middleware.tombstones import withdrawn_page

EDIT = "edit training"


@require_safe
def training(request: HttpRequest) -> HttpResponse:
    """Courses with sessions to come, the next one first."""
    return render(
        request,
        "training/list.html",
        {
            "courses": queries.courses_to_come(request.user, timezone.now()),
            "webcal": _webcal(request, reverse("training-calendar")),
            "may_edit": has_permission(request.user, EDIT),
        },
    )


def _webcal(request: HttpRequest, address: str) -> str:
    """The address of a calendar that programs offer to follow."""
    return f"webcal://{request.get_host()}{address}"


@require_safe
def course_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One course with all its sessions; it stays when they are over."""
    try:
        course = queries.visible_course(slug, request.user)
    except NotFound:
        return _gone(request, slug)
    now = timezone.now()
    sessions = queries.sessions_of(course)
    topics = topic_counts(request.user, now) if course.topics else ()
    return render(
        request,
        "training/course.html",
        {
            "course": course,
            "to_come": [row for row in sessions if not row.is_over(now)],
            "past": [row for row in reversed(sessions) if row.is_over(now)],
            "topics": [row for row in topics if row.key in course.topics],
            "webcal": _webcal(request, reverse("course-calendar", args=[slug])),
            "is_draft": course.state == CourseState.DRAFT,
            "may_edit": has_permission(request.user, EDIT),
        },
    )


def _gone(request: HttpRequest, slug: str) -> HttpResponse:
    """Tombstone of a withdrawn course. Raises NotFound if there was none."""
    row = queries.withdrawn_course(slug)
    if row is None:
        raise NotFound(f"there is no course {slug}")
    return withdrawn_page(request, "Course", uk_date(row.changed_at))


# ---- calendars ----


@require_safe
def training_calendar(request: HttpRequest) -> HttpResponse:
    """The calendar of all courses."""
    entries = _entries(request)
    return _calendar_answer(request, f"{settings.SITE_NAME}: training", entries, "training")


@require_safe
def course_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The calendar of one course; also of a withdrawn one, whose cancellations it tells."""
    course = queries.withdrawn_course(slug) or queries.visible_course(slug, request.user)
    return _calendar_answer(request, course.title, _entries(request, course), slug)


def _entries(request: HttpRequest, course: Course | None = None) -> list[CalendarEntry]:
    def page_of(slug: str) -> str:
        return request.build_absolute_uri(reverse("course", args=[slug]))

    return queries.calendar_entries(timezone.now(), page_of, course)


def _calendar_answer(
    request: HttpRequest, name: str, entries: Sequence[CalendarEntry], file: str
) -> HttpResponse:
    """A calendar, or 304 if the reader has it. No cache keeps it without asking again."""
    content = calendar_file(name, entries, site=settings.SITE_NAME)
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    known = get_conditional_response(request, etag=etag)
    answer = known if known is not None else HttpResponse(content, content_type=MEDIA_TYPE)
    answer["ETag"] = etag
    if not request.user.is_authenticated:
        answer["Cache-Control"] = "no-cache"
    if entries:
        answer["Last-Modified"] = http_date(max(row.changed for row in entries).timestamp())
    answer["Content-Disposition"] = f'inline; filename="{file}.ics"'
    return answer
