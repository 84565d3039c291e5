"""410 page for withdrawn or expired items."""

from collections.abc import Callable, Mapping
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from waymark.core.errors import ParseError
from waymark.documents.keys import parse_span_key
from waymark.documents.models import Report, Review
from waymark.library.models import RemovalKind, Resource
from waymark.library.queries import repository
from waymark.library.queries.repository import Tombstone

Thing = Review | Report | Resource


def _find_review(arguments: Mapping[str, str]) -> Thing | None:
    return Review.objects.filter(reference=arguments.get("reference", "")).first()


def _find_report(arguments: Mapping[str, str]) -> Thing | None:
    reports = Report.objects.select_related("review")
    return reports.filter(key=arguments.get("key", "")).first()


def _find_passage_report(arguments: Mapping[str, str]) -> Thing | None:
    try:
        key = parse_span_key(arguments.get("key", "")).report
    except ParseError:
        return None
    return Report.objects.select_related("review").filter(key=key).first()


def _find_resource(arguments: Mapping[str, str]) -> Thing | None:
    return Resource.objects.filter(key=arguments.get("key", "")).first()


PLACES: dict[str, Callable[[Mapping[str, str]], Thing | None]] = {
    "reviews/": _find_review,
    "reports/": _find_report,
    "p/": _find_passage_report,
    "resources/": _find_resource,
    "answers/": _find_resource,
}
"""Start of an address -> lookup of its item. All pages and files under it share its tombstone."""


def tombstone_at(request: HttpRequest) -> Tombstone | None:
    """Tombstone of the item at this address, if it was public and was withdrawn or expired."""
    here = request.resolver_match
    if here is None:
        return None
    for beginning, thing_of in PLACES.items():
        if here.route.startswith(beginning):
            # Looked up without visibility: tombstone_of() decides whether it was public.
            item = thing_of(here.kwargs)
            person = getattr(request, "user", AnonymousUser())
            return repository.tombstone_of(item, person, timezone.now()) if item else None
    return None


def tombstone_page(request: HttpRequest, stone: Tombstone) -> HttpResponse:
    """Render a tombstone; no cache may store the page."""
    answer = render(request, "tombstone.html", {"stone": stone}, status=410)
    answer["Cache-Control"] = "no-store"
    return answer


def withdrawn_page(request: HttpRequest, item: str, on: date) -> HttpResponse:
    """Tombstone of what has no text for the public. item: what it was, such as "Course".

    It has no title: that may be what was wrong.
    """
    stone = Tombstone(
        kind=RemovalKind.WITHDRAWN, title=item, on=on, reason="", successor=None, review=None
    )
    return tombstone_page(request, stone)
