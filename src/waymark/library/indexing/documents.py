"""Index documents of catalogue records, made with a few database queries for each batch."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from waymark.library.indexing.resource_documents import resource_documents
from waymark.library.indexing.review_documents import review_documents
from waymark.library.models import CatalogueRecord
from waymark.library.queries.subjects import subjects_of
from waymark.library.search.protocol import IndexDocuments

# Records processed at once: all their texts are in memory together.
BATCH = 20


def documents_of(records: Iterable[int], *, now: datetime) -> Iterator[IndexDocuments]:
    """Yield the documents of each record, in order; memory holds BATCH records at a time.

    records: primary keys; a record that no longer exists has no documents.
    """
    remaining = iter(records)
    while numbers := list(islice(remaining, BATCH)):
        yield from _batch_documents(numbers, now)


def _batch_documents(numbers: Sequence[int], now: datetime) -> Iterator[IndexDocuments]:
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
    for number in numbers:
        yield documents.get(number) or IndexDocuments(number)
