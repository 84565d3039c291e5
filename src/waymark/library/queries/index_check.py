"""Whether the search index holds what it should, all of it readable."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from waymark.library.engine import engine
from waymark.library.hits import open_records
from waymark.library.models import CatalogueRecord, to_do
from waymark.library.search import Audience, Request

REBUILD = "run waymark index rebuild"
AT_ONCE = 500


def index_faults(now: datetime) -> Iterator[str]:
    """What is wrong with the index, with the command that puts it right; every file is read."""
    of = CatalogueRecord.objects.count()
    if not engine().ready():
        if of:
            yield f"there is no search index that can be read: {REBUILD}"
        return
    damaged = list(engine().faults())
    if damaged:
        more = f", and {len(damaged) - 1} files more" if len(damaged) > 1 else ""
        yield f"the search index is damaged, {damaged[0]}{more}: {REBUILD}"
        return
    behind = to_do().count()
    if behind:
        yield f"{behind} of {of} records wait to be indexed: run waymark work --once"
    lacking = _lacking(now)
    if lacking:
        yield f"{lacking} of {of} records are not in the search index: {REBUILD}"
    elif not behind:
        yield from _too_many(now)


def _lacking(now: datetime) -> int:
    """How many records the index was said to have followed and does not hold."""
    staff = Audience(staff=True, now=now)
    followed = open_records(None, now).exclude(pk__in=to_do().values("pk"))
    numbers = list(followed.values_list("pk", flat=True))
    batches = (numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE))
    return sum(
        len(set(batch) - {one.record for one in engine().held(batch, staff)}) for batch in batches
    )


def _too_many(now: datetime) -> Iterator[str]:
    """What the index still shows to somebody who may not see it."""
    for person, staff in ((None, True), (AnonymousUser(), False)):
        shown = engine().count(Request(tree=None, audience=Audience(staff=staff, now=now)))
        most = open_records(person, now).count()
        if shown > most:
            whom = "staff" if staff else "everybody"
            yield f"the search index shows {shown} records to {whom} instead of {most}: {REBUILD}"
