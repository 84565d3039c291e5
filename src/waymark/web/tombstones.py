"""What stands at the address of something that went: 410 with a tombstone, else nothing."""

from collections.abc import Callable, Mapping

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from waymark.core.errors import ParseError
from waymark.documents.keys import parse_span_key
from waymark.documents.models import Report, Review
from waymark.library.models import Resource
from waymark.library.queries import repository
from waymark.library.queries.repository import Tombstone

Thing = Review | Report | Resource


def _review(said: Mapping[str, str]) -> Thing | None:
    return Review.objects.filter(reference=said.get("reference", "")).first()


def _report(said: Mapping[str, str]) -> Thing | None:
    reports = Report.objects.select_related("review")
    return reports.filter(key=said.get("key", "")).first()


def _report_of_place(said: Mapping[str, str]) -> Thing | None:
    try:
        key, _ = parse_span_key(said.get("key", ""))
    except ParseError:
        return None
    return Report.objects.select_related("review").filter(key=key).first()


def _resource(said: Mapping[str, str]) -> Thing | None:
    return Resource.objects.filter(key=said.get("key", "")).first()


PLACES: dict[str, Callable[[Mapping[str, str]], Thing | None]] = {
    "reviews/": _review,
    "reports/": _report,
    "p/": _report_of_place,
    "resources/": _resource,
}
"""How an address begins -> what it is of. Every page and file under it has the same tombstone."""


def tombstone_at(request: HttpRequest) -> Tombstone | None:
    """The tombstone of what the address was of, where it was public and went."""
    here = request.resolver_match
    if here is None:
        return None
    for beginning, thing_of in PLACES.items():
        if here.route.startswith(beginning):
            thing = thing_of(here.kwargs)
            person = getattr(request, "user", AnonymousUser())
            return repository.tombstone_of(thing, person, timezone.now()) if thing else None
    return None


def page(request: HttpRequest, stone: Tombstone) -> HttpResponse:
    """The page of a tombstone, never kept by any cache."""
    answer = render(request, "tombstone.html", {"stone": stone}, status=410)
    answer["Cache-Control"] = "no-store"
    return answer
