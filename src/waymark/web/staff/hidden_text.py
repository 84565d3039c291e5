"""Hidden text of reports: the reports to check, and the form to answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import RuleError
from waymark.documents import services
from waymark.documents.models import HiddenText, HiddenTextVerdict, Page, Report
from waymark.documents.queries import holdings
from waymark.documents.reading.values import ANSWERED_ONE_BY_ONE, HIDDEN_CLASSES
from waymark.web.reader.sheets import HighlightBox
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.fields import HiddenField, RadioField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.record_lists import QUESTIONED_REPORTS, report_state_filter

MOST_PICTURES = 8
"""Pages of one class that are shown as pictures; the others are linked."""
ADVICE = {
    "covered": "Someone may have tried to black these words out. They are still in the file.",
    "invisible": "These words are in the colour of the page, too small to read, outside the page "
    "or marked as hidden. Often this is harmless, such as the mark of a printer.",
    "deleted": "These words were deleted while Word tracked changes. They are still in the file.",
    "comment": "These comments are still in the file.",
    "revision": "An earlier version of this file is still in it and shows these words. Someone may "
    "have tried to remove them. Save a new copy, for example by printing to PDF.",
    "field": "The form in this file has values that its pages do not show.",
    "attachment": "These files are attached to this one. Waymark does not read them: open them and "
    "add them as reports of their own if they are needed.",
    "bookmark": "Bookmarks and names of places can repeat a name that was removed from the pages.",
    "alternate": "A screen reader reads these words instead of, or in addition to, what is shown.",
    "metadata": "Anyone who opens the file can read its properties. Often they name an author.",
}
REASONS = {
    "alternate": "The words describe what the pages show.",
    "metadata": "The properties name authors or offices, and no one whom the review protects.",
}
"""Reasons that the form suggests for classes that are nearly always harmless."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page with hidden text. width, height: points, as text for SVG; rectangles: the places."""

    number: int
    width: str
    height: str
    rectangles: tuple[HighlightBox, ...]


@dataclass(frozen=True, slots=True)
class HiddenTextClass:
    """The hidden text of one class in a report. answered: a find with the answer, or None.

    one_by_one: each place has an answer of its own.
    """

    kind: str
    name: str
    advice: str
    one_by_one: bool
    finds: tuple[HiddenText, ...]
    pictures: tuple[PagePicture, ...]
    answered: HiddenText | None
    form: "HiddenTextForm"


class PropertiesForm(SiteForm):
    """The answer to the ticked properties, for every report that has them."""

    answer = TextField(
        "Reason why they are harmless",
        missing="Enter a reason.",
        hint="We keep it in the audit record of each report with your name. "
        "Do not repeat the properties.",
        most=500,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def hidden_texts(request: HttpRequest) -> HttpResponse:
    """Reports with hidden text that nobody has found harmless; POST answers properties of files."""
    reports = holdings.reports_with_hidden_text(request.user)
    form = PropertiesForm.of(request, initial={"answer": REASONS["metadata"]})
    ticked = [clean_line(words) for words in request.POST.getlist("words")]
    if form.is_valid():
        try:
            services.answer_properties(
                by=request.user, words=ticked, now=timezone.now(), **form.cleaned_data
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Your answer has been saved.")
            return redirect("hidden-texts")
    view = QUESTIONED_REPORTS.view(request, reports, report_state_filter(reports))
    reasons = services.reasons_held_back(view.rows)
    return render(
        request,
        "staff/hidden_texts.html",
        {
            "list": view,
            "rows": [(report, reasons.get(report.pk, "")) for report in view.rows],
            "properties": holdings.open_properties(request.user),
            "ticked": ticked,
            "form": form,
        },
        status=form.http_status,
    )


class HiddenTextForm(SiteForm):
    """The answer to the hidden text of one class. kind: the class."""

    kind = HiddenField()
    verdict = RadioField(
        "Is this hidden text harmless?",
        HiddenTextVerdict.choices,
        missing="Choose whether the hidden text is harmless.",
    )
    answer = TextField(
        "Reason",
        missing="Enter a reason.",
        hint="We keep it in the audit record with your name. Do not repeat the hidden words.",
        most=500,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def hidden_text(request: HttpRequest, key: str) -> HttpResponse:
    """The hidden text of a report, class by class, each with its form."""
    report = holdings.report_in_any_state(key, request.user)
    finds = holdings.hidden_text_of(report, request.user)
    kind_sent = clean_line(request.POST.get("kind", ""))
    # The ids of the inputs are a format: no other text than the name of a class may come into it.
    sent = HiddenTextForm.of(request, auto_id=f"{kind_sent if kind_sent in ADVICE else ''}-%s")
    if sent.is_valid():
        try:
            services.answer_hidden_text(
                by=request.user,
                report=report,
                now=timezone.now(),
                places=[
                    int(place) for place in request.POST.getlist("places") if place.isdecimal()
                ],
                **sent.cleaned_data,
            )
        except RuleError as error:
            sent.refuse(error)
        else:
            messages.success(request, "Your answer has been saved.")
            return redirect("hidden-text", key=report.key)
    classes = [
        _of_class(
            report,
            tuple(find for find in finds if find.kind == kind),
            sent if kind == kind_sent else _empty_form(kind),
        )
        for kind in dict.fromkeys(find.kind for find in finds)
    ]
    return render(
        request,
        "staff/hidden_text.html",
        {
            "report": report,
            "shown": {report.state, report.review.state} <= OPEN_TO_STAFF,
            "classes": classes,
            "held_because": services.reason_held_back(report),
            "form": sent,
        },
        status=sent.http_status,
    )


def _empty_form(kind: str) -> HiddenTextForm:
    initial = {"kind": kind, "answer": REASONS.get(kind, "")}
    return HiddenTextForm(initial=initial, auto_id=f"{kind}-%s")


def _of_class(
    report: Report, finds: tuple[HiddenText, ...], form: HiddenTextForm
) -> HiddenTextClass:
    kind = finds[0].kind
    one_by_one = kind in ANSWERED_ONE_BY_ONE and len(finds) > 1
    answered = finds[0] if all(find.verdict for find in finds) and not one_by_one else None
    numbers = list(dict.fromkeys(find.page for find in finds if find.box))[:MOST_PICTURES]
    pages = report.pages.filter(number__in=numbers, has_image=True)
    pictures = tuple(_page_picture(page, finds) for page in pages)
    return HiddenTextClass(
        kind, HIDDEN_CLASSES[kind], ADVICE[kind], one_by_one, finds, pictures, answered, form
    )


def _page_picture(page: Page, finds: Iterable[HiddenText]) -> PagePicture:
    places = [find.box for find in finds if find.page == page.number and find.box]
    rectangles = tuple(HighlightBox.of(tuple(box)) for box in places)
    return PagePicture(page.number, f"{page.width:.2f}", f"{page.height:.2f}", rectangles)
