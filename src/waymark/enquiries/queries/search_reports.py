"""Report of a literature search: for staff, and for the asker to whom it was sent."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from waymark.core.errors import NotFound
from waymark.enquiries.models import Enquiry, LiteratureSearch
from waymark.enquiries.queries.desk import thread_of
from waymark.enquiries.queries.library_runs import public_records, site_address
from waymark.enquiries.queries.searches import report_view
from waymark.enquiries.search_report import (
    ReportedLine,
    ReportedResult,
    ReportedSource,
    SearchReport,
)

WITHDRAWN = "A record that is no longer in the public library."
ENDINGS = {"pdf": "PDF", "docx": "Word"}
"""Ending of a file -> its name for people."""


def report_paths(enquiry: Enquiry, search: LiteratureSearch) -> list[tuple[str, str]]:
    """Name and address of each file of a report for the asker, by their private link."""
    place = [enquiry.reference, enquiry.token, search.pk]
    return [
        (label, reverse("enquiry-search-report", args=[*place, ending]))
        for ending, label in ENDINGS.items()
    ]


def sent_search(reference: str, token: str, number: int) -> LiteratureSearch:
    """A search whose report was sent with an answer, by the private link. Raises NotFound."""
    enquiry = thread_of(reference, token)
    search = enquiry.searches.filter(pk=number, sent_at__isnull=False).first()
    if search is None:
        raise NotFound("there is no report at this address")
    return search


# ---- the report ----


def report_of(search: LiteratureSearch, now: datetime) -> SearchReport:
    """The report of a search; of a finished one, as it was when it was finished.

    A chosen record that the public cannot see any more keeps its place, without its title and note.
    """
    view = report_view(search)
    public = {row.key for row in public_records([row.key for row in view.results if row.key], now)}
    return SearchReport(
        title=search.title,
        question=search.question,
        facts=tuple((name, words) for name, words in search_facts(search) if words),
        summary=search.summary,
        sources=tuple(
            ReportedSource(
                source.label,
                source.source.is_library,
                tuple(
                    ReportedLine(
                        line.number,
                        line.text,
                        line.run.hits if line.run else None,
                        line.run.on if line.run else None,
                    )
                    for line in source.lines
                ),
            )
            for source in view.sources
        ),
        counts=view.counts,
        results=tuple(
            ReportedResult(row.citation, site_address(row.url) if row.url else "", row.note)
            if not row.key or row.key in public
            else ReportedResult(WITHDRAWN, "", "")
            for row in view.results
        ),
        service=settings.SITE_NAME,
        dated=search.finished_at or now,
        is_finished=search.finished_at is not None,
    )


def search_facts(search: LiteratureSearch) -> list[tuple[str, str]]:
    """Name and words of each part of the question, the scope, limits and rules; "" for none."""
    years = {
        (True, True): f"{search.years_from} to {search.years_to}",
        (True, False): f"from {search.years_from}",
        (False, True): f"until {search.years_to}",
        (False, False): "",
    }[search.years_from is not None, search.years_to is not None]
    return [
        *((name, words) for name, words in search.parts),
        ("Scope", search.scope),
        ("Years", years),
        ("Languages", search.languages),
        ("Nations", search.nations),
        ("Kinds of publication", search.kinds),
        ("Included", search.include),
        ("Left out", search.exclude),
    ]
