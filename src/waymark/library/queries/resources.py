"""Resources and links between records, limited to what a person may see."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from waymark.accounts.permissions import Actor
from waymark.accounts.visibility import visible_to
from waymark.core.errors import NotFound
from waymark.documents.models import Review
from waymark.library.models import (
    CatalogueRecord,
    Concept,
    LabelKind,
    Relation,
    RelationKind,
    Resource,
)
from waymark.library.models.kinds import KINDS, kind_of
from waymark.library.queries.hydrate import is_open, open_records

MAX_SERIES = 200
MAX_SHARED = 2_000
"""Most pairs of a subject and a record that are read to find the records closest to one."""


def open_resources(person: Actor, now: datetime) -> QuerySet[Resource]:
    """The resources that a person may see."""
    return Resource.objects.filter(visible_to(person, now=now))


def resource_for(key: str, person: Actor, now: datetime) -> Resource:
    """The resource with a key. Raises NotFound, also if the person may not see it."""
    resource = open_resources(person, now).filter(key=key).select_related("record").first()
    if resource is None:
        raise NotFound(f"there is no resource {key}")
    return resource


def newest_first(resources: QuerySet[Resource]) -> QuerySet[Resource]:
    """Sort by publication date, the newest first; those without a year last."""
    return resources.order_by(
        F("year").desc(nulls_last=True), F("published_on").desc(nulls_last=True), "title", "key"
    )


def others_in_series(resource: Resource, person: Actor, now: datetime) -> list[Resource]:
    """The other resources of the same series, newest first; none if it is in no series."""
    if not resource.series:
        return []
    others = open_resources(person, now).filter(series=resource.series).exclude(pk=resource.pk)
    return list(newest_first(others)[:MAX_SERIES])


@dataclass(frozen=True, slots=True)
class AssignedSubject:
    """A subject that a cataloguer assigned to a record. records: number of records that have it."""

    concept: int
    key: str
    name: str
    records: int


def assigned_subjects(record: CatalogueRecord) -> list[AssignedSubject]:
    """The subjects that a cataloguer assigned to a record, by name."""
    through = CatalogueRecord.subjects.through._default_manager
    # Counted one by one: a join with the names would multiply the records.
    sizes = through.filter(concept=OuterRef("pk")).order_by().values("concept")
    preferred = FilteredRelation("labels", condition=Q(labels__kind=LabelKind.PREFERRED))
    rows = Concept.objects.filter(records=record).annotate(
        preferred=preferred, size=Subquery(sizes.values_list(Count("pk")))
    )
    subjects: dict[int, AssignedSubject] = {}
    columns = "pk", "key", "preferred__language", "preferred__text", "size"
    for concept, key, language, text, size in rows.values_list(*columns):
        # As concept_names(): the English name, else one in another language, else the key.
        if concept not in subjects or (language or "").startswith("en"):
            subjects[concept] = AssignedSubject(concept, key, text or key, size)
    return sorted(subjects.values(), key=lambda subject: subject.name.casefold())


# ---- links between records ----


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """A record in a list. kind: in words; exactly one of review and resource is None."""

    record: int
    kind: str
    title: str
    year: int | None
    review: Review | None
    resource: Resource | None


@dataclass(frozen=True, slots=True)
class RecordLink:
    """A link to another record. label: the relation in words, seen from the first record."""

    relation: Relation
    label: str
    entry: RecordEntry
    record: CatalogueRecord


_SEEN_FROM = {
    (RelationKind.RELATED, True): "Related",
    (RelationKind.RELATED, False): "Related",
    (RelationKind.PART_OF, True): "Part of",
    (RelationKind.PART_OF, False): "Has as a part",
    (RelationKind.REPLACES, True): "Replaces",
    (RelationKind.REPLACES, False): "Replaced by",
}


def links_of(record: CatalogueRecord, person: Actor, now: datetime) -> list[RecordLink]:
    """The linked records that a person may see: replacements, parts, then related ones."""
    outgoing = Q(is_open(person, now, prefix="target__"), source=record)
    incoming = Q(is_open(person, now, prefix="source__"), target=record)
    rows = Relation.objects.filter(outgoing | incoming).select_related(
        "source__review", "source__resource", "target__review", "target__resource"
    )
    links = []
    for row in rows:
        is_source = row.source_id == record.pk
        other = row.target if is_source else row.source
        how = _SEEN_FROM[RelationKind(row.kind), is_source]
        links.append(RecordLink(row, how, entry_of(other), other))
    order = list(dict.fromkeys(reversed(_SEEN_FROM.values())))
    return sorted(
        links, key=lambda link: (order.index(link.label), -(link.entry.year or 0), link.entry.title)
    )


def entry_of(record: CatalogueRecord) -> RecordEntry:
    """A record as an entry of a list."""
    kind = KINDS[kind_of(record)]
    if record.resource is not None:
        title, year = record.resource.title, record.resource.year
        return RecordEntry(record.pk, kind, title, year, None, record.resource)
    if record.review is None:
        raise LookupError(f"record {record.pk} has neither a review nor a resource")
    known = record.review.published_on or record.review.completed_on
    return RecordEntry(
        record.pk, kind, record.review.title, known.year if known else None, record.review, None
    )


def newest_records(person: Actor, now: datetime, *, limit: int) -> list[RecordEntry]:
    """Reviews and resources that became public last, newest first, at most `limit` of each.

    An import of many resources must not push the last reviews out of the list.
    """
    public = open_records(person, now).filter(available_at__isnull=False)
    rows = public.select_related("review", "resource").order_by("-available_at", "-pk")
    newest = [
        record
        for resources in (False, True)
        for record in rows.filter(review__isnull=resources)[:limit]
    ]
    newest.sort(key=lambda record: (record.available_at, record.pk), reverse=True)
    return [entry_of(record) for record in newest]


def related_records(
    record: CatalogueRecord,
    person: Actor,
    now: datetime,
    *,
    limit: int,
    exclude: Iterable[int] = (),
    subjects: Iterable[AssignedSubject] | None = None,
) -> list[RecordEntry]:
    """Records on the same subjects, the closest first. exclude: numbers of records to leave out.

    subjects: those of the record, from a caller that has them.

    For a resource only other resources, for a review any record. A shared subject counts 1/n,
    where n other records have it: one shared by 2 records (0.5) outweighs four shared by 10 each
    (0.4). Of a large catalogue only the rarest subjects are compared: see _rarest_subjects().
    """
    compared = _rarest_subjects(assigned_subjects(record) if subjects is None else subjects)
    others = open_records(person, now).exclude(pk__in=[record.pk, *exclude])
    if record.resource_id is not None:
        others = others.filter(resource__isnull=False)
    sharing: dict[int, list[int]] = defaultdict(list)
    rows = others.filter(subjects__in=compared).order_by("pk")
    # The limit cuts the only subject of a record short, whose records all weigh the same.
    for other, subject in rows.values_list("pk", "subjects")[:MAX_SHARED]:
        sharing[subject].append(other)
    weights: dict[int, float] = defaultdict(float)
    for records in sharing.values():
        for other in records:
            weights[other] += 1 / len(records)
    nearest = sorted(weights, key=lambda pk: (-weights[pk], pk))[:limit]
    rows_by_pk = CatalogueRecord.objects.select_related("review", "resource").in_bulk(nearest)
    return [entry_of(rows_by_pk[pk]) for pk in nearest]


def _rarest_subjects(subjects: Iterable[AssignedSubject]) -> list[int]:
    """The rarest subjects of a record, as many as at most MAX_SHARED records share; at least one.

    A subject of thousands of records tells next to nothing about which two belong together.
    """
    rarest: list[int] = []
    pairs = 0
    for size, subject in sorted((subject.records, subject.concept) for subject in subjects):
        pairs += size
        if rarest and pairs > MAX_SHARED:
            break
        rarest.append(subject)
    return rarest
