"""Reports: the pages with text and image, and the lasting address of a passage."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.coding import queries as coding
from waymark.documents.keys import span_key, text_key
from waymark.documents.models import Report
from waymark.documents.queries import reader, readings
from waymark.documents.queries.reader import CitedPlace, PageText, TextStretch
from waymark.documents.reading.words import Box, span_rectangles, unpack_words
from waymark.library.queries.content_notes import content_notes_of
from waymark.profiles import queries as profiles
from waymark.publishing import queries as publishing
from waymark.web.reader.highlighting import PageHighlights, cited_reading, highlights_of
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.highlight_runs import TextRun, text_runs

SOUGHT = ("q", "broaden")
"""Search parameters passed on to a page so that it highlights the searched words."""


@dataclass(frozen=True, slots=True)
class PageParagraph:
    """Stretch of a page's text, cut into runs. anchor: "at" where the page opens, else ""."""

    stretch: TextStretch
    runs: tuple[TextRun, ...]
    anchor: str


@dataclass(frozen=True, slots=True)
class HighlightBox:
    """Highlight on the image of a page, in points from its top left corner."""

    x: str
    y: str
    width: str
    height: str

    @classmethod
    def of(cls, box: Box) -> "HighlightBox":
        """Format a box with two decimals and a point, in every locale."""
        x0, y0, x1, y1 = box
        return cls(f"{x0:.2f}", f"{y0:.2f}", f"{x1 - x0:.2f}", f"{y1 - y0:.2f}")


@require_safe
def first_page(request: HttpRequest, key: str) -> HttpResponse:
    """Redirect the address of a report to its first page."""
    report = reader.report_for(key, request.user, timezone.now())
    return redirect("report-page", key=report.key, number=1)


@require_safe
def report_page(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One page: its text, and its image with the cited words highlighted."""
    report = reader.report_for(key, request.user, timezone.now())
    leaf = reader.page_for(report, number, reading=cited_reading(request, report))
    pointed = highlights_of(request, report, leaf)
    page = leaf.page
    paragraphs = _page_paragraphs(leaf, pointed)
    # Boxes are unpacked only where something is marked: they take longer than the text of the page.
    words = unpack_words(bytes(page.words)) if page.has_image and pointed.marks else None
    boxes = [box for span in pointed.marks for box in span_rectangles(words, span)] if words else []
    return render(
        request,
        "documents/page.html",
        {
            "report": report,
            "content_notes": content_notes_of(report.review),
            # Warnings can quote hidden words and names in the file, so only staff see them.
            "warnings": report.warnings
            if has_permission(request.user, "see unpublished reports")
            else [],
            "page": page,
            "width": f"{page.width:.2f}",
            "height": f"{page.height:.2f}",
            "paragraphs": paragraphs,
            "rectangles": [HighlightBox.of(box) for box in boxes],
            "earlier_text": leaf.reading != report.reading,
            "running_lines": leaf.running_lines,
            "onward": _key_beyond(report, leaf, pointed),
            "marked": any(run.marked for paragraph in paragraphs for run in paragraph.runs),
            "earlier": number - 1,
            "later": number + 1 if number < report.page_count else 0,
        },
    )


def _key_beyond(report: Report, leaf: PageText, pointed: PageHighlights) -> str:
    """Key of the first cited passage that goes on over the end of a page, "" without one."""
    spans = (span for span in pointed.places if span.start < leaf.page.end < span.end)
    return next((span_key(text_key(report.key, leaf.reading), span) for span in spans), "")


def _page_paragraphs(leaf: PageText, pointed: PageHighlights) -> list[PageParagraph]:
    """Cut the page's stretches into runs; the first one that the address points to is anchored."""
    paragraphs: list[PageParagraph] = []
    anchored = False
    for stretch in leaf.stretches:
        marks = [(span.start - stretch.start, span.end - stretch.start) for span in pointed.marks]
        opens_here = pointed.opens_at(stretch)
        anchor = "at" if opens_here and not anchored else ""
        paragraphs.append(PageParagraph(stretch, text_runs(stretch.text, marks), anchor))
        anchored = anchored or opens_here
    return paragraphs


@require_safe
def passage_page(request: HttpRequest, key: str) -> HttpResponse:
    """Redirect to the page of a passage, with the passage or the searched words highlighted."""
    place = reader.cited_place(key, request.user, timezone.now())
    page = reverse("report-page", args=[place.report.key, place.page])
    parameters = {"at": place.key}
    parameters |= {name: clean_line(value) for name in SOUGHT if (value := request.GET.get(name))}
    return redirect(f"{page}?{urlencode(parameters)}")


@require_safe
def to_page(request: HttpRequest, key: str) -> HttpResponse:
    """Form "Go to page": redirect to the page, or to the nearest one that exists."""
    report = reader.report_for(key, request.user, timezone.now())
    typed_number = request.GET.get("number", "").strip()
    number = int(typed_number[:9]) if typed_number.isascii() and typed_number.isdigit() else 1
    number = min(max(number, 1), report.page_count)
    return redirect("report-page", key=report.key, number=number)


@require_safe
def passage_detail(request: HttpRequest, key: str) -> HttpResponse:
    """Lasting address of a passage: its text, location, codes and use in overviews."""
    now = timezone.now()
    place = reader.cited_place(key, request.user, now)
    report, now_at = place.report, None
    if place.reading != report.reading:
        now_at = readings.words_now(report, place.reading, place.span)
    words_now = span_key(text_key(report.key, report.reading), now_at) if now_at else ""
    # What was decided about these words may have moved with them to the current text.
    where, reading = (report, place.span), place.reading
    codes = coding.codes_touching(*where, request.user, now, reading=reading, now_at=now_at)
    facts = profiles.facts_touching(*where, request.user, now, reading=reading, now_at=now_at)
    quotes = [evidence.quotes for evidence in codes] + [evidence.quotes for evidence in facts]
    own = filter(None, (key, words_now))
    cited = dict.fromkeys([*own, *(quote.key for group in quotes for quote in group)])
    keys = readings.with_earlier_keys(place.report, cited)
    return render(
        request,
        "documents/passage.html",
        {
            "place": place,
            "content_notes": content_notes_of(report.review),
            "earlier_text": place.reading != place.report.reading,
            "words_now": words_now,
            "codes": codes,
            "facts": facts,
            "uses": publishing.uses_of(keys),
            "covered": publishing.withheld_uses_of(keys, person=request.user),
            "chapters": publishing.chapters_citing(keys, now=now),
            "suggestions": coding.suggestions_touching(
                *where, request.user, reading=reading, now_at=now_at
            ),
            "staff": has_permission(request.user, "see unpublished reports"),
            "citation": _passage_citation(request, place),
        },
    )


def _passage_citation(request: HttpRequest, place: CitedPlace) -> str:
    """Citation of a passage, as one line of plain text."""
    review = place.report.review
    parts = [
        f"{review.board}. " if review.board else "",
        review.title,
        f" ({date_format(review.published_on, 'Y')})" if review.published_on else "",
        f", {place.report.get_kind_display().lower()}",
        f", page {place.page}" if place.report.page_count > 1 else "",
        ". ",
        request.build_absolute_uri(reverse("passage", args=[place.key])),
        f" (accessed {date_format(timezone.localdate(), 'j F Y')}).",
        f" {place.scan_mark}." if place.scan_mark else "",
        " Fictional, written for demonstration." if review.fictional else "",
    ]
    return "".join(parts)
