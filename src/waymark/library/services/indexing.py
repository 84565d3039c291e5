"""Cataloguing, and making the index follow.

What is still to do is a state, not a message: a record whose changed_at is later than its
indexed_at. indexed_at is set to the changed_at that was read *before* the documents were made, so
a change that comes while they are made is still to do afterwards, and a process that dies has
promised nothing.
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
    """done: records the index followed now. waiting: how many it still has to follow."""

    done: int
    waiting: int


@audit.in_turn
def catalogue_review(*, by: Actor, review: Review, now: datetime) -> CatalogueRecord:
    """Make the library's record of a review; where there is one, have it indexed again."""
    require(by, "catalogue")
    record, made = CatalogueRecord.objects.get_or_create(
        review=review, defaults={"changed_at": now}
    )
    return _catalogued(record, f"review {review.reference}", made=made, by=by, now=now)


@audit.in_turn
def catalogue_resource(*, by: Actor, resource: Resource, now: datetime) -> CatalogueRecord:
    """Make the library's record of a resource; where there is one, have it indexed again."""
    require(by, "catalogue")
    record, made = CatalogueRecord.objects.get_or_create(
        resource=resource, defaults={"changed_at": now}
    )
    return _catalogued(record, f"resource {resource.key}", made=made, by=by, now=now)


def _catalogued(
    record: CatalogueRecord, subject: str, *, made: bool, by: Actor, now: datetime
) -> CatalogueRecord:
    if made:
        note_change(record, now=now)
        record.save(update_fields=["available_at", "harvest_at"])
        audit.record(actor=by, action="catalogue", subject=subject, now=now)
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
    """Have these records indexed again, and harvesters told of them; the number of records.

    Call it after whatever changes what a search may find or show: a text, a state, reports, what
    was agreed, what the catalogue says. reviews, resources: their records, where they have one.
    concepts: the records that carry one of these, or a narrower one: after a change of a concept's
    names or of its place in the thesaurus (before and after, where it moves).
    """
    narrower = steps("to_concept_id", "from_concept_id") if (about := _numbers(concepts)) else {}
    return sum(
        _mark(Q(**{f"{path}__in": numbers[start : start + ROWS]}), now=now)
        for path, numbers in (
            ("review", _numbers(reviews)),
            ("resource", _numbers(resources)),
            ("pk", _numbers(records)),
            ("subjects", sorted(reached(about, narrower))),
        )
        for start in range(0, len(numbers), ROWS)
    )


def _numbers(rows: Iterable[int | Model]) -> list[int]:
    return [row.pk if isinstance(row, Model) else row for row in rows]


def _mark(wanted: Q, *, now: datetime) -> int:
    listed = CatalogueRecord.objects.filter(pk__in=CatalogueRecord.objects.filter(wanted))
    records = list(listed.select_for_update(of=("self",)).select_related("review", "resource"))
    for record in records:
        # Always later than before, even where two changes carry the same time.
        record.changed_at = max(now, record.changed_at + TICK)
        note_change(record, now=now)
    CatalogueRecord.objects.bulk_update(records, ["changed_at", "available_at", "harvest_at"])
    return len(records)


def index_changed(*, now: datetime, limit: int = 500) -> Indexed:
    """Have the index follow up to limit records, those that wait longest first.

    What an embargo's end has opened is written down on the way (see availability.py).
    Where there is no index, or one of another version, all is built anew. No transaction is held
    while documents are made, so nobody else waits. Raises RuleError when another writes too long.
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
    """Build the index anew from the database; until it is whole, the old one answers."""
    followed: list[tuple[int, datetime]] = []

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
