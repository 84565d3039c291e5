"""Queries about bodies, limited to those that a person may see.

Names join bodies to reviews: a review keeps the words of its board as they were written, and a body
has every name under which it is known. So no review is rewritten when bodies are merged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from waymark.accounts.permissions import Actor, require_permission
from waymark.bodies.models import Body, BodyName, BodySuccession
from waymark.core.errors import require_found
from waymark.documents.models import Review
from waymark.documents.queries.reader import open_reviews

STAFF = "see unpublished reports"


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What another record takes over from a duplicate. names: that become its own."""

    names: tuple[str, ...]
    reviews: int
    successions: int


@dataclass(frozen=True, slots=True)
class NameWithoutBody:
    """Words for a board in reviews that no body has as a name. reviews: how many say so."""

    name: str
    nation: str
    reviews: int


def current_bodies() -> QuerySet[Body]:
    """The bodies without those merged into another record. The caller checks who may see them."""
    return Body.objects.filter(merged_into=None)


def open_bodies(person: Actor, now: datetime) -> QuerySet[Body]:
    """The bodies that are listed, or that a review names which the person may see."""
    # One list for all bodies: asked for each of them, the reviews would be read as often.
    boards = open_reviews(person, now).exclude(board="").order_by().values("board").distinct()
    named = BodyName.objects.filter(name__in=boards).order_by()
    owners = named.annotate(owner=Coalesce("body__merged_into", "body")).values("owner")
    return current_bodies().filter(Q(listed=True) | Q(pk__in=owners))


def body_with_key(key: str) -> Body:
    """The body of a key; of a merged record, the one that replaced it. Raises NotFound."""
    body = Body.objects.select_related("merged_into").filter(key=key).first()
    body = require_found(body, f"there is no body {key}")
    return body.merged_into or body


def body_for(key: str, person: Actor, now: datetime) -> Body:
    """The body of a key, or the one it was merged into. Raises NotFound, also if it is hidden."""
    body = body_with_key(key)
    return require_found(
        open_bodies(person, now).filter(pk=body.pk).first(), f"there is no body {key}"
    )


def body_called(name: str) -> Body | None:
    """The body that has a name, exactly as written; None if none has it."""
    row = BodyName.objects.select_related("body__merged_into").filter(name=name.strip()).first()
    return (row.body.merged_into or row.body) if row is not None else None


def bodies_called(names: frozenset[str]) -> Mapping[str, Body]:
    """Name -> body, of the names that a body has."""
    rows = BodyName.objects.filter(name__in=names).select_related("body__merged_into")
    return {row.name: row.body.merged_into or row.body for row in rows}


def names_of(body: Body) -> QuerySet[BodyName]:
    """The names of a body, with those of its duplicates."""
    return BodyName.objects.filter(Q(body=body) | Q(body__merged_into=body))


def public_names_of(body: Body, person: Actor, now: datetime) -> list[BodyName]:
    """The names to show to a person: all of a listed body, else those of reviews that they see."""
    rows = names_of(body)
    if not body.listed:
        rows = rows.filter(name__in=open_reviews(person, now).values("board"))
    return list(rows)


def reviews_of(body: Body, person: Actor, now: datetime) -> QuerySet[Review]:
    """The reviews of a body, by any of its names, that a person may see."""
    return open_reviews(person, now).filter(board__in=names_of(body).values("name"))


def successions_of(body: Body) -> tuple[list[BodySuccession], list[BodySuccession]]:
    """From whom a body took over, and who took over from it, the earliest first."""
    rows = BodySuccession.objects.select_related("earlier__merged_into", "later__merged_into")
    same = Body.objects.filter(Q(pk=body.pk) | Q(merged_into=body))
    return list(rows.filter(later__in=same)), list(rows.filter(earlier__in=same))


def names_without_body(person: Actor) -> list[NameWithoutBody]:
    """Words for boards that no body has as a name, the most frequent first.

    Raises NotPermitted.
    """
    require_permission(person, STAFF)
    named = BodyName.objects.filter(name=OuterRef("board"))
    rows = Review.objects.exclude(board="").filter(~Exists(named)).order_by()
    counted = rows.values_list("board", "nation").annotate(Count("pk"))
    by_name: dict[str, NameWithoutBody] = {}
    for name, nation, number in counted:
        earlier = by_name.get(name)
        total = number + (earlier.reviews if earlier else 0)
        by_name[name] = NameWithoutBody(name, earlier.nation if earlier else nation, total)
    return sorted(by_name.values(), key=lambda row: (-row.reviews, row.name))


def merge_preview(duplicate: Body, person: Actor) -> MergePreview:
    """What the other record would take over. Raises NotPermitted."""
    require_permission(person, "catalogue")
    earlier, later = successions_of(duplicate)
    names = tuple(names_of(duplicate).values_list("name", flat=True))
    reviews = Review.objects.filter(board__in=names).count()
    return MergePreview(names, reviews, len(earlier) + len(later))
