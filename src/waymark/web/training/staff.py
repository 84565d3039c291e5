"""Staff pages of the training: courses and sessions, added, changed, cancelled."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark.accounts.permissions import require_permission
from waymark.core.errors import RuleError
from waymark.core.uk_time import UK_TIME, uk_date
from waymark.pipeline.library.service_records import update_service_records
from waymark.training import queries, services
from waymark.training.models import Course, CourseSession, CourseState
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.fields import (
    CheckField,
    DateField,
    LinesField,
    NumberField,
    ReasonField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList, column_filter

EDIT = "edit training"
CHANGE = ["GET", "HEAD", "POST"]
COURSES = StaffList(
    "course",
    "courses",
    search=("title", "provider", "slug"),
    columns=(
        ListColumn("Course", "title", ("title",)),
        ListColumn("Provider", "provider", ("provider",)),
        ListColumn("State", "state", ("state",)),
        ListColumn("Next session", "next", ("next_session",), falling=True),
    ),
    order="title",
)
COURSE_FIELDS = (
    *("title", "summary", "outcomes", "audience", "provider", "provider_address"),
    *("cpd_hours", "price", "details", "topics", "content_note"),
)


@require_safe
def course_list(request: HttpRequest) -> HttpResponse:
    """All courses."""
    rows = queries.edited_courses(request.user, timezone.now())
    states = column_filter("state", "State", Course.objects.all(), dict(CourseState.choices))
    context = {"list": COURSES.view(request, rows, states)}
    return render(request, "training/staff_list.html", context)


class PriceField(TextField):
    """A price in pounds, as Decimal; None for an empty field."""

    def clean(self, value: Any) -> Decimal | None:
        """The price. Raises ValidationError."""
        text = str(super().clean(value)).removeprefix("£").replace(",", "")
        if not text:
            return None
        if not re.fullmatch(r"\d{1,5}(\.\d{2})?", text, re.ASCII):
            raise forms.ValidationError("Price must be an amount in pounds, such as 45 or 45.50.")
        return Decimal(text)


class CourseForm(SiteForm):
    """A course. course: None for a new one."""

    slug = TextField(
        "Web address name",
        missing="Enter a web address name.",
        hint="Lower-case letters, digits and hyphens. You cannot change it later.",
        most=60,
    )
    title = TextField("Title", missing="Enter a title.", most=200)
    summary = TextAreaField("Summary", missing="Enter a summary.", rows=3, most=500)
    outcomes = TextAreaField(
        "What people can do afterwards", hint="One on each line.", rows=4, most=3_000
    )
    audience = TextField("For whom")
    provider = TextField("Provider", missing="Enter who provides the course.", most=200)
    provider_address = TextField("Web address of the provider", most=1_000)
    cpd_hours = NumberField("CPD hours")
    price = PriceField(
        "Price in pounds", hint="For each person. 0 if it is free; empty if the provider says."
    )
    details = TextAreaField(
        "Preparation, exercises, assessment and what follows",
        hint="An empty line begins a paragraph.",
        rows=6,
        most=5_000,
    )
    topics = LinesField(
        "Topics", hint="Web address names of topics, one on each line.", rows=3, items=12
    )
    content_note = TextField("Content note", hint="What in it may distress.")

    def __init__(self, course: Course | None = None, **options: Any) -> None:
        values = {name: getattr(course, name) for name in COURSE_FIELDS} if course else {}
        if course and course.price is not None:
            values["price"] = course.price_in_words.removeprefix("£").replace("Free", "0")
        super().__init__(initial=values, **options)
        if course:
            del self.fields["slug"]

    @property
    def description(self) -> services.CourseDescription:
        """The course as it was entered."""
        return services.CourseDescription(
            **{name: self.cleaned_data[name] for name in COURSE_FIELDS}
        )


@require_http_methods(CHANGE)
def add_course(request: HttpRequest) -> HttpResponse:
    """Add a course as a draft."""
    require_permission(request.user, EDIT)
    form = CourseForm.of(request)
    if request.method == "POST" and form.is_valid():
        try:
            course = services.add_course(
                by=request.user,
                slug=form.cleaned_data["slug"],
                description=form.description,
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Course added as a draft. Add its sessions, then publish it.")
            return redirect("edit-course", course.slug)
    return render(request, "training/edit.html", {"form": form}, status=form.http_status)


@require_http_methods(CHANGE)
def edit_course(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a course; its sessions, publication and withdrawal."""
    course = queries.edited_course(slug, request.user)
    form = CourseForm.of(request, course)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_course(
                by=request.user, slug=slug, description=form.description, now=timezone.now()
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Course saved.")
            return redirect("edit-course", slug)
    context = {
        "form": form,
        "course": course,
        "sessions": queries.sessions_of(course),
        "now": timezone.now(),
    }
    return render(request, "training/edit.html", context, status=form.http_status)


@require_POST
def course_state(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish a course or withdraw it."""
    require_permission(request.user, EDIT)
    state, reason = request.POST.get("state", ""), clean_line(request.POST.get("reason", ""))
    try:
        services.set_course_state(
            by=request.user, slug=slug, state=state, reason=reason[:300], now=timezone.now()
        )
    except RuleError as error:
        messages.error(request, f"Nothing was changed: {error}.")
    else:
        # At once, not with the next round of the worker: a withdrawal must not wait for it.
        update_service_records(now=timezone.now())
        messages.success(request, f"The course is {state}.")
    return redirect("edit-course", slug)


# ---- sessions ----


class TimeField(TextField):
    """A time of the day in the UK, such as 14:30."""

    def clean(self, value: Any) -> time:
        """The time. Raises ValidationError."""
        text = str(super().clean(value)).replace(".", ":")
        match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text, re.ASCII)
        if not match:
            raise forms.ValidationError(f"{self.subject} must be a time, such as 14:30.")
        return time(int(match[1]), int(match[2]))


class SessionForm(SiteForm):
    """A session on one day."""

    day = DateField("Day", missing="Enter the day.")
    starts = TimeField("Starts", missing="Enter when it starts, such as 14:30.", most=5)
    ends = TimeField("Ends", missing="Enter when it ends, such as 16:00.", most=5)
    part = TextField("Part", hint="Such as Part 1 of 2.", most=60)
    place = TextField("Place")
    online = CheckField("Online")
    places = NumberField("Number of places")
    booking_link = TextField("Booking link", most=1_000)

    def __init__(self, session: CourseSession | None = None, **options: Any) -> None:
        super().__init__(initial=_session_values(session) if session else {}, **options)

    def clean(self) -> dict[str, Any]:
        """Both times must exist: an hour is skipped when summer time begins."""
        values = self.cleaned_data
        for name in ("starts", "ends"):
            if values.get("day") and values.get(name) and not _exists(values["day"], values[name]):
                self.add_error(name, "This time does not exist: the clocks go forward.")
        return values

    @property
    def details(self) -> services.SessionDetails:
        """The session as it was entered."""
        values = self.cleaned_data
        places = values["places"]
        return services.SessionDetails(
            starts_at=datetime.combine(values["day"], values["starts"], UK_TIME),
            ends_at=datetime.combine(values["day"], values["ends"], UK_TIME),
            places=int(places) if places is not None else None,
            **{name: values[name] for name in ("part", "place", "online", "booking_link")},
        )


def _session_values(session: CourseSession) -> dict[str, Any]:
    starts, ends = (at.astimezone(UK_TIME) for at in (session.starts_at, session.ends_at))
    names = ("part", "place", "online", "booking_link")
    return {
        "day": uk_date(session.starts_at),
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "places": Decimal(session.places) if session.places is not None else None,
        **{name: getattr(session, name) for name in names},
    }


def _exists(day: date, at: time) -> bool:
    """False for a local time that is skipped: 1:30 on the last Sunday in March."""
    local = datetime.combine(day, at, UK_TIME)
    return local.astimezone(UTC).astimezone(UK_TIME).time() == at


@require_http_methods(CHANGE)
def add_session(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a session to a course."""
    course = queries.edited_course(slug, request.user)
    form = SessionForm.of(request)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_session(
                by=request.user, slug=slug, details=form.details, now=timezone.now()
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Session added.")
            return redirect("edit-course", slug)
    context = {"form": form, "course": course}
    return render(request, "training/session.html", context, status=form.http_status)


class CancellationForm(SiteForm):
    """The reason to cancel a session."""

    reason = ReasonField(
        "Reason",
        missing="Enter a reason.",
        hint="People who follow the calendar read it.",
        rows=2,
        most=300,
    )


@require_http_methods(CHANGE)
def edit_session(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Change a session, or cancel it (do=cancel)."""
    session = queries.edited_session(slug, number, request.user)
    cancels = request.method == "POST" and request.POST.get("do") == "cancel"
    form = SessionForm(session) if cancels else SessionForm.of(request, session)
    cancellation = CancellationForm.of(request) if cancels else CancellationForm()
    if cancels and cancellation.is_valid():
        return _cancelled(request, session, cancellation.cleaned_data["reason"])
    if request.method == "POST" and not cancels and form.is_valid():
        try:
            services.change_session(
                by=request.user,
                slug=slug,
                number=number,
                details=form.details,
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Session saved. Calendars that follow it are updated.")
            return redirect("edit-course", slug)
    context = {
        "form": form,
        "cancellation": cancellation,
        "course": session.course,
        "session": session,
    }
    status = max(form.http_status, cancellation.http_status)
    return render(request, "training/session.html", context, status=status)


def _cancelled(request: HttpRequest, session: CourseSession, reason: str) -> HttpResponse:
    slug = session.course.slug
    try:
        services.cancel_session(
            by=request.user, slug=slug, number=session.pk, reason=reason, now=timezone.now()
        )
    except RuleError as error:
        messages.error(request, f"Nothing was changed: {error}.")
    else:
        messages.success(request, "Session cancelled. Calendars that follow it are told so.")
    return redirect("edit-course", slug)
