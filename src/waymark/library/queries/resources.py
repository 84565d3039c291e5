"""Reading resources, and what records have to do with each other, as far as a person may see."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from waymark.accounts.permissions import Actor
from waymark.accounts.visibility import visible_to
from waymark.core.errors import NotFound
from waymark.documents.models import Review
from waymark.library.kinds import KINDS, kind_of
from waymark.library.models import CatalogueRecord, Relation, RelationKind, Resource
from waymark.library.subjects import Subject, subjects_of

LONGEST_SERIES = 200


def open_resources(person: Actor, now: datetime) -> QuerySet[Resource]:
    """The resources that a person may see."""
    return Resource.objects.filter(visible_to(person, now=now))


def resource_for(key: str, person: Actor, now: datetime) -> Resource:
    """The resource of a key. Raises NotFound, also where the person may not see it."""
    found = open_resources(person, now).filter(key=key).select_related("record").first()
    if found is None:
        raise NotFound(f"there is no resource {key}")
    return found


def newest_first(resources: QuerySet[Resource]) -> QuerySet[Resource]:
    """By when they came out, the newest first; those without a year last."""
    return resources.order_by(
        F("year").desc(nulls_last=True), F("published_on").desc(nulls_last=True), "title", "key"
    )


def resources_listed(
    person: Actor, now: datetime, *, kind: str, offset: int, limit: int
) -> tuple[int, list[Resource]]:
    """How many resources of a kind ("": any) a person may see, and those from offset on."""
    wanted = open_resources(person, now)
    if kind:
        wanted = wanted.filter(kind=kind)
    return wanted.count(), list(newest_first(wanted)[offset : offset + limit])


def kinds_held(person: Actor, now: datetime) -> dict[str, int]:
    """Kind -> number of resources that a person may see, in the order of the kinds, no zeros."""
    rows = open_resources(person, now).order_by().values_list("kind").annotate(n=Count("pk"))
    counts = dict(rows)
    return {kind: counts[kind] for kind in KINDS if kind in counts}


def of_series(resource: Resource, person: Actor, now: datetime) -> list[Resource]:
    """The other resources of the same series, newest first; none where it is in no series."""
    if not resource.series:
        return []
    others = open_resources(person, now).filter(series=resource.series).exclude(pk=resource.pk)
    return list(newest_first(others)[:LONGEST_SERIES])


def subjects_given(record: CatalogueRecord) -> list[Subject]:
    """The subjects that a cataloguer gave a record, by name."""
    return [one for one in subjects_of([record.pk]).get(record.pk, []) if one.given]


# ---- what has to do with what ----


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as a list names it. kind: in words; one of review and resource is None."""

    record: int
    kind: str
    title: str
    year: int | None
    review: Review | None
    resource: Resource | None


@dataclass(frozen=True, slots=True)
class Link:
    """That a record has to do with another. how: as the first record sees it, in words."""

    relation: Relation
    how: str
    entry: Entry


_SEEN_FROM = {
    (RelationKind.RELATED, True): "Related",
    (RelationKind.RELATED, False): "Related",
    (RelationKind.PART_OF, True): "Part of",
    (RelationKind.PART_OF, False): "Has as a part",
    (RelationKind.REPLACES, True): "Replaces",
    (RelationKind.REPLACES, False): "Replaced by",
}


def links_of(record: CatalogueRecord, person: Actor, now: datetime) -> list[Link]:
    """The records linked to one that a person may see: replacements, parts, then the others."""
    rows = Relation.objects.filter(Q(source=record) | Q(target=record)).select_related(
        "source__review", "source__resource", "target__review", "target__resource"
    )
    open_now = _open_records(person, now)
    seen = set(open_now.filter(Q(relations__in=rows) | Q(related_from__in=rows)).values_list("pk"))
    links = []
    for row in rows:
        ours = row.source_id == record.pk
        other = row.target if ours else row.source
        if (other.pk,) in seen:
            how = _SEEN_FROM[RelationKind(row.kind), ours]
            links.append(Link(row, how, entry_of(other)))
    order = list(dict.fromkeys(_SEEN_FROM.values()))
    weight = {how: number for number, how in enumerate(reversed(order))}
    return sorted(links, key=lambda one: (weight[one.how], -(one.entry.year or 0), one.entry.title))


def _open_records(person: Actor, now: datetime) -> QuerySet[CatalogueRecord]:
    """The records whose review or resource a person may see."""
    return CatalogueRecord.objects.filter(
        Q(review__isnull=False) & visible_to(person, now=now, prefix="review__")
        | Q(resource__isnull=False) & visible_to(person, now=now, prefix="resource__")
    )


def entry_of(record: CatalogueRecord) -> Entry:
    """A record as a list names it."""
    kind = KINDS[kind_of(record)]
    if record.resource is not None:
        title, year = record.resource.title, record.resource.year
        return Entry(record.pk, kind, title, year, None, record.resource)
    if record.review is None:
        raise LookupError(f"record {record.pk} is of nothing")
    known = record.review.published_on or record.review.completed_on
    return Entry(
        record.pk, kind, record.review.title, known.year if known else None, record.review, None
    )


def also_about(
    record: CatalogueRecord, person: Actor, now: datetime, *, limit: int, but: Iterable[int] = ()
) -> list[Entry]:
    """Records about the same, the nearest first: a subject that few records share tells most.

    Of a resource other resources, of a review whatever there is. but: records named already.
    """
    subjects = list(record.subjects.values_list("pk", flat=True))
    others = _open_records(person, now).exclude(pk__in=[record.pk, *but])
    if record.resource_id is not None:
        others = others.filter(resource__isnull=False)
    shared: dict[int, list[int]] = defaultdict(list)
    rows = others.filter(subjects__in=subjects).order_by()
    for other, subject in rows.values_list("pk", "subjects"):
        shared[subject].append(other)
    weights: dict[int, float] = defaultdict(float)
    for found in shared.values():
        for other in found:
            weights[other] += 1 / len(found)
    nearest = sorted(weights, key=lambda pk: (-weights[pk], pk))[:limit]
    named = CatalogueRecord.objects.select_related("review", "resource").in_bulk(nearest)
    return [entry_of(named[pk]) for pk in nearest]
