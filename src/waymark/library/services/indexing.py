"""Cataloguing reviews, and making the index follow.

What is still to do is a state, not a message: a record whose changed_at is later than its
indexed_at. indexed_at is set to the changed_at that was read *before* the documents were made, so
a change that comes while they are made is still to do afterwards, and a process that dies has
promised nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require
from waymark.documents.models import Review
from waymark.library.engine import engine
from waymark.library.models import CatalogueRecord, to_do
from waymark.library.records import documents_of

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
    if made:
        subject = f"review {review.reference}"
        audit.record(actor=by, action="catalogue", subject=subject, now=now)
    else:
        mark_changed(reviews=[review.pk], now=now)
        record.refresh_from_db()
    return record


@audit.in_turn
def mark_changed(*, reviews: Iterable[int | Review], now: datetime) -> int:
    """Have the records of these reviews indexed again; the number of records.

    Call it after whatever changes what a search may find or show of a review: its text, its
    state, its reports, what was agreed about it. A review that is not catalogued has no record.
    """
    numbers = [review.pk if isinstance(review, Review) else review for review in reviews]
    marked = 0
    for start in range(0, len(numbers), ROWS):
        records = list(
            CatalogueRecord.objects.select_for_update().filter(
                review__in=numbers[start : start + ROWS]
            )
        )
        for record in records:
            # Always later than before, even where two changes carry the same time.
            record.changed_at = max(now, record.changed_at + TICK)
        CatalogueRecord.objects.bulk_update(records, ["changed_at"])
        marked += len(records)
    return marked


def index_changed(*, now: datetime, limit: int = 500) -> Indexed:
    """Have the index follow up to limit records, those that wait longest first.

    Where there is no index, or one of another version, all is built anew. No transaction is held
    while documents are made, so nobody else waits. Raises RuleError when another writes too long.
    """
    if not engine().ready():
        return rebuild_index(now=now)
    rows = list(
        to_do().order_by("changed_at", "pk").values_list("pk", "review_id", "changed_at")[:limit]
    )
    if rows:
        engine().replace(documents_of([review for _, review, _ in rows], now=now))
        _follow([(number, changed_at) for number, _, changed_at in rows])
    return Indexed(len(rows), to_do().count())


def rebuild_index(*, now: datetime) -> Indexed:
    """Build the index anew from the database; until it is whole, the old one answers."""
    followed: list[tuple[int, datetime]] = []

    def reviews() -> Iterator[int]:
        rows = CatalogueRecord.objects.order_by("pk").values_list("pk", "review_id", "changed_at")
        for number, review, changed_at in rows.iterator(chunk_size=ROWS):
            followed.append((number, changed_at))
            yield review

    engine().rebuild(documents_of(reviews(), now=now))
    _follow(followed)
    return Indexed(len(followed), to_do().count())


@audit.in_turn
def _follow(followed: list[tuple[int, datetime]]) -> None:
    for start in range(0, len(followed), ROWS):
        CatalogueRecord.objects.bulk_update(
            [CatalogueRecord(pk=pk, indexed_at=at) for pk, at in followed[start : start + ROWS]],
            ["indexed_at"],
        )
