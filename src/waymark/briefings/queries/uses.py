"""What teams did with briefings: what visitors see, and what waits for a person to read."""

from django.db.models import Q, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.briefings.models import BriefingUse, UseState
from waymark.briefings.queries.editions import published_briefings
from waymark.publishing.models import Manuscript


def shown_uses(manuscript: Manuscript) -> QuerySet[BriefingUse]:
    """Records that a person decided to show, the newest first."""
    return BriefingUse.objects.filter(manuscript=manuscript, state=UseState.SHOWN)


def all_shown_uses() -> QuerySet[BriefingUse]:
    """Records of all published briefings that a person decided to show, the newest first."""
    slugs = Q(pk__in=[])
    for row in published_briefings():
        slugs |= Q(manuscript__kind=row.kind, manuscript__slug=row.slug)
    rows = BriefingUse.objects.filter(slugs, state=UseState.SHOWN)
    return rows.select_related("manuscript")


def waiting_uses(person: Actor) -> QuerySet[BriefingUse]:
    """Records that nobody has decided on, the oldest first. Raises NotPermitted."""
    require_permission(person, "write briefings")
    rows = BriefingUse.objects.filter(state=UseState.RECEIVED)
    return rows.select_related("manuscript").order_by("received_at", "pk")
