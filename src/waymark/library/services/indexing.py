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
from waymark.accounts.permissions import Actor, require
from waymark.documents.models import Review
from waymark.library.engine import engine
from waymark.library.models import CatalogueRecord, Concept, Resource, to_do
from waymark.library.records import documents_of
from waymark.library.services.availability import note_change, note_openings
from waymark.library.subjects import reached, steps

TICK = timedelta(microseconds=1)
ROWS = 500


@dataclass(frozen=True, slots=True)
class Indexed:
    """done: number of records indexed by this call; waiting: number still pending."""

    done: int
    waiting: int


@audit.in_turn
def catalogue_review(*, by: Actor, review: Review, now: datetime) -> CatalogueRecord:
    """Create the library's record of a review, or mark the existing one to be indexed again."""
    require(by, "catalogue")
    record, created = CatalogueRecord.objects.get_or_create(
        review=review, defaults={"changed_at": now}
    )
    return _catalogued(record, created=created, by=by, now=now)


@audit.in_turn
def catalogue_resource(*, by: Actor, resource: Resource, now: datetime) -> CatalogueRecord:
    """Create the library's record of a resource, or mark the existing one to be indexed again."""
    require(by, "catalogue")
    record, created = CatalogueRecord.objects.get_or_create(
        resource=resource, defaults={"changed_at": now}
    )
    return _catalogued(record, created=created, by=by, now=now)


def _catalogued(
    record: CatalogueRecord, *, created: bool, by: Actor, now: datetime
) -> CatalogueRecord:
    if created:
        note_change(record, now=now)
        record.save(update_fields=["available_at", "harvest_at"])
        audit.record(actor=by, action="catalogue", subject=record.audit_subject(), now=now)
    else:
        mark_changed(records=[record.pk], now=now)
        record.refresh_from_db()
    return record


@audit.in_turn
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
    changed = _numbers(concepts)
    # A record about a narrower subject is also found by the names of the broader one.
    narrower = steps("to_concept_id", "from_concept_id") if changed else {}
    return sum(
        _mark(Q(**{f"{path}__in": numbers[start : start + ROWS]}), now=now)
        for path, numbers in (
            ("review", _numbers(reviews)),
            ("resource", _numbers(resources)),
            ("pk", _numbers(records)),
            ("subjects", sorted(reached(changed, narrower))),
        )
        for start in range(0, len(numbers), ROWS)
    )


def _numbers(rows: Iterable[int | Model]) -> list[int]:
    return [row.pk if isinstance(row, Model) else row for row in rows]


def _mark(selected: Q, *, now: datetime) -> int:
    listed = CatalogueRecord.objects.filter(pk__in=CatalogueRecord.objects.filter(selected))
    records = list(listed.select_for_update(of=("self",)).select_related("review", "resource"))
    for record in records:
        # Always later than before, even where two changes carry the same time.
        record.changed_at = max(now, record.changed_at + TICK)
        note_change(record, now=now)
    CatalogueRecord.objects.bulk_update(records, ["changed_at", "available_at", "harvest_at"])
    return len(records)


def index_changed(*, now: datetime, limit: int = 500) -> Indexed:
    """Index up to limit pending records, the oldest changes first.

    Embargoes that have ended are recorded first (see availability.py). Without an index, or with
    one of another version, everything is rebuilt. No transaction is open while documents are made,
    so that nobody waits. Raises RuleError if another process writes the index for too long.
    """
    note_openings(now=now)
    if not engine().ready():
        return rebuild_index(now=now)
    rows = list(to_do().order_by("changed_at", "pk").values_list("pk", "changed_at")[:limit])
    if rows:
        engine().replace(documents_of([number for number, _ in rows], now=now))
        _follow(rows)
    return Indexed(len(rows), to_do().count())


def rebuild_index(*, now: datetime) -> Indexed:
    """Build the index anew from the database; searches use the old one until it is complete."""
    followed: list[tuple[int, datetime]] = []

    # The times are read row by row, before the documents of each record are made (see above).
    def records() -> Iterator[int]:
        rows = CatalogueRecord.objects.order_by("pk").values_list("pk", "changed_at")
        for number, changed_at in rows.iterator(chunk_size=ROWS):
            followed.append((number, changed_at))
            yield number

    engine().rebuild(documents_of(records(), now=now))
    _follow(followed)
    return Indexed(len(followed), to_do().count())


@audit.in_turn
def _follow(followed: list[tuple[int, datetime]]) -> None:
    for start in range(0, len(followed), ROWS):
        CatalogueRecord.objects.bulk_update(
            [CatalogueRecord(pk=pk, indexed_at=at) for pk, at in followed[start : start + ROWS]],
            ["indexed_at"],
        )
