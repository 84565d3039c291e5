"""Putting a thing into a state: the rules that hold whatever the thing is."""

from collections.abc import Collection
from datetime import datetime

from waymark.accounts import removals
from waymark.accounts.models import State, Visible
from waymark.core.errors import RuleError


def put_into(
    thing: Visible,
    state: State,
    *,
    subject: str,
    now: datetime,
    public_from: datetime | None = None,
    seen: State | None = None,
    reports: Collection[str] = (),
) -> None:
    """Store who may see a thing. For services, which ask for the permission and keep the record.

    What takes from sight goes into the journal of removals. subject: as the audit names it. seen:
    the state that whoever decided had before them, where they had one. reports: keys of the
    reports that close with it.
    Raises RuleError unless an embargo, and only an embargo, comes with its end; and where the
    state was changed after it was seen, so that nobody publishes what was just withdrawn.
    """
    if (state == State.EMBARGOED) != (public_from is not None):
        raise RuleError("an embargo needs the time of its end, and nothing else takes one")
    rows = type(thing)._default_manager.values_list("state", "public_from")
    there, opens = rows.get(pk=thing.pk)
    if seen is not None and there != seen:
        label = State(there).label.lower()
        raise RuleError(f"somebody has made it {label} meanwhile: look at it again, then decide")
    before, after = (State(there), opens), (State(state), public_from)
    removals.note_state(subject=subject, before=before, after=after, now=now, reports=reports)
    thing.state, thing.public_from = after
    thing.save(update_fields=["state", "public_from"])
