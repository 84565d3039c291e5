"""Recommendations of inquiries that are not case reviews, limited to what a person may see.

Each scheme has states in its own words, so they are counted by scheme and never added up with the
standings of reviews. One recommendation to three recipients is counted three times, as in a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Count, Q, QuerySet
from django.db.models.functions import Cast, Substr

from waymark.accounts.content_state import ContentCache, content_mark
from waymark.accounts.permissions import Actor
from waymark.accounts.visibility import visible_rows
from waymark.bodies.queries import open_bodies
from waymark.core.errors import require_found
from waymark.follow_up.queries.said_before import open_inquiry_recommendations
from waymark.recommendations.models import (
    InquiryAddressee,
    InquiryRecommendation,
    InquiryScheme,
)

_pictures: ContentCache[tuple["SchemePicture", ...]] = ContentCache(8)


@dataclass(frozen=True, slots=True)
class SchemePicture:
    """Counts of a scheme. states, recipients, years: of its addressees, the most first.

    recipients, states: "" for none named; years: in which they were made, "" if not known.
    """

    key: str
    name: str
    published: bool
    inquiries: int
    recommendations: int
    addressees: int
    states: Mapping[str, int]
    recipients: Mapping[str, int]
    years: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class InquiryRecommendationView:
    """A recommendation of an inquiry. bodies: primary keys of those with a public page."""

    recommendation: InquiryRecommendation
    addressees: tuple[InquiryAddressee, ...]
    bodies: frozenset[int]


def scheme_pictures(person: Actor, now: datetime) -> tuple[SchemePicture, ...]:
    """The schemes that a person may see, by name, with their counts."""
    mark = content_mark(person, now, InquiryScheme)
    return _pictures.value(mark, "schemes", lambda: _count(person, now))


def scheme_with(key: str, person: Actor, now: datetime) -> InquiryScheme:
    """The scheme of a key. Raises NotFound."""
    schemes = visible_rows(InquiryScheme, person, now)
    return require_found(schemes.filter(key=key).first(), f"there is no scheme {key}")


def scheme_rows(scheme: InquiryScheme, person: Actor, now: datetime) -> QuerySet[InquiryAddressee]:
    """The current addressees of a scheme, with their recommendations."""
    return InquiryAddressee.objects.filter(
        recommendation__in=open_inquiry_recommendations(person, now).filter(inquiry__scheme=scheme),
        superseded_at=None,
    ).select_related("recommendation__inquiry")


def inquiry_recommendation(
    scheme: str, number: int, person: Actor, now: datetime
) -> InquiryRecommendationView:
    """A recommendation of an inquiry with everyone it was made to. Raises NotFound."""
    row = require_found(
        open_inquiry_recommendations(person, now)
        .filter(inquiry__scheme__key=scheme, pk=number)
        .select_related("inquiry__scheme")
        .first(),
        f"there is no recommendation {number} of {scheme}",
    )
    addressees = tuple(row.addressees.filter(superseded_at=None).select_related("body"))
    named = [addressee.body_id for addressee in addressees if addressee.body_id]
    open_keys = open_bodies(person, now).filter(pk__in=named).values_list("pk", flat=True)
    return InquiryRecommendationView(row, addressees, frozenset(open_keys))


def _count(person: Actor, now: datetime) -> tuple[SchemePicture, ...]:
    return tuple(
        _count_scheme(scheme, person, now)
        for scheme in visible_rows(InquiryScheme, person, now).order_by("name")
    )


def _count_scheme(scheme: InquiryScheme, person: Actor, now: datetime) -> SchemePicture:
    rows = scheme_rows(scheme, person, now).select_related(None).order_by()
    totals = rows.aggregate(
        inquiries=Count(
            "recommendation__inquiry",
            filter=~Q(recommendation__inquiry__reference=""),
            distinct=True,
        ),
        recommendations=Count("recommendation", distinct=True),
        addressees=Count("pk"),
    )
    year = Substr(Cast("made_on", CharField()), 1, 4)
    return SchemePicture(
        key=scheme.key,
        name=scheme.name,
        published=scheme.state == "published",
        states=_counts(rows, "status"),
        recipients=_counts(rows, "words"),
        years=dict(sorted(_counts(rows.annotate(year=year), "year").items())),
        **totals,
    )


def _counts(rows: QuerySet[InquiryAddressee], column: str) -> dict[str, int]:
    counted = rows.values_list(column).annotate(number=Count("pk")).order_by("-number", column)
    return {value or "": number for value, number in counted}
