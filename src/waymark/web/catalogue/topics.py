"""Edit topics: list, add, change with a preview of what a topic finds, withdraw and restore."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import require_permission
from waymark.core.errors import RuleError
from waymark.library.models import TopicVersion
from waymark.library.queries import topics as queries
from waymark.library.services import topics as services
from waymark.library.topics.description import (
    LONGEST_KEY,
    LONGEST_NAME,
    MOST_OTHERS,
    MOST_SUMMARY_WORDS,
    MOST_WORDS,
    PARTS,
    TopicDescription,
    checked_key,
)
from waymark.web.catalogue.subject_form import key_of_subject
from waymark.web.library.topics import EDIT_TOPICS
from waymark.web.shared.fields import HiddenField, LinesField, ReasonField, TextAreaField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

FIELDS = ("name", "summary", *PARTS)


class TopicForm(SiteForm):
    """A topic. old: its current version, None for a new topic."""

    seen = HiddenField()
    key = TextField(
        "Web address name",
        missing="Enter a web address name.",
        hint="Lower-case letters, digits and hyphens, such as safer-sleep. You cannot change it "
        "later.",
        most=LONGEST_KEY,
    )
    name = TextField("Name", missing="Enter a name.", hint="As people say it.", most=LONGEST_NAME)
    summary = TextAreaField(
        "Summary",
        missing="Enter a summary.",
        hint=f"What the topic is about, in plain words: 40 to 80 are best, {MOST_SUMMARY_WORDS} "
        "at most. No names of people or places.",
        rows=5,
        most=2_000,
    )
    words = LinesField(
        "Words and phrases",
        hint="One on each line. Records with them in the title are about this topic; passages with "
        "them are shown first.",
        items=MOST_WORDS,
    )
    subjects = LinesField(
        "Subjects",
        hint="One on each line, by name or key. Narrower subjects are included.",
        items=MOST_OTHERS,
    )
    codes = LinesField(
        "Codes",
        hint="One on each line, such as prac.neglect. Codes below them are included.",
        items=MOST_OTHERS,
    )
    counted_codes = LinesField(
        "Codes that only count",
        hint="Reviews with these codes are about the topic, but the topic page does not show their "
        "passages. Use it for causes of death, such as out.fatal.related.sudi, and for other harm "
        "that a reader should not meet first. One on each line; codes below them are included.",
        items=MOST_OTHERS,
    )
    related = LinesField(
        "Related topics", hint="One on each line: their web address names.", rows=3, items=12
    )

    def __init__(self, old: TopicVersion | None = None, **options: Any) -> None:
        values = {field: getattr(old, field) for field in FIELDS} if old else {}
        super().__init__(initial={"seen": old.number if old else "", **values}, **options)
        if old:
            del self.fields["key"]

    def clean_key(self) -> str:
        """A name that an address can have."""
        try:
            return checked_key(self.cleaned_data["key"])
        except RuleError as error:
            raise ValidationError(f"{str(error).capitalize()}.") from error

    def clean_subjects(self) -> tuple[str, ...]:
        """Keys of the subjects; a line without a subject stays as it is."""
        return tuple(key_of_subject(line) or line for line in self.cleaned_data["subjects"])

    @property
    def description(self) -> TopicDescription:
        """The topic as it was entered."""
        return TopicDescription(**{field: self.cleaned_data[field] for field in FIELDS})

    @property
    def seen_version(self) -> int:
        """The number of the version that the person edited; 0 if the page did not say."""
        number = self.cleaned_data["seen"]
        return int(number) if number.isascii() and number.isdecimal() else 0


class WithdrawTopicForm(SiteForm):
    """The reason to withdraw a topic."""

    reason = ReasonField("Reason", missing="Enter a reason.", rows=2, most=500)


TOPICS = StaffList(
    "topic",
    "topics",
    search=("name", "topic__key", "summary"),
    columns=(
        ListColumn("Topic", "name", ("name", "topic__key")),
        ListColumn("State"),
        ListColumn("Reviews", number=True),
        ListColumn("Last change", "changed", ("created_at",), falling=True),
    ),
    order="name",
    filters=(
        ListFilter(
            "state",
            "State",
            {"public": "Public", "withdrawn": "Withdrawn"},
            lambda value: Q(topic__withdrawn_at__isnull=value == "public"),
        ),
    ),
    size=50,
)


@require_safe
def topic_rows(request: HttpRequest) -> HttpResponse:
    """All topics, also withdrawn ones, with the number of their reviews and unknown parts."""
    require_permission(request.user, EDIT_TOPICS)
    view = TOPICS.view(request, queries.listed_topics())
    rows = queries.topic_rows(request.user, timezone.now(), view.rows)
    return render(request, "topics/rows.html", {"list": view, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def add_topic(request: HttpRequest) -> HttpResponse:
    """Add a topic, or preview what it would find."""
    require_permission(request.user, EDIT_TOPICS)
    form = TopicForm.of(request)
    if form.is_valid() and form.action == "save":
        try:
            services.add_topic(
                by=request.user,
                key=form.cleaned_data["key"],
                description=form.description,
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, f"Topic “{form.cleaned_data['name']}” added.")
            return redirect("edit-topics")
    return _form_page(request, form, [])


@require_http_methods(["GET", "HEAD", "POST"])
def edit_topic(request: HttpRequest, key: str) -> HttpResponse:
    """Change, withdraw or restore a topic, or preview what a change would find."""
    require_permission(request.user, EDIT_TOPICS)
    versions = queries.versions_of(key)
    form, withdrawal = TopicForm.of(request, versions[0]), WithdrawTopicForm.of(request)
    if form.action in {"withdraw", "restore"}:
        return _withdraw_or_restore(request, versions, withdrawal)
    if form.is_valid() and form.action == "save":
        try:
            changed = services.change_topic(
                by=request.user,
                key=key,
                description=form.description,
                seen=form.seen_version,
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Saved." if changed else "Nothing was changed.")
            return redirect("edit-topic", key)
    return _form_page(request, form, versions)


def _withdraw_or_restore(
    request: HttpRequest, versions: list[TopicVersion], form: WithdrawTopicForm
) -> HttpResponse:
    topic, now = versions[0].topic, timezone.now()
    if form.action == "restore":
        services.restore_topic(by=request.user, key=topic.key, now=now)
        messages.success(request, "The topic is shown again.")
        return redirect("edit-topic", topic.key)
    if not form.is_valid():
        return _form_page(request, TopicForm(versions[0]), versions, form)
    reason = form.cleaned_data["reason"]
    services.withdraw_topic(by=request.user, key=topic.key, reason=reason, now=now)
    messages.success(request, "The topic is withdrawn. You can restore it here.")
    return redirect("edit-topic", topic.key)


def _form_page(
    request: HttpRequest,
    form: TopicForm,
    versions: list[TopicVersion],
    withdrawal: WithdrawTopicForm | None = None,
) -> HttpResponse:
    """The form; with what the topic finds once it can be tried."""
    now, preview = timezone.now(), None
    if form.is_bound and form.is_valid():
        preview = queries.preview_topic(form.description, request.user, now)
    elif versions and not form.is_bound:
        stored = queries.description_of(versions[0])
        preview = queries.preview_topic(stored, request.user, now)
    context = {
        "form": form,
        "withdrawal": withdrawal or WithdrawTopicForm(),
        "version": versions[0] if versions else None,
        "versions": versions,
        "preview": preview,
    }
    status = max(form.http_status, withdrawal.http_status if withdrawal else 200)
    return render(request, "topics/edit.html", context, status=status)
