"""Pages of a report with text and image, and the lasting address of a passage."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.coding import queries as coding
from waymark.coding.assignments import own_open_work
from waymark.documents.keys import span_key, text_key
from waymark.documents.models import Report
from waymark.documents.queries import reader, readings
from waymark.documents.queries.reader import PageText
from waymark.documents.reading.arrangement import arrange, printed_rows
from waymark.library.queries.content_notes import content_notes_of, content_notes_together
from waymark.library.queries.similar_passages import similar_passages
from waymark.profiles import queries as profiles
from waymark.publishing import queries as publishing
from waymark.publishing.queries.protected import facts_are_withheld
from waymark.web.library.exports import record_files
from waymark.web.reader.highlighting import TextMarks, cited_reading, cited_spans, marks_of
from waymark.web.reader.report_html import ReportWriter, cite_address, notes_in
from waymark.web.reader.sheets import Sheet, boxes_on_pages
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.passage_citation import passage_citation
from waymark.web.shared.take_away import TakeAway, feeds_of_record

SOUGHT = ("q", "broaden")
"""Search parameters passed on to a report so that it highlights the searched words."""
SIMILAR = 3
"""Similar passages beside a passage."""


@require_safe
def report_page(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One page: its text, and its image with the cited words highlighted.

    A number that the report does not have leads to the nearest page, which says so.
    """
    report = reader.report_for(key, request.user, timezone.now())
    if not 1 <= number <= report.page_count:
        return _to_nearest_page(report, number)
    leaf = reader.page_for(report, number, reading=cited_reading(request, report))
    page = leaf.page
    marks = marks_of(request, report, leaf.reading, leaf.stretches)
    packed = {page.number: bytes(page.words)} if page.has_image and page.words else {}
    boxes = boxes_on_pages([page], packed, marks)
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
            "sheet": Sheet.of(report, page, boxes.get(number, ())) if page.has_image else None,
            "text": _page_html(leaf, marks, packed),
            "earlier_text": leaf.reading != report.reading,
            "running_lines": leaf.running_lines,
            "onward": _key_beyond(request, report, leaf),
            "opens_at": marks.anchor,
            "earlier": number - 1,
            "later": number + 1 if number < report.page_count else 0,
            "no_such_page": _number_outside(report, request.GET.get("asked", "")),
        },
    )


def _page_html(leaf: PageText, marks: TextMarks, packed: Mapping[int, bytes]) -> SafeString:
    groups = list(arrange(leaf.stretches, printed_rows(leaf.stretches, [leaf.page], packed)))
    writer = ReportWriter(marks, cite_address, top=3, notes=notes_in(groups))
    return mark_safe("".join(map(writer.group_html, groups)))  # noqa: S308 it escapes every word


def _key_beyond(request: HttpRequest, report: Report, leaf: PageText) -> str:
    """Key of the first cited passage that goes on over the end of a page, "" without one."""
    cited = cited_spans(request, report, leaf.reading)
    spans = (span for span in cited if span.start < leaf.page.end < span.end)
    return next((span_key(text_key(report.key, leaf.reading), span) for span in spans), "")


@require_safe
def passage_page(request: HttpRequest, key: str) -> HttpResponse:
    """Redirect to a passage in its report, with the passage and the searched words highlighted."""
    place = reader.cited_place(key, request.user, timezone.now())
    text = reverse("report", args=[place.report.key])
    parameters = {"at": place.key}
    parameters |= {name: clean_line(value) for name in SOUGHT if (value := request.GET.get(name))}
    return redirect(f"{text}?{urlencode(parameters)}#at")


@require_safe
def to_page(request: HttpRequest, key: str) -> HttpResponse:
    """Form "Go to page": redirect to the page, or to the nearest one that exists."""
    report = reader.report_for(key, request.user, timezone.now())
    typed_number = request.GET.get("number", "").strip()
    number = int(typed_number[:9]) if typed_number.isascii() and typed_number.isdigit() else 1
    return _to_nearest_page(report, number)


def _to_nearest_page(report: Report, number: int) -> HttpResponse:
    """Redirect to a page of a report, or to the nearest one, with the number that was asked for."""
    nearest = min(max(number, 1), report.page_count)
    address = reverse("report-page", args=[report.key, nearest])
    return redirect(address if nearest == number else f"{address}?asked={number}")


def _number_outside(report: Report, typed: str) -> int | None:
    """The number of a page that was asked for and that the report does not have."""
    if not (typed.isascii() and typed.isdigit()):
        return None
    number = int(typed[:9])
    return None if 1 <= number <= report.page_count else number


@require_safe
def passage_detail(request: HttpRequest, key: str) -> HttpResponse:
    """Lasting address of a passage: its text, location, codes and use in overviews."""
    now = timezone.now()
    place = reader.cited_place(key, request.user, now)
    report, now_at = place.report, None
    if place.reading != report.reading:
        now_at = readings.words_now(report, place.reading, place.span)
    words_now = span_key(text_key(report.key, report.reading), now_at) if now_at else ""
    span_now = now_at if place.reading != report.reading else place.span
    similar = (
        similar_passages(report, span_now, person=request.user, now=now, limit=SIMILAR)
        if span_now
        else ()
    )
    # What was decided about these words may have moved with them to the current text.
    where, reading = (report, place.span), place.reading
    withheld = facts_are_withheld(report.review.reference, request.user)
    codes, facts = [], []
    if not withheld:
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
            "withheld": withheld,
            "facts": facts,
            "uses": publishing.uses_of(keys),
            "covered": publishing.withheld_uses_of(keys, person=request.user),
            "chapters": publishing.chapters_citing(keys, now=now),
            "suggestions": coding.suggestions_touching(
                *where, request.user, reading=reading, now_at=now_at
            ),
            "staff": has_permission(request.user, "see unpublished reports"),
            "coding": own_open_work(request.user, report.review),
            "similar": similar,
            "similar_notes": content_notes_together(hit.reference for hit in similar),
            "take": TakeAway(
                noun="passage",
                citation=passage_citation(request, place),
                follow=feeds_of_record("review", report.review.reference, []),
                download=record_files(report.review),
                first="The record of its review:",
            ),
        },
    )
