"""From the database to the documents of the index: a few queries for each batch of records."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from waymark.library.models import CatalogueRecord
from waymark.library.records_of_resources import resource_documents
from waymark.library.records_of_reviews import review_documents
from waymark.library.search import Documents
from waymark.library.subjects import subjects_of

# Records read at once: their texts stand in memory together.
BATCH = 20


def documents_of(records: Iterable[int], *, now: datetime) -> Iterator[Documents]:
    """The documents of each record, in their order; memory holds BATCH records at a time.

    records: numbers in the catalogue; one that is no longer there has no documents.
    """
    waiting = iter(records)
    while numbers := list(islice(waiting, BATCH)):
        yield from _batch(numbers, now)


def _batch(numbers: Sequence[int], now: datetime) -> Iterator[Documents]:
    listed = CatalogueRecord.objects.filter(pk__in=numbers).select_related("resource")
    records = {record.pk: record for record in listed}
    subjects = subjects_of(records)
    of_reviews = [one for one in records.values() if one.review_id is not None]
    of_resources = [one for one in records.values() if one.resource_id is not None]
    made = {
        documents.record: documents
        for documents in (
            *review_documents(of_reviews, subjects, now),
            *resource_documents(of_resources, subjects, now),
        )
    }
    for number in numbers:
        yield made.get(number) or Documents(number)
