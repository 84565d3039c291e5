"""The single visibility rule, applied in every query, also to results of the search index."""

from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from waymark.accounts.models import State, Visible
from waymark.accounts.permissions import Actor, has_permission, require_permission

Record = TypeVar("Record", bound=Visible)
OPEN_TO_STAFF = frozenset(State) - {State.WITHDRAWN, State.EXPIRED}


def visible_to(person: Actor, *, now: datetime, prefix: str = "") -> Q:
    """Query condition for rows that the person can see.

    prefix: path from the queried model to the model with the state, such as "report__".
    Everyone sees published rows, and embargoed ones after the end of the embargo. Staff also see
    received, in check, internal and embargoed ones. Nobody sees withdrawn and expired ones (a
    tombstone is a separate page).
    """
    # The end of an embargo is part of the condition, so a report becomes public at that moment
    # without any task that would have to run on time.
    public = Q(**{f"{prefix}state": State.PUBLISHED}) | Q(
        **{f"{prefix}state": State.EMBARGOED, f"{prefix}public_from__lte": now}
    )
    if has_permission(person, "see unpublished reports"):
        return Q(**{f"{prefix}state__in": OPEN_TO_STAFF})
    return public


def in_visible(model: type[Visible], person: Actor, *, now: datetime, prefix: str = "") -> Q:
    """Query condition for rows of a record that the person can see. prefix: path to the record.

    Example: a quote is shown if the person can see both its report and the review of that.
    """
    paths = model.VISIBILITY_PATHS
    return Q(*(visible_to(person, now=now, prefix=f"{prefix}{path}") for path in paths))


def visible_rows(model: type[Record], person: Actor, now: datetime) -> QuerySet[Record]:
    """The records of a model that a person can see."""
    return model._default_manager.filter(in_visible(model, person, now=now))


def listed_states(person: Actor) -> frozenset[State]:
    """The states listed for a person; withdrawn ones only if they may restore them.

    Raises NotPermitted.
    """
    require_permission(person, "see unpublished reports")
    return frozenset(State) if has_permission(person, "publish reports") else OPEN_TO_STAFF
