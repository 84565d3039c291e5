"""Hidden text of reports: the list of those that wait for an answer, and the form to answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import RuleError
from waymark.documents import held, services
from waymark.documents.models import HiddenText, HiddenTextVerdict, Page, Report
from waymark.documents.reading import HIDDEN_CLASSES
from waymark.web.documents import Rectangle
from waymark.web.typed import typed

MOST_PICTURES = 8
"""Pages of one class that are shown as pictures; the others are linked."""
ADVICE = {
    "covered": "Somebody may have tried to black these words out. They are still in the file.",
    "invisible": "These words are in the colour of the page, too small to read, outside the page "
    "or marked as hidden. Often this is harmless, such as the mark of a printer.",
    "deleted": "These words were deleted while Word tracked changes. They are still in the file.",
    "comment": "These comments are still in the file.",
}


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page with hidden text. width, height: points, as text for SVG; rectangles: the places."""

    number: int
    width: str
    height: str
    rectangles: tuple[Rectangle, ...]


@dataclass(frozen=True, slots=True)
class HiddenTextClass:
    """The hidden text of one class in a report. answered: a find with the answer, or None."""

    kind: str
    name: str
    advice: str
    finds: tuple[HiddenText, ...]
    pictures: tuple[PagePicture, ...]
    answered: HiddenText | None


@require_safe
def hidden_texts(request: HttpRequest) -> HttpResponse:
    """Reports with hidden text that nobody has found harmless."""
    reports = held.reports_with_hidden_text(request.user)
    rows = [(report, services.why_held(report)) for report in reports]
    return render(request, "staff/hidden_texts.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def hidden_text(request: HttpRequest, key: str) -> HttpResponse:
    """The hidden text of a report, class by class, each with its form."""
    report = held.held_report(key, request.user)
    finds = held.hidden_text_of(report, request.user)
    wrong = ""
    if request.method == "POST":
        wrong = _answer(request, report)
        if not wrong:
            messages.success(request, "Your answer has been saved.")
            return redirect("hidden-text", key=report.key)
    classes = [
        _of_class(report, kind, tuple(find for find in finds if find.kind == kind))
        for kind in dict.fromkeys(find.kind for find in finds)
    ]
    return render(
        request,
        "staff/hidden_text.html",
        {
            "report": report,
            "shown": {report.state, report.review.state} <= OPEN_TO_STAFF,
            "classes": classes,
            "verdicts": HiddenTextVerdict.choices,
            "held_because": services.why_held(report),
            "wrong": wrong,
            "wrong_kind": typed(request.POST.get("kind", "")),
            "verdict": typed(request.POST.get("verdict", "")),
            "answer": typed(request.POST.get("answer", "")),
        },
        status=400 if wrong else 200,
    )


def _answer(request: HttpRequest, report: Report) -> str:
    """Store an answer; the fault to show where it was not stored."""
    fields = {name: typed(request.POST.get(name, "")) for name in ("kind", "verdict", "answer")}
    try:
        services.answer_hidden_text(by=request.user, report=report, now=timezone.now(), **fields)
    except RuleError as error:
        return f"{str(error)[:1].upper()}{str(error)[1:]}."
    return ""


def _of_class(report: Report, kind: str, finds: tuple[HiddenText, ...]) -> HiddenTextClass:
    answered = finds[0] if all(find.verdict for find in finds) else None
    numbers = list(dict.fromkeys(find.page for find in finds if find.box))[:MOST_PICTURES]
    pages = report.pages.filter(number__in=numbers, has_image=True)
    pictures = tuple(_picture(page, finds) for page in pages)
    return HiddenTextClass(kind, HIDDEN_CLASSES[kind], ADVICE[kind], finds, pictures, answered)


def _picture(page: Page, finds: Iterable[HiddenText]) -> PagePicture:
    places = [find.box for find in finds if find.page == page.number and find.box]
    rectangles = tuple(Rectangle.of(tuple(box)) for box in places)
    return PagePicture(page.number, f"{page.width:.2f}", f"{page.height:.2f}", rectangles)
