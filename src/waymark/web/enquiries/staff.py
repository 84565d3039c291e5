"""Enquiries for the desk: the queue, one enquiry with its answer, and calls that are logged."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.models import User
from waymark.accounts.permissions import require_permission
from waymark.core.errors import ConcurrentChange, NotFound, RuleError
from waymark.enquiries import services
from waymark.enquiries.models import (
    CopyRequest,
    Enquiry,
    EnquiryChannel,
    EnquiryKind,
    EnquiryState,
)
from waymark.enquiries.queries import desk
from waymark.enquiries.queries.citing import mark_for
from waymark.enquiries.queries.drafts import draft_of, other_writers
from waymark.enquiries.queries.gaps import open_gaps
from waymark.enquiries.queries.proposals import earlier_answers, proposed_records
from waymark.enquiries.queries.searches import search_to_send, searches_of, searches_to_send
from waymark.enquiries.services.gaps import note_gap
from waymark.web.enquiries.drafts import keep_typed
from waymark.web.shared.clean_input import clean_line, whole_number
from waymark.web.shared.fields import (
    ChoiceField,
    HiddenField,
    RadioField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

MOST_GAPS = 200
"""Open gaps that are offered to choose from."""
MINE, NOBODY = "mine", "nobody"
ENDED = frozenset(EnquiryState) - {EnquiryState.WAITING}
ENQUIRIES = StaffList(
    "enquiry",
    "enquiries",
    search=("reference", "subject", "name", "address"),
    columns=(
        ListColumn("Enquiry", "subject", ("subject",)),
        ListColumn(
            "Due",
            "due",
            ("-is_open", "-may_be_at_risk", "due_at"),
            words=("most urgent first", "least urgent first"),
        ),
        ListColumn("Kind", "kind", ("kind",)),
        ListColumn("Assigned to", "assigned", ("assigned_to__username",)),
        ListColumn("State", "state", ("state",)),
        ListColumn("Received", "received", ("received_at",), falling=True),
    ),
    order="due",
    filters=(
        ListFilter("state", "State", dict(EnquiryState.choices), lambda value: Q(state=value)),
        ListFilter("kind", "Kind", dict(EnquiryKind.choices), lambda value: Q(kind=value)),
        ListFilter(
            "channel", "Received by", dict(EnquiryChannel.choices), lambda value: Q(channel=value)
        ),
        ListFilter(
            "due",
            "Due",
            {"overdue": "Overdue", "later": "Not overdue"},
            lambda value: (
                Q(state=EnquiryState.WAITING, due_at__lt=timezone.now())
                if value == "overdue"
                else Q(state=EnquiryState.WAITING, due_at__gte=timezone.now())
            ),
        ),
    ),
)


def _assigned_filter(person: User) -> ListFilter:
    def rows(value: str) -> Q:
        if value == MINE:
            return Q(assigned_to=person)
        return Q(assigned_to=None) if value == NOBODY else Q(assigned_to__username=value)

    others = {
        row.username: row.username
        for row in desk.people_of_the_desk(person)
        if row.username not in {MINE, NOBODY} and row != person
    }
    return ListFilter("assigned", "Assigned to", {MINE: "Me", NOBODY: "Nobody", **others}, rows)


@require_safe
def enquiry_list(request: HttpRequest) -> HttpResponse:
    """The queue, the most urgent first."""
    rows = desk.listed_enquiries(request.user)
    view = ENQUIRIES.view(request, rows, _assigned_filter(_person(request)))
    context = {
        "list": view,
        "now": timezone.now(),
        "to_sort": desk.emails_to_sort(request.user).count(),
    }
    return render(request, "enquiries/list.html", context)


def _person(request: HttpRequest) -> User:
    require_permission(request.user, desk.HANDLE)
    if not isinstance(request.user, User):  # pragma: no cover
        raise NotFound("there is no such account")
    return request.user


class EnquiryAnswerForm(SiteForm):
    """The answer to an enquiry. seen: number of the last message when the page was opened.

    draft: number of the stored draft that the page knows. report: number of a literature search.
    """

    seen = HiddenField()
    draft = HiddenField()
    text = TextAreaField(
        "Answer",
        missing="Enter your answer.",
        hint="Plain text. Leave an empty line between paragraphs. The buttons below add citations "
        "at the end.",
        rows=14,
        most=services.LONGEST_ANSWER,
    )
    report = ChoiceField("Send the report of a literature search")
    state = RadioField(
        "After this answer",
        (
            (EnquiryState.ANSWERED.value, "It is answered"),
            (EnquiryState.ASKED.value, "We wait for more from the asker"),
        ),
        missing="Choose what happens after this answer.",
    )
    words = TextField("Search records and passages to cite", most=300, attrs={"type": "search"})

    def __init__(self, *args: Any, searches: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["report"].choices = [("", "No report"), *searches]  # type: ignore[attr-defined]
        if not searches:
            del self.fields["report"]


class NoteForm(SiteForm):
    """An internal note."""

    text = TextAreaField(
        "Internal note",
        missing="Enter your note.",
        hint="Only staff who answer enquiries see it.",
        rows=3,
        most=5_000,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, prefix="note", **options)


@require_http_methods(["GET", "HEAD", "POST"])
def enquiry_page(request: HttpRequest, reference: str) -> HttpResponse:
    """One enquiry: its thread, notes, assignment, what can be cited, and the answer."""
    enquiry = desk.enquiry_for(reference, request.user)
    action = str(request.POST.get("do", ""))
    if action in SMALL_ACTIONS:
        return _small_action(request, enquiry, SMALL_ACTIONS[action])
    note = NoteForm(request.POST) if action == "note" else NoteForm()
    if action == "note" and note.is_valid():
        services.note_on_enquiry(
            by=request.user, enquiry=enquiry, text=note.cleaned_data["text"], now=timezone.now()
        )
        return redirect("enquiry", reference)
    answers = request.method == "POST" and action != "note"
    form = _answer_form(request, enquiry, answers=answers)
    prepared, other = None, ""
    if action in {"preview", "send"} and form.is_valid():
        prepared = _preview_or_send(request, enquiry, form)
        if prepared is None and not form.errors:
            return redirect("enquiry", reference)
    if answers:
        other = keep_typed(request, enquiry, form)
    context = _page_context(request, enquiry, form)
    context |= {"note": note, "prepared": prepared, "other": other}
    status = max(form.http_status, note.http_status)
    return render(request, "enquiries/enquiry.html", context, status=status)


def _answer_form(request: HttpRequest, enquiry: Enquiry, *, answers: bool) -> EnquiryAnswerForm:
    """The form, with what was typed; a button "Cite" adds a mark at the end of the text."""
    last = enquiry.messages.last()
    seen = str(last.pk) if last else "0"
    searches = [(str(row.pk), row.title) for row in searches_to_send(enquiry, request.user)]
    if not answers:
        initial = {"seen": seen, "state": EnquiryState.ANSWERED.value}
        # The report that is ready is what the asker waits for.
        initial["report"] = searches[-1][0] if searches else ""
        if draft := draft_of(enquiry, request.user):
            initial |= {"text": draft.text, "draft": str(draft.number)}
        return EnquiryAnswerForm(initial=initial, searches=searches)
    kind, _, key = str(request.POST.get("cite", "")).partition(" ")
    if request.POST.get("do") in {"preview", "send"}:
        return EnquiryAnswerForm(request.POST, searches=searches)
    typed = {name: str(request.POST.get(name, "")) for name in EnquiryAnswerForm.base_fields}
    if kind and key:
        typed["text"] = f"{typed['text'].rstrip()} {mark_for(kind, key)}".lstrip()
    return EnquiryAnswerForm(initial=typed, searches=searches)


def _preview_or_send(
    request: HttpRequest, enquiry: Enquiry, form: EnquiryAnswerForm
) -> services.PreparedAnswer | None:
    """The answer to preview; None if it was sent, or if the form has an error now."""
    values, now = form.cleaned_data, timezone.now()
    try:
        report = search_to_send(enquiry, values.get("report", ""), request.user)
        if form.action == "preview":
            return services.prepare_answer(enquiry, values["text"], now, report=report)
        services.send_answer(
            by=request.user,
            enquiry=enquiry,
            text=values["text"],
            state=values["state"],
            seen=whole_number(values["seen"]) or 0,
            now=now,
            report=report,
        )
    except ConcurrentChange as error:
        last = enquiry.messages.last()
        form.put("seen", str(last.pk) if last else "0")
        form.refuse(error)
        return None
    except RuleError as error:
        form.refuse(error, "text")
        return None
    messages.success(request, f"{enquiry.reference}: answer sent.")
    return None


def _page_context(
    request: HttpRequest, enquiry: Enquiry, form: EnquiryAnswerForm
) -> dict[str, Any]:
    thread = list(
        enquiry.messages.prefetch_related("citations", "attachments", "author", "search_reports")
    )
    question = next((row.text for row in thread if row.sender != "desk"), "")
    words = str(form["words"].value() or "")
    now = timezone.now()
    return {
        "enquiry": enquiry,
        "thread": thread,
        "gaps": [row.gap for row in enquiry.gaps.select_related("gap__resource")],
        "open_gaps": open_gaps(request.user).order_by("title")[:MOST_GAPS],
        "copy": CopyRequest.objects.filter(enquiry=enquiry).select_related("resource").first(),
        "answers": enquiry.published_answers.select_related("resource"),
        "notes": enquiry.notes.select_related("author"),
        "form": form,
        "now": now,
        "kinds": EnquiryKind.choices,
        "people": desk.people_of_the_desk(request.user),
        "hits": [] if enquiry.erased_at else proposed_records(words or question, request.user, now),
        "earlier": [] if enquiry.erased_at else earlier_answers(enquiry, request.user),
        "to_sort": desk.emails_to_sort(request.user).filter(enquiry=enquiry),
        "ended": enquiry.state in ENDED,
        "searches": searches_of(enquiry, request.user),
        "draft": draft_of(enquiry, request.user),
        "writers": other_writers(enquiry, request.user),
    }


# ---- small actions, one button each ----


def _assign(request: HttpRequest, enquiry: Enquiry, now: datetime) -> str:
    name = str(request.POST.get("person", ""))
    people = {person.username: person for person in desk.people_of_the_desk(request.user)}
    if name and name not in people:
        raise RuleError(f"{name} does not handle enquiries")
    services.assign_enquiry(by=request.user, enquiry=enquiry, person=people.get(name), now=now)
    return f"Assigned to {name}." if name else "Assigned to nobody."


def _change_kind(request: HttpRequest, enquiry: Enquiry, now: datetime) -> str:
    kind = str(request.POST.get("kind", ""))
    services.change_kind(by=request.user, enquiry=enquiry, kind=kind, now=now)
    return "Kind changed."


def _close(request: HttpRequest, enquiry: Enquiry, now: datetime) -> str:
    services.close_enquiry(by=request.user, enquiry=enquiry, spam=False, now=now)
    return "Closed without an answer."


def _note_gap(request: HttpRequest, enquiry: Enquiry, now: datetime) -> str:
    title = clean_line(str(request.POST.get("title", "")))
    number = whole_number(str(request.POST.get("gap", "")))
    note_gap(by=request.user, enquiry=enquiry, title=title, gap=number, now=now)
    return "Added to the gap list."


def _spam(request: HttpRequest, enquiry: Enquiry, now: datetime) -> str:
    services.close_enquiry(by=request.user, enquiry=enquiry, spam=True, now=now)
    return "Marked as spam."


def _reopen(request: HttpRequest, enquiry: Enquiry, now: datetime) -> str:
    services.reopen_enquiry(by=request.user, enquiry=enquiry, now=now)
    return "Opened again."


def _small_action(
    request: HttpRequest,
    enquiry: Enquiry,
    action: Callable[[HttpRequest, Enquiry, datetime], str],
) -> HttpResponse:
    """Do what a button says, and show the enquiry again. Raises ConcurrentChange."""
    try:
        message = action(request, enquiry, timezone.now())
    except ConcurrentChange:
        raise
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, message)
    return redirect("enquiry", enquiry.reference)


def _drop_draft(request: HttpRequest, enquiry: Enquiry, now: datetime) -> str:
    seen = whole_number(str(request.POST.get("draft", ""))) or 0
    services.drop_draft(by=request.user, enquiry=enquiry, seen=seen)
    return "Draft discarded."


SMALL_ACTIONS: dict[str, Callable[[HttpRequest, Enquiry, datetime], str]] = {
    "assign": _assign,
    "kind": _change_kind,
    "close": _close,
    "spam": _spam,
    "gap": _note_gap,
    "reopen": _reopen,
    "drop": _drop_draft,
}
