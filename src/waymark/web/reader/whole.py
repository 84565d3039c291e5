"""A whole report as one text beside the image of the page in view."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.core.spans import Span
from waymark.documents.models import Report
from waymark.documents.queries import reader
from waymark.documents.queries.reader import WholeText
from waymark.documents.queries.readings import AnyPage, word_boxes_of
from waymark.documents.reading.arrangement import StretchGroup, arrange, printed_rows
from waymark.library.queries.content_notes import content_notes_of
from waymark.library.queries.originals import offered_originals
from waymark.web.reader.highlighting import TextMarks, cited_reading, marks_of
from waymark.web.reader.report_html import PageBreak, ReportWriter, cite_address, notes_in
from waymark.web.reader.sheets import HighlightBox, Sheet, boxes_on_pages
from waymark.web.shared.clean_input import clean_line

MOST_CONTENTS = 200
"""Most headings in the contents; of a report with more, only the outer ones are listed."""
STOPS = "cite"
"""Parameter: the Tab key stops at every link to cite, of which a long report has thousands."""
LONGEST_CHUNK = 12_000
"""Characters of a part of the text that a browser lays out at once, in a format without pages."""


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """Heading in the contents. anchor: id in the text; current: the page opens below it."""

    level: int
    text: str
    anchor: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class HitsFound:
    """Result of finding words within the report.

    current: number of the hit shown, 0 for none; earlier, later: addresses of its neighbours, ""
    where there is none. left_out: there are more than count.
    """

    count: int
    left_out: bool
    current: int
    earlier: str
    later: str


@require_safe
def report_text(request: HttpRequest, key: str) -> HttpResponse:
    """The whole text of a report, with the cited and the searched words marked."""
    report = reader.report_for(key, request.user, timezone.now())
    whole = reader.whole_text(report, reading=cited_reading(request, report))
    marks = marks_of(request, report, whole.reading, whole.stretches)
    packed = word_boxes_of(report, whole.reading)
    groups = list(arrange(whole.stretches, printed_rows(whole.stretches, whole.pages, packed)))
    boxes = boxes_on_pages(whole.pages, packed, marks)
    shown = _page_shown(request, whole.pages, marks.opening)
    return render(
        request,
        "documents/report.html",
        {
            "report": report,
            "content_notes": content_notes_of(report.review),
            "original_offered": report.pk in offered_originals([report]),
            # Warnings can quote hidden words and names in the file, so only staff see them.
            "warnings": report.warnings
            if has_permission(request.user, "see unpublished reports")
            else [],
            "earlier_text": whole.reading != report.reading,
            "sources": list(
                dict.fromkeys(page.get_source_display() for page in whole.pages if page.source)
            ),
            "contents": _contents(groups, marks.opening),
            "text": _whole_html(report, whole, groups, marks, boxes, stops=STOPS in request.GET),
            "stops_address": "" if STOPS in request.GET else _stops_address(request, report),
            "cited": bool(marks.targets),
            "query": clean_line(request.GET.get("q", "")),
            "broaden": request.GET.get("broaden", ""),
            "hits": _hits_found(request, report, marks) if "q" in request.GET else None,
            "sheet": Sheet.of(report, shown, boxes.get(shown.number, ())) if shown else None,
            "sheet_address": _page_address(request, report, shown.number) if shown else "",
            "pages": [page for page in whole.pages if page.has_image],
            "pages_address": reverse("report", args=[report.key]) + "pages/",
        },
    )


def _page_shown(
    request: HttpRequest, pages: Sequence[AnyPage], opening: Span | None
) -> AnyPage | None:
    """The page whose image is shown first: of the marked words, else ?page=, else the first."""
    number = request.GET.get("page", "")
    at = int(number[:9]) - 1 if number.isascii() and number.isdigit() else 0
    if opening:
        at = bisect_right(pages, opening.start, key=lambda page: page.start) - 1
    page = pages[min(max(at, 0), len(pages) - 1)] if pages else None
    return page if page and page.has_image else None


def _contents(groups: Iterable[StretchGroup], opening: Span | None) -> list[ContentsEntry]:
    """The headings of a report; those further in are left out if there are very many."""
    headings = [group for group in groups if group.kind == "heading"]
    deepest = max((group.level for group in headings), default=0)
    while deepest > 1 and len(headings) > MOST_CONTENTS:
        deepest -= 1
        headings = [group for group in headings if group.level <= deepest]
    starts = [group.stretches[0].start for group in headings]
    current = bisect_right(starts, opening.start) - 1 if opening else -1
    return [
        ContentsEntry(group.level, group.stretches[0].text, f"s-{start}", number == current)
        for number, (group, start) in enumerate(zip(headings, starts, strict=True))
    ]


def _whole_html(
    report: Report,
    whole: WholeText,
    groups: Sequence[StretchGroup],
    marks: TextMarks,
    boxes: Mapping[int, Sequence[HighlightBox]],
    *,
    stops: bool,
) -> SafeString:
    """The text in parts, each of which a browser lays out only when it comes into view."""
    breaks = [
        PageBreak(page.start, _page_link(report, page, boxes.get(page.number, ())))
        for page in whole.pages
        if page.has_image
    ]
    writer = ReportWriter(marks, cite_address, breaks, notes=notes_in(groups), stops=stops)
    parts = [_part_html(writer, part) for part in _parts(groups, whole.pages)]
    parts.append(_page_line(writer.breaks_before(len(whole.content))))
    return mark_safe("".join(parts))  # noqa: S308 ReportWriter escapes every word


def _part_html(writer: ReportWriter, groups: Iterable[StretchGroup]) -> str:
    html = "".join(
        _page_line(writer.breaks_before(group.stretches[0].start)) + writer.group_html(group)
        for group in groups
    )
    return f'<div class="part">\n{html}</div>\n'


def _page_line(links: str) -> str:
    return f'<p class="folios">{links}</p>\n' if links else ""


def _page_link(report: Report, page: AnyPage, boxes: Sequence[HighlightBox]) -> str:
    """Number of a page at its start in the text, with what the script needs to show its image."""
    address = reverse("report-page", args=[report.key, page.number])
    marked = f' data-boxes="{";".join(map(str, boxes))}"' if boxes else ""
    return (
        f'<a class="folio" id="page-{page.number}" href="{address}" data-page="{page.number}"'
        f' data-width="{page.width:.2f}" data-height="{page.height:.2f}"{marked}>'
        f'Page {page.number}<span class="sr">, with its image</span></a> '
    )


def _parts(
    groups: Sequence[StretchGroup], pages: Sequence[AnyPage]
) -> Iterator[Iterable[StretchGroup]]:
    """Groups that begin on one page, or a few thousand characters in a format without pages."""

    def part_of(group: StretchGroup) -> int:
        start = group.stretches[0].start
        if len(pages) == 1:
            return start // LONGEST_CHUNK
        return bisect_right(pages, start, key=lambda page: page.start)

    return (part for _, part in groupby(groups, part_of))


def _marking_parameters(request: HttpRequest) -> dict[str, list[str]]:
    """Parameters of an address that say what is marked."""
    names = [name for name in ("q", "broaden", "at") if name in request.GET]
    return {name: [clean_line(value) for value in request.GET.getlist(name)] for name in names}


def _stops_address(request: HttpRequest, report: Report) -> str:
    """Address of the same text in which the Tab key stops at every link to cite."""
    query = urlencode(_marking_parameters(request) | {STOPS: ["stops"]}, doseq=True)
    return f"{reverse('report', args=[report.key])}?{query}#text-title"


def _page_address(request: HttpRequest, report: Report, number: int) -> str:
    """Address of a page with the same marks."""
    address = reverse("report-page", args=[report.key, number])
    marking = urlencode(_marking_parameters(request), doseq=True)
    return f"{address}?{marking}" if marking else address


def _hits_found(request: HttpRequest, report: Report, marks: TextMarks) -> HitsFound:
    address = reverse("report", args=[report.key])
    query = _marking_parameters(request)

    def address_of(number: int) -> str:
        if not 1 <= number <= len(marks.hits):
            return ""
        parameters = urlencode(query | {"hit": [str(number)]}, doseq=True)
        return f"{address}?{parameters}#hit-{number}"

    current = marks.current
    if marks.hits and not current:  # the first one from the cited words on
        begins = marks.opening.start if marks.opening else 0
        after = bisect_left(marks.hits, begins, key=lambda hit: hit.start)
        current = min(after, len(marks.hits) - 1) + 1
    return HitsFound(
        len(marks.hits), marks.left_out, current, address_of(current - 1), address_of(current + 1)
    )
