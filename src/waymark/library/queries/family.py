"""When the family in a review was told that it would be published."""

from waymark.accounts.permissions import Actor, require_permission
from waymark.documents.models import Review
from waymark.library.models import FamilyNotification


def family_notifications(review: Review, person: Actor) -> list[FamilyNotification]:
    """When the family was told, oldest first, without removed records. Raises NotPermitted."""
    require_permission(person, "publish reports")
    return list(FamilyNotification.objects.filter(review=review, withdrawn_at=None))
