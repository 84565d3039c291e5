"""Facts that leave the filters of Find when an overview begins to protect small numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from waymark.documents.models import Review
from waymark.library import services as library
from waymark.publishing.queries.protected import reviews_with_protected_numbers


@contextmanager
def protected_facts_reindexed(now: datetime) -> Iterator[None]:
    """Mark the reviews whose protection changes inside the block, so that they are indexed again.

    Their services, factors and ages would otherwise still be counted beside the numbers that an
    overview withholds, until something else of the review changed.
    """
    before = reviews_with_protected_numbers().keys()
    yield
    changed = before ^ reviews_with_protected_numbers().keys()
    if changed:
        numbers = Review.objects.filter(reference__in=changed).values_list("pk", flat=True)
        library.mark_changed(reviews=list(numbers), now=now)
