"""Reports as they came: the reader, the image of a page, and the address of a place."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import may
from waymark.coding import queries as coding
from waymark.core.errors import NotFound
from waymark.documents import queries
from waymark.documents.page_images import page_png
from waymark.documents.queries import Cited, PageText, Stretch
from waymark.documents.words import Box, rectangles, unpack
from waymark.profiles import queries as profiles
from waymark.publishing import queries as publishing
from waymark.web.marks import Run, runs
from waymark.web.pointing import Pointed, pointed_at
from waymark.web.typed import typed

SOUGHT = ("q", "broaden")
"""What a search asked, as its addresses have it: the page of a hit marks its words."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A stretch of a page's text, cut into runs. mark: its anchor, where it holds a mark."""

    stretch: Stretch
    runs: tuple[Run, ...]
    anchor: str


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A highlight on the image of a page, in points from its top left corner."""

    x: str
    y: str
    width: str
    height: str

    @classmethod
    def of(cls, box: Box) -> "Rectangle":
        """A box as numbers with two decimals, whatever the language of the site."""
        x0, y0, x1, y1 = box
        return cls(f"{x0:.2f}", f"{y0:.2f}", f"{x1 - x0:.2f}", f"{y1 - y0:.2f}")


@require_safe
def report(request: HttpRequest, key: str) -> HttpResponse:
    """A report's own address leads to its first page."""
    found = queries.report_for(key, request.user, timezone.now())
    return redirect("report-page", key=found.key, number=1)


@require_safe
def report_page(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One page: its image with the cited words marked, and its text beside it."""
    found = queries.report_for(key, request.user, timezone.now())
    leaf = queries.page_for(found, number)
    pointed = pointed_at(request, found, leaf.stretches)
    page = leaf.page
    paragraphs = _paragraphs(leaf, pointed)
    words = unpack(bytes(page.words)) if page.has_image and pointed.marks else None
    boxes = [box for span in pointed.marks for box in rectangles(words, span)] if words else []
    return render(
        request,
        "documents/page.html",
        {
            "report": found,
            # What was seen while reading (hidden words, names in the file) is for those who check.
            "warnings": found.warnings if may(request.user, "see unpublished reports") else [],
            "page": page,
            "width": f"{page.width:.2f}",
            "height": f"{page.height:.2f}",
            "paragraphs": paragraphs,
            "rectangles": [Rectangle.of(box) for box in boxes],
            "marked": any(run.marked for one in paragraphs for run in one.runs),
            "earlier": number - 1,
            "later": number + 1 if number < found.page_count else 0,
        },
    )


def _paragraphs(leaf: PageText, pointed: Pointed) -> list[Paragraph]:
    """The page's stretches with what is marked in them; the first that is meant is anchored."""
    found: list[Paragraph] = []
    anchored = False
    for stretch in leaf.stretches:
        marks = [(span.start - stretch.start, span.end - stretch.start) for span in pointed.marks]
        meant = pointed.opens_at(stretch)
        anchor = "at" if meant and not anchored else ""
        found.append(Paragraph(stretch, runs(stretch.text, marks), anchor))
        anchored = anchored or meant
    return found


@require_safe
def passage_page(request: HttpRequest, key: str) -> HttpResponse:
    """Leads to the page on which a place stands, with it or what was searched for marked."""
    place = queries.cited(key, request.user, timezone.now())
    page = reverse("report-page", args=[place.report.key, place.page])
    said = {"at": place.key}
    said |= {name: typed(value) for name in SOUGHT if (value := request.GET.get(name))}
    return redirect(f"{page}?{urlencode(said)}")


@require_safe
def to_page(request: HttpRequest, key: str) -> HttpResponse:
    """The form "go to page": leads to the page, or to the nearest one there is."""
    found = queries.report_for(key, request.user, timezone.now())
    said = request.GET.get("number", "").strip()
    number = int(said[:9]) if said.isascii() and said.isdigit() else 1
    number = min(max(number, 1), found.page_count)
    return redirect("report-page", key=found.key, number=number)


@require_safe
def image(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The image of a page as PNG. Kept by nobody but a visitor's own browser, for half a minute."""
    found = queries.report_for(key, request.user, timezone.now())
    page = queries.page_for(found, number).page
    if not page.has_image:
        raise NotFound("this format has no pages")
    answer = HttpResponse(page_png(found, number), content_type="image/png")
    if not request.user.is_authenticated:  # who is signed in may see what is not public
        answer["Cache-Control"] = "private, max-age=30, must-revalidate"
    return answer


@require_safe
def passage(request: HttpRequest, key: str) -> HttpResponse:
    """The lasting address of a place: its words, where they stand, what they carry."""
    now = timezone.now()
    place = queries.cited(key, request.user, now)
    where = (place.report, place.span)
    codes = coding.codes_touching(*where, request.user, now)
    facts = profiles.facts_touching(*where, request.user, now)
    quotes = [one.quotes for one in codes] + [one.quotes for one in facts]
    keys = dict.fromkeys([key, *(quote.key for group in quotes for quote in group)])
    return render(
        request,
        "documents/passage.html",
        {
            "place": place,
            "codes": codes,
            "facts": facts,
            "uses": publishing.uses_of(keys),
            "covered": publishing.covered_uses_of(keys, person=request.user),
            "chapters": publishing.chapters_citing(keys, now=now),
            "suggestions": coding.suggestions_touching(*where, request.user),
            "staff": may(request.user, "see unpublished reports"),
            "citation": _citation(request, place),
        },
    )


def _citation(request: HttpRequest, place: Cited) -> str:
    """How to cite a place, as one line of plain text."""
    review = place.report.review
    parts = [
        f"{review.board}. " if review.board else "",
        review.title,
        f" ({date_format(review.published_on, 'Y')})" if review.published_on else "",
        f", {place.report.get_kind_display().lower()}",
        f", page {place.page}" if place.report.page_count > 1 else "",
        ". ",
        request.build_absolute_uri(reverse("passage", args=[place.key])),
        f" (read {date_format(timezone.localdate(), 'j F Y')}).",
        " Fictional, written for demonstration." if review.fictional else "",
    ]
    return "".join(parts)
