"""Lists of reviews that wait for a person, by name: /staff/?waiting=ready."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from waymark.accounts.models import User
from waymark.accounts.permissions import require_account
from waymark.accounts.visibility import listed_states
from waymark.coding.assignments import assigned_reviews, reviews_to_settle
from waymark.core.errors import NotFound
from waymark.documents.models import Review
from waymark.library.queries.repository import reviews_to_publish


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """Reviews that wait for a person. permission: needed to work on them."""

    label: str
    permission: str
    reviews: Callable[[User], QuerySet[Review]]

    def listed(self, person: User) -> QuerySet[Review]:
        """Those of them that the list of reviews shows to the person. Raises NotPermitted."""
        require_account(person, self.permission, "see your waiting reviews")
        return self.reviews(person).filter(state__in=listed_states(person))


QUEUES = {
    "ready": ReviewQueue(
        "Not public, and their files are ready", "publish reports", reviews_to_publish
    ),
    "coding": ReviewQueue("Assigned to you for coding", "code", assigned_reviews),
    "settling": ReviewQueue("Coded, and not yet settled", "adjudicate", reviews_to_settle),
}


def queue_named(name: str) -> ReviewQueue | None:
    """The queue in an address, None for "". Raises NotFound for one that does not exist."""
    if name and name not in QUEUES:
        raise NotFound(f"there is no list {name}")
    return QUEUES.get(name)
