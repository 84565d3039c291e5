"""The one rule of who sees what: applied in every query, also where an index has answered."""

from datetime import datetime

from django.db.models import Q

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, may

OPEN_TO_STAFF = frozenset(State) - {State.WITHDRAWN, State.EXPIRED}


def visible_to(person: Actor, *, now: datetime, prefix: str = "") -> Q:
    """The condition that a row's state lets the person see it.

    prefix: the path from the queried model to the model with the state, as "report__".
    Published, or embargoed until a moment that has passed: everybody. Received, in check, internal
    and embargoed: staff. Withdrawn and expired: nobody (a tombstone is another page).
    """
    public = Q(**{f"{prefix}state": State.PUBLISHED}) | Q(
        **{f"{prefix}state": State.EMBARGOED, f"{prefix}public_from__lte": now}
    )
    if may(person, "see unpublished reports"):
        return Q(**{f"{prefix}state__in": OPEN_TO_STAFF})
    return public
