"""When the public could first find a record, and when harvesters are to be told of it again.

available_at is set once: with the change that makes the record public, or, where an embargo ends
by itself, to the moment at which it ended. harvest_at moves with every marked change of a record
that the public has ever been able to find, its withdrawal among them.
"""

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from waymark.accounts import audit
from waymark.accounts.models import State, Visible
from waymark.documents.models import Report
from waymark.library.models import CatalogueRecord
from waymark.library.openings import ALWAYS, opening_of


def note_change(record: CatalogueRecord, *, now: datetime) -> None:
    """Set both times of a record whose thing has just changed; the caller saves it.

    record: with its review or resource as it is now.
    """
    if record.available_at is None and opening_of(thing_of(record), now) == ALWAYS:
        record.available_at = now
    if record.available_at is not None:
        record.harvest_at = max(now, record.harvest_at or now)


def thing_of(record: CatalogueRecord) -> Visible:
    """The review or resource that the record is of."""
    thing = record.review or record.resource
    if thing is None:
        raise LookupError("a record is of a review or of a resource: the database says so")
    return thing


def note_openings(*, now: datetime) -> int:
    """Write down which embargoes have ended by themselves; the number of records.

    available_at becomes the moment at which the embargo ended. Of a report's embargo, and of one
    put on what had been public before, harvesters alone are told.
    """
    if not _opened(now).exists():
        return 0
    return _write_openings(now=now)


@audit.in_turn
def _write_openings(*, now: datetime) -> int:
    records = list(_opened(now).select_related("review", "resource"))
    for record in records:
        if record.available_at is None:
            record.available_at = thing_of(record).public_from
        record.harvest_at = now
    CatalogueRecord.objects.bulk_update(records, ["available_at", "harvest_at"])
    return len(records)


def _opened(now: datetime) -> QuerySet[CatalogueRecord]:
    """Records on which an embargo has ended since harvesters were told of them."""
    over = {"state": State.EMBARGOED, "public_from__lte": now}
    untold = Q(harvest_at=None)
    reports = Report.objects.filter(review=OuterRef("review"), **over)
    return CatalogueRecord.objects.filter(
        Q(
            untold | Q(review__public_from__gt=F("harvest_at")),
            **{f"review__{name}": value for name, value in over.items()},
        )
        | Q(
            untold | Q(resource__public_from__gt=F("harvest_at")),
            **{f"resource__{name}": value for name, value in over.items()},
        )
        | Exists(reports.filter(public_from__gt=OuterRef("harvest_at")))
    )
