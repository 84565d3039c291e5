"""Putting a thing into a state: the rules that hold whatever the thing is."""

from datetime import datetime

from waymark.accounts.models import State, Visible
from waymark.core.errors import RuleError


def put_into(
    thing: Visible, state: State, *, public_from: datetime | None = None, seen: State | None = None
) -> None:
    """Store who may see a thing. For services, which ask for the permission and keep the record.

    seen: the state that whoever decided had before them, where they had one.
    Raises RuleError unless an embargo, and only an embargo, comes with its end; and where the
    state was changed after it was seen, so that nobody publishes what was just withdrawn.
    """
    if (state == State.EMBARGOED) != (public_from is not None):
        raise RuleError("an embargo needs the time of its end, and nothing else takes one")
    there = type(thing)._default_manager.values_list("state", flat=True).get(pk=thing.pk)
    if seen is not None and there != seen:
        label = State(there).label.lower()
        raise RuleError(f"somebody has made it {label} meanwhile: look at it again, then decide")
    thing.state, thing.public_from = State(state), public_from
    thing.save(update_fields=["state", "public_from"])
