"""The steps of a review that stand, as rows and as plain steps."""

from collections.abc import Sequence

from waymark.documents.models import Review
from waymark.library.models import ReviewStep
from waymark.library.schemes import Taken


def standing_steps(review: Review) -> list[ReviewStep]:
    """The steps that were not taken back, in the order in which they were taken."""
    return list(ReviewStep.objects.filter(review=review, superseded_at=None).order_by("on", "pk"))


def taken(steps: Sequence[ReviewStep]) -> list[Taken]:
    """Rows as plain steps."""
    return [Taken(one.status, one.on, one.decision, one.reason) for one in steps]
