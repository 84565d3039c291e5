"""Newer texts of reports: what waits for a person, and where quoted words are now."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark import pipeline
from waymark.accounts.permissions import require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import RuleError, WaymarkError
from waymark.core.spans import Span
from waymark.documents.models import AnchorMove, MoveOutcome, Report
from waymark.documents.queries import reader, readings
from waymark.documents.services import reject_reading
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.fields import HiddenField, RadioField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList

PROPOSED, POINT, KEEP = "proposed", "point", "keep"
CHOICES = (
    (PROPOSED, "Use the proposed words"),
    (POINT, "Use other words of the newer text"),
    (KEEP, "Keep the quotation in the earlier text"),
)
AROUND = 120
MOST_SHOWN = 300
"""Quotations with the same words, and differing paragraphs, that are listed; others are counted."""


def _is_open(report: Report) -> bool:
    return {report.state, report.review.state} <= OPEN_TO_STAFF


READINGS = StaffList(
    "text to accept",
    "texts to accept",
    search=("report__title", "report__file_name", "report__review__reference"),
    columns=(
        ListColumn("Report", "title", ("report__title", "report__file_name")),
        ListColumn("Read", "read", ("read_at",), falling=True),
        ListColumn("Same words", number=True),
        ListColumn("Not certain", number=True),
        ListColumn("Not found", number=True),
    ),
    order="read",
)


@require_safe
def newer_texts(request: HttpRequest) -> HttpResponse:
    """Newer texts to accept, quotations to decide on, reports to read again, rejected texts."""
    view = READINGS.view(request, readings.readings_to_accept(request.user))
    counts = readings.move_counts(view.rows)
    older = readings.reports_to_read_again(request.user)
    return render(
        request,
        "staff/newer_texts.html",
        {
            "list": view,
            "pending": [(reading, counts[reading.pk]) for reading in view.rows],
            "open": [
                (report, count)
                for report, count in readings.reports_with_open_moves(request.user)
                if _is_open(report)
            ],
            "older": [row for row in older if _is_open(row)],
            "rejected": [
                row for row in readings.rejected_readings(request.user) if _is_open(row.report)
            ],
        },
    )


class MoveForm(SiteForm):
    """The decision on one quotation. key: its citation key."""

    key = HiddenField()
    choice = RadioField(
        "Which words are these now?", CHOICES, missing="Choose which words these are now."
    )
    quote = TextField(
        "Other words",
        hint="Only for other words: copy them exactly from the newer text, enough to be unique.",
        most=5_000,
    )


@dataclass(frozen=True, slots=True)
class ListedMove:
    """A quotation with its words in both texts, what is around the proposed ones, and the form."""

    move: AnchorMove
    before: str
    after: str
    form: MoveForm | None


@require_http_methods(["GET", "HEAD", "POST"])
def newer_text(request: HttpRequest, key: str) -> HttpResponse:
    """Quotations of one report in its newer text; each that is not certain has a form."""
    require_permission(request.user, "add reports")
    report = reader.report_for(key, request.user, timezone.now())
    sent_key = clean_line(request.POST.get("key", ""))
    moves = readings.listed_moves(report, request.user)
    known = {move.key for move in moves}
    prefix = sent_key if sent_key in known else ""
    sent = MoveForm.of(request, auto_id=f"{prefix}-%s")
    if sent.is_valid():
        try:
            moved = _decide(request, report, **sent.cleaned_data)
        except RuleError as error:
            sent.refuse(error)
        else:
            messages.success(request, "Your decision has been saved.")
            _tell_merged(request, moved)
            return redirect("newer-text", key=report.key)
    pending = readings.pending_reading(report)
    text = pending.content if pending else reader.text_of(report)
    differences = readings.text_differences(report, pending) if pending else []
    listed = [_listed(move, text, sent if move.key == sent_key else None) for move in moves]
    certain = [row for row in listed if row.move.outcome == MoveOutcome.MOVED]
    return render(
        request,
        "staff/newer_text.html",
        {
            "report": report,
            "pending": pending,
            "uncertain": [row for row in listed if row.move.outcome != MoveOutcome.MOVED],
            "certain": certain[:MOST_SHOWN],
            "more": max(0, len(certain) - MOST_SHOWN),
            "differences": differences[:MOST_SHOWN],
            "more_differences": max(0, len(differences) - MOST_SHOWN),
            "form": sent,
        },
        status=sent.http_status,
    )


def _decide(
    request: HttpRequest, report: Report, key: str, choice: str, quote: str
) -> pipeline.MovedPlaces:
    if choice == POINT and not quote:
        raise RuleError("enter the other words")
    return pipeline.decide_move(
        by=request.user,
        move=readings.move_of(report, key, request.user),
        keep=choice == KEEP,
        quote=quote if choice == POINT else "",
        now=timezone.now(),
    )


def _listed(move: AnchorMove, text: str, sent: MoveForm | None) -> ListedMove:
    span = move.span or Span(0, 1)
    around = text if move.span else ""
    form = None
    if move.outcome != MoveOutcome.MOVED and move.decision != "move":
        form = sent or MoveForm(initial={"key": move.key}, auto_id=f"{move.key}-%s")
    return ListedMove(
        move,
        around[max(0, span.start - AROUND) : span.start],
        around[span.end : span.end + AROUND],
        form,
    )


def _tell_merged(request: HttpRequest, moved: pipeline.MovedPlaces) -> None:
    if moved.merged:
        messages.info(
            request,
            f"{moved.summary()}: the same person had already given these words the same code. "
            "The later coding counts, and the earlier one is kept in the record.",
        )


@require_POST
def accept_text(request: HttpRequest, key: str) -> HttpResponse:
    """Accept the newer text of a report."""
    require_permission(request.user, "add reports")
    report = reader.report_for(key, request.user, timezone.now())
    before = report.state
    try:
        moved = pipeline.accept_reading(by=request.user, report=report, now=timezone.now())
    except WaymarkError as error:
        messages.error(request, str(error))
    else:
        places = f"{moved.moved} quotation{'s' * (moved.moved != 1)} moved with it"
        messages.success(request, f"The newer text is now the text of the report; {places}.")
        _tell_merged(request, moved)
        report.refresh_from_db()
        if report.state != before:
            messages.warning(
                request,
                "The report is not published any more, as its newer text may identify people: "
                "answer the possible identifiers at Workspace, Anonymity, then publish it again.",
            )
    return redirect("newer-text", key=report.key)


class RejectForm(SiteForm):
    """The reason for which a newer text is rejected."""

    reason = TextField(
        "Why is the newer text not to be used?",
        missing="Enter why the newer text is not to be used.",
        hint="Name no person. The reason is kept in the audit record.",
        most=500,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reject_text(request: HttpRequest, key: str) -> HttpResponse:
    """Reject the newer text of a report, with a reason."""
    require_permission(request.user, "add reports")
    report = reader.report_for(key, request.user, timezone.now())
    pending = readings.pending_reading(report)
    if pending is None and request.method != "POST":
        return redirect("newer-text", key=report.key)
    form = RejectForm.of(request)
    if form.is_valid():
        try:
            reject_reading(
                by=request.user,
                report=report,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(
                request, "The newer text has been rejected. The report keeps its text."
            )
            return redirect("newer-texts")
    return render(
        request,
        "staff/reject_text.html",
        {"report": report, "pending": pending, "form": form},
        status=form.http_status,
    )
