"""Catalogue records, and keep the search index up to date.

Pending work is a state, not a message: a record whose changed_at is later than its indexed_at.
indexed_at is set to the changed_at that was read *before* the documents were made. So a change made
meanwhile is still pending afterwards, and a process that dies leaves nothing marked as done.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Model, Q

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.documents.models import Review
from waymark.library.indexing.documents import documents_in_parts, documents_of, index_executor
from waymark.library.models import CatalogueRecord, Concept, Resource, unindexed_records
from waymark.library.queries.search_backend import search_backend
from waymark.library.queries.subjects import concept_links, reachable_concepts
from waymark.library.search.protocol import IndexDocuments
from waymark.library.services.availability import note_change, note_openings
from waymark.library.services.meaning import follow_changes

TICK = timedelta(microseconds=1)
ROWS = 500
TIMES = ("changed_at", "available_at", "harvest_at")


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """done: number of records indexed by this call; waiting: number still pending."""

    done: int
    waiting: int


@audit.serialized
def catalogue_review(*, by: Actor, review: Review, now: datetime) -> CatalogueRecord:
    """Create the library's record of a review, or mark the existing one to be indexed again."""
    require_permission(by, "catalogue")
    record, created = CatalogueRecord.objects.get_or_create(
        review=review, defaults={"changed_at": now}
    )
    return _note_catalogued(record, created=created, by=by, now=now)


@audit.serialized
def catalogue_resource(*, by: Actor, resource: Resource, now: datetime) -> CatalogueRecord:
    """Create the library's record of a resource, or mark the existing one to be indexed again."""
    require_permission(by, "catalogue")
    record, created = CatalogueRecord.objects.get_or_create(
        resource=resource, defaults={"changed_at": now}
    )
    return _note_catalogued(record, created=created, by=by, now=now)


def catalogue_new_resource(*, by: Actor, resource: Resource, now: datetime) -> CatalogueRecord:
    """Create the record of a resource that the calling service has just added: it has none."""
    require_permission(by, "catalogue")
    record = CatalogueRecord.objects.create(resource=resource, changed_at=now)
    return _note_catalogued(record, created=True, by=by, now=now)


def _note_catalogued(
    record: CatalogueRecord, *, created: bool, by: Actor, now: datetime
) -> CatalogueRecord:
    if created:
        note_change(record, now=now)
        if record.harvest_at is not None:
            record.save(update_fields=["available_at", "harvest_at"])
        audit.record_about(by, "catalogue", record, now)
    else:
        mark_changed(records=[record.pk], now=now)
        record.refresh_from_db()
    return record


@audit.serialized
def mark_changed(
    *,
    now: datetime,
    reviews: Iterable[int | Review] = (),
    resources: Iterable[int | Resource] = (),
    records: Iterable[int | CatalogueRecord] = (),
    concepts: Iterable[int | Concept] = (),
) -> int:
    """Mark records to be indexed again and harvested again; return the number of records.

    Call it after each change of what a search can find or show: a text, a state, reports, agreed
    codes, catalogue data. reviews, resources: marks their records, where they have one. concepts:
    marks the records about one of these or a narrower one; call it after a change of a concept's
    names, and both before and after it moves in the thesaurus.
    """
    changed = _primary_keys(concepts)
    # A record about a narrower subject is also found by the names of the broader one.
    narrower = concept_links("to_concept_id", "from_concept_id") if changed else {}
    return sum(
        _mark_records(Q(**{f"{path}__in": numbers[start : start + ROWS]}), now=now)
        for path, numbers in (
            ("review", _primary_keys(reviews)),
            ("resource", _primary_keys(resources)),
            ("pk", _primary_keys(records)),
            ("subjects", sorted(reachable_concepts(changed, narrower))),
        )
        for start in range(0, len(numbers), ROWS)
    )


def _primary_keys(rows: Iterable[int | Model]) -> list[int]:
    return [row.pk if isinstance(row, Model) else row for row in rows]


def _mark_records(selected: Q, *, now: datetime) -> int:
    # A subquery: joined to its subjects, a record about two of them would be listed twice.
    listed = CatalogueRecord.objects.filter(pk__in=CatalogueRecord.objects.filter(selected))
    records = list(listed.select_for_update(of=("self",)).select_related("review", "resource"))
    for record in records:
        # Always later than before, even where two changes carry the same time.
        record.changed_at = max(now, record.changed_at + TICK)
        note_change(record, now=now)
    if len(records) == 1:
        # The usual case in an import, where a bulk update takes three times as long.
        records[0].save(update_fields=TIMES)
    else:
        CatalogueRecord.objects.bulk_update(records, TIMES)
    return len(records)


def index_changed(*, now: datetime, limit: int = 500) -> IndexProgress:
    """Index up to limit pending records, the oldest changes first.

    Embargoes that have ended are recorded first (see availability.py). Without an index, or with
    one of another version, everything is rebuilt. No transaction is open while documents are made,
    so that nobody waits. Raises RuleError if another process writes the index for too long.
    """
    note_openings(now=now)
    if not search_backend().ready():
        return rebuild_index(now=now)
    rows = list(
        unindexed_records().order_by("changed_at", "pk").values_list("pk", "changed_at")[:limit]
    )
    if rows:
        numbers = [number for number, _ in rows]
        search_backend().replace(documents_of(numbers, now=now))
        follow_changes(numbers, now=now)
        _mark_indexed(rows)
    return IndexProgress(len(rows), unindexed_records().count())


def rebuild_index(*, now: datetime) -> IndexProgress:
    """Build the index anew from the database; searches use the old one until it is complete."""
    # The times are read before any document is made (see above).
    followed = list(CatalogueRecord.objects.order_by("pk").values_list("pk", "changed_at"))
    numbers = [number for number, _ in followed]
    with index_executor(len(numbers)) as executor:
        search_backend().rebuild(
            documents_in_parts(numbers, places=executor.places, now=now),
            executor=executor,
            total=len(numbers),
            replayed=lambda: _changed_documents(dict(followed), now),
        )
    follow_changes(unindexed_records().values_list("pk", flat=True), now=now)
    # What changed meanwhile waits again, so it is followed once more.
    _mark_indexed(followed)
    return IndexProgress(len(followed), unindexed_records().count())


def _changed_documents(followed: dict[int, datetime], now: datetime) -> Iterator[IndexDocuments]:
    """The documents of records that are new, changed or deleted since their times were read."""
    current = dict(CatalogueRecord.objects.values_list("pk", "changed_at"))
    numbers = sorted(followed.keys() | current.keys())
    return documents_of([pk for pk in numbers if followed.get(pk) != current.get(pk)], now=now)


def _mark_indexed(followed: list[tuple[int, datetime]]) -> None:
    """Mark records as indexed, some in each transaction, so that others can write in between.

    In one transaction 10,000 records took 5 seconds, and who waits for 20 to write is refused.
    """
    for start in range(0, len(followed), ROWS):
        _mark_some(
            [CatalogueRecord(pk=pk, indexed_at=at) for pk, at in followed[start : start + ROWS]]
        )


@audit.serialized
def _mark_some(records: list[CatalogueRecord]) -> None:
    CatalogueRecord.objects.bulk_update(records, ["indexed_at"])
