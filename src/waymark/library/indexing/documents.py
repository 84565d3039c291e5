"""Index documents of catalogue records, made with a few database queries for each batch."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate, islice

from django.conf import settings
from django.db import connection, connections
from django.db.models import Sum

from waymark.accounts.cluster import cluster_executor
from waymark.core.errors import ServiceUnavailable
from waymark.core.executor import Executor, LocalExecutor
from waymark.core.parallel import processors
from waymark.documents.models import Report
from waymark.library.indexing.resource_documents import resource_documents
from waymark.library.indexing.review_documents import review_documents
from waymark.library.models import CatalogueRecord
from waymark.library.queries.subjects import subjects_of
from waymark.library.search.index_values import microseconds
from waymark.library.search.protocol import IndexDocuments

log = logging.getLogger(__name__)

# Records processed at once: all their texts are in memory together.
BATCH = 100
PARALLEL = 1_000
"""Fewest records for which several processes pay."""


def documents_of(records: Iterable[int], *, now: datetime) -> Iterator[IndexDocuments]:
    """Yield the documents of each record, in order; memory holds BATCH records at a time.

    records: primary keys; a record that no longer exists has no documents.
    """
    for numbers in _batches(records):
        yield from _batch_documents(numbers, now=now)


@dataclass(frozen=True, slots=True)
class DocumentsOf:
    """The documents of some records, made as they are read, in the process that reads them."""

    records: tuple[int, ...]
    now: datetime

    def __iter__(self) -> Iterator[IndexDocuments]:
        return documents_of(self.records, now=self.now)


@contextmanager
def index_executor(records: int) -> Iterator[Executor]:
    """Where the documents of so many records are made: here, in several processes or a cluster."""
    # Other processes do not see what a transaction has changed so far.
    if records < PARALLEL or connection.in_atomic_block:
        yield LocalExecutor(1)
        return
    with ExitStack() as stack:
        executor: Executor = LocalExecutor(processors())
        if settings.DASK:
            try:
                executor = stack.enter_context(cluster_executor())
            except ServiceUnavailable as error:
                log.warning("the index is built on this machine alone: %s", error)
        yield executor


def documents_in_parts(records: Sequence[int], *, places: int, now: datetime) -> list[DocumentsOf]:
    """The documents of all records in as many parts as can be made at once.

    places: 0 while the only worker is starting again.
    """
    parts = [DocumentsOf(tuple(part), now) for part in _equal_parts(records, max(1, places))]
    if places > 1:
        connections.close_all()
    return parts


def _equal_parts(records: Sequence[int], count: int) -> list[list[int]]:
    """Runs of neighbouring records with about as many pages each.

    Neighbours stay together as one writer would put them: they are found in this order if they have
    the same score.
    """
    pages: dict[int, int] = {}
    if count > 1:
        rows = Report.objects.exclude(review__record=None).order_by()
        pages = dict(rows.values_list("review__record").annotate(Sum("page_count")))
    # A record has at least its title, like a page.
    ends = list(accumulate(1 + pages.get(number, 0) for number in records))
    parts: list[list[int]] = [[] for _ in range(count)]
    for number, end in zip(records, ends, strict=True):
        parts[(end - 1) * count // ends[-1]].append(number)
    return parts


def _batches(records: Iterable[int]) -> Iterator[list[int]]:
    remaining = iter(records)
    while numbers := list(islice(remaining, BATCH)):
        yield numbers


def _batch_documents(numbers: Sequence[int], *, now: datetime) -> list[IndexDocuments]:
    listed = CatalogueRecord.objects.filter(pk__in=numbers).select_related("resource")
    records = {record.pk: record for record in listed}
    subjects = subjects_of(records)
    of_reviews = [record for record in records.values() if record.review_id is not None]
    of_resources = [record for record in records.values() if record.resource_id is not None]
    documents = {
        record_documents.record: record_documents
        for record_documents in (
            *review_documents(of_reviews, subjects, now),
            *resource_documents(of_resources, subjects, now),
        )
    }
    # Their rows were read before their texts, so the texts are at least of that version.
    versions = {number: microseconds(record.changed_at) for number, record in records.items()}
    # The row of a record that no longer exists cannot change again.
    gone = microseconds(max(now, datetime.now(UTC)))
    return [
        replace(documents.get(number) or IndexDocuments(number), version=versions.get(number, gone))
        for number in numbers
    ]
