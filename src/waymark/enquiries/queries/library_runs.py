"""Our library as a source of a literature search: runs of a line, and records to choose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from waymark.core.errors import NotFound, RuleError
from waymark.core.site_address import NO_ADDRESS, public_address
from waymark.documents.models import Review
from waymark.enquiries.queries.searches import SearchView
from waymark.enquiries.search_strategy import foreign_marks
from waymark.library.catalogue.citation import cite_resource
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import Resource
from waymark.library.queries.resources import resource_for
from waymark.library.queries.reviews import open_review
from waymark.library.queries.search import checked_results, prepared_search
from waymark.library.search.parser import STRATEGY_LIMITS
from waymark.library.search.protocol import SearchRequest

PUBLIC = AnonymousUser()
MOST_RECORDS = 1_000
"""Records of a run that are stored: enough to compare, and to choose from."""
OFFERED = 50
"""Records that are offered to choose from."""


def run_query(text: str, now: datetime) -> tuple[int, list[str]]:
    """Hits of a query in our library, and the keys of the first MOST_RECORDS records.

    It finds what the public can see, and searches no related terms: the line is all that is
    searched. Raises RuleError for a line that is not understood in full, ServiceUnavailable.
    """
    request = SearchRequest(
        text, limit=MOST_RECORDS, broaden=False, counted=False, limits=STRATEGY_LIMITS
    )
    search = prepared_search(request, PUBLIC, now)
    problems = [*foreign_marks(text), *(note.message for note in search.notes)]
    if search.query is None or problems:
        reasons = "; ".join(problems) or "it has no words"
        raise RuleError(f"“{text[:80]}” was not run: {reasons}")
    _, results, rows = checked_results(search.query, PUBLIC, now)
    records = [rows.records[match.record] for match in results.records if rows.shows(match)]
    return results.total, [record_key(record.described) for record in records]


def record_key(described: Review | Resource) -> str:
    """The key by which answers cite a record: "R07", "briefing-infants"."""
    return described.key if isinstance(described, Resource) else described.reference


@dataclass(frozen=True, slots=True)
class CitedPublication:
    """A record as a report cites it. path: of its page."""

    key: str
    citation: str
    path: str


def cited_publication(key: str, now: datetime) -> CitedPublication:
    """A record that the public can see. Raises NotFound."""
    try:
        review = open_review(key, PUBLIC, now)
    except NotFound:
        resource = resource_for(key, PUBLIC, now)
        described = ResourceDescription(
            kind=resource.kind,
            title=resource.title,
            authors=tuple(resource.authors),
            author_bodies=tuple(resource.author_bodies),
            conducted_by=resource.conducted_by,
            publisher=resource.publisher,
            series=resource.series,
            report_number=resource.report_number,
            host_title=resource.host_title,
            volume=resource.volume,
            issue=resource.issue,
            pages=resource.pages,
            year=resource.year,
            url=resource.url,
            doi=resource.doi,
        )
        citation = cite_resource(described, accessed=resource.accessed_on)
        return CitedPublication(key, citation, reverse("resource", args=[key]))
    known = review.published_on or review.completed_on
    year = f" ({known.year})" if known else ""
    board = f"{review.board}{year} " if review.board else ""
    return CitedPublication(
        key, f"{board}{review.title}{'' if board else year}.", reverse("review", args=[key])
    )


def keys_to_choose(view: SearchView) -> list[str]:
    """Keys of the records that the last lines found in the library and that are not chosen yet."""
    chosen = {result.key for result in view.results}
    keys = (
        key
        for source in view.sources
        if source.source.is_library and source.lines and source.lines[-1].run is not None
        for key in source.lines[-1].run.records
    )
    return [key for key in dict.fromkeys(keys) if key not in chosen]


def records_to_choose(
    view: SearchView, now: datetime, *, first: int = 0, most: int = OFFERED
) -> list[CitedPublication]:
    """Some of keys_to_choose() as publications, from a place counted from 0."""
    return list(public_records(keys_to_choose(view)[first : first + most], now))


def public_records(keys: Iterable[str], now: datetime) -> Iterable[CitedPublication]:
    """Those of some records that the public can see now, as a report cites them."""
    for key in keys:
        try:
            yield cited_publication(key, now)
        # It was withdrawn since the run.
        except NotFound:
            continue


def site_address(path: str) -> str:
    """Whole address of a path of this site, NO_ADDRESS where others could open none."""
    site = public_address(settings.SITE_ADDRESS)
    return path if "://" in path else f"{site}{path}" if site else NO_ADDRESS
