"""When the public could first find a record, and when its data for harvesters last changed.

available_at is set once: by the change that makes the record public, or to the end of its embargo.
harvest_at moves with every marked change of a record that has ever been public, including its
withdrawal.
"""

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from waymark.accounts import audit
from waymark.accounts.models import State, Visible
from waymark.documents.models import Report
from waymark.library.indexing.embargo import ALREADY_PUBLIC, opening_of
from waymark.library.models import CatalogueRecord


def note_change(record: CatalogueRecord, *, now: datetime) -> None:
    """Update both times of a record after a change of its review or resource; the caller saves it.

    record: with its review or resource in the new state.
    """
    if record.available_at is None and opening_of(item_of(record), now) == ALREADY_PUBLIC:
        record.available_at = now
    # Never set for what the public never saw: harvesters learn nothing of it, not even its end.
    if record.available_at is not None:
        record.harvest_at = max(now, record.harvest_at or now)


def item_of(record: CatalogueRecord) -> Visible:
    """The review or resource of a record."""
    item = record.review or record.resource
    if item is None:
        raise LookupError("the database requires a review or a resource for each record")
    return item


def note_openings(*, now: datetime) -> int:
    """Record the embargoes that have ended since the last call; return the number of records.

    available_at becomes the end of the embargo. The embargo of a single report, or of an item that
    was public before, changes only harvest_at.
    """
    # Asked first without the write lock: nearly always nothing has opened.
    if not _records_opened(now).exists():
        return 0
    return _write_openings(now=now)


@audit.serialized
def _write_openings(*, now: datetime) -> int:
    records = list(_records_opened(now).select_related("review", "resource"))
    for record in records:
        if record.available_at is None:
            record.available_at = item_of(record).public_from
        # For harvesters the change is now: they have asked for everything up to now already.
        record.harvest_at = now
    CatalogueRecord.objects.bulk_update(records, ["available_at", "harvest_at"])
    return len(records)


def _records_opened(now: datetime) -> QuerySet[CatalogueRecord]:
    """Records with an embargo that ended after harvest_at."""
    ended = {"state": State.EMBARGOED, "public_from__lte": now}
    # A review opens with its own embargo, or gains a report whose embargo ends.
    never_harvested = Q(harvest_at=None)
    reports = Report.objects.filter(review=OuterRef("review"), **ended)
    return CatalogueRecord.objects.filter(
        Q(
            never_harvested | Q(review__public_from__gt=F("harvest_at")),
            **{f"review__{name}": value for name, value in ended.items()},
        )
        | Q(
            never_harvested | Q(resource__public_from__gt=F("harvest_at")),
            **{f"resource__{name}": value for name, value in ended.items()},
        )
        | Exists(reports.filter(public_from__gt=OuterRef("harvest_at")))
    )
