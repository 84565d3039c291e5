"""Check that the search index is readable and has the right records."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from waymark.core.errors import ServiceUnavailable
from waymark.library.models import CatalogueRecord, unindexed_records
from waymark.library.queries.hydrate import open_records
from waymark.library.queries.search_backend import search_backend
from waymark.library.search.protocol import IndexQuery, SearchAudience

REBUILD = "run waymark index rebuild"
AT_ONCE = 500


def index_notes() -> Iterator[str]:
    """That a built-in index is still there, which nothing follows any more."""
    folder = settings.DATA / "index"
    if settings.SEARCH_BACKEND == "opensearch" and folder.exists():
        yield (
            f"the built-in index in {folder} is not in use, and keeps words of reports that are "
            "withdrawn or erased: delete this folder"
        )


def index_faults(now: datetime) -> Iterator[str]:
    """Faults of the index, each with the command that corrects it; reads every file."""
    try:
        yield from _faults(now)
    except ServiceUnavailable as error:
        # Of a cluster that does not answer. The rest of the installation is checked all the same.
        yield str(error)


def _faults(now: datetime) -> Iterator[str]:
    total = CatalogueRecord.objects.count()
    if not search_backend().ready():
        if total:
            yield f"the search index is missing or cannot be read: {REBUILD}"
        return
    damaged = list(search_backend().faults())
    if damaged:
        more = f", and {len(damaged) - 1} more files" if len(damaged) > 1 else ""
        yield f"the search index is damaged, {damaged[0]}{more}: {REBUILD}"
        return
    waiting = unindexed_records().count()
    if waiting:
        yield f"{waiting} of {total} records are waiting to be indexed: run waymark work --once"
    lacking = _missing_records(now)
    if lacking:
        yield f"{lacking} of {total} records are not in the search index: {REBUILD}"
    elif not waiting:
        yield from _excess_faults(now)


def _missing_records(now: datetime) -> int:
    """The number of records that are marked as indexed but missing from the index."""
    staff = SearchAudience(staff=True, now=now)
    followed = open_records(None, now).exclude(pk__in=unindexed_records().values("pk"))
    numbers = list(followed.values_list("pk", flat=True))
    batches = (numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE))
    return sum(
        len(set(batch) - {match.record for match in search_backend().indexed(batch, staff)})
        for batch in batches
    )


def _excess_faults(now: datetime) -> Iterator[str]:
    """Faults for each audience to whom the index shows more records than the database does."""
    for person, staff in ((None, True), (AnonymousUser(), False)):
        count = search_backend().count(
            IndexQuery(tree=None, audience=SearchAudience(staff=staff, now=now))
        )
        most = open_records(person, now).count()
        if count > most:
            whom = "staff" if staff else "everybody"
            yield f"the search index shows {count} records to {whom} instead of {most}: {REBUILD}"
