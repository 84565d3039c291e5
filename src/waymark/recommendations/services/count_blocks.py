"""Keep the counts of recommendations by block of reviews."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F

from waymark.recommendations.models import REVIEWS_IN_BLOCK, CountBlock


def note_change(review: int) -> None:
    """Note, in the caller's transaction, that what is counted of a review has changed.

    review: primary key.
    """
    block, _ = CountBlock.objects.get_or_create(number=review // REVIEWS_IN_BLOCK)
    CountBlock.objects.filter(pk=block.pk).update(changes=F("changes") + 1)


def store_counts(number: int, counted_for: str, counts: Mapping[str, Any]) -> None:
    """Store the counts of a block. number: of the block."""
    block, _ = CountBlock.objects.get_or_create(number=number)
    # Not changes: a change made meanwhile makes these counts too old.
    CountBlock.objects.filter(pk=block.pk).update(counted_for=counted_for, counts=counts)
