"""Set the publication state of a record: the rules for every kind of record."""

from collections.abc import Collection
from datetime import datetime

from waymark.accounts import removals
from waymark.accounts.models import State, Visible
from waymark.core.errors import RuleError


def set_state(
    record: Visible,
    state: State,
    *,
    subject: str,
    now: datetime,
    public_from: datetime | None = None,
    seen: State | None = None,
    reports: Collection[str] = (),
) -> None:
    """Set the publication state. For services, which check permissions and write the audit log.

    A change that hides the record goes into the journal of removals. subject: audit subject. seen:
    the state that the person saw when deciding, if known. reports: keys of the reports that are
    hidden with it.
    Raises RuleError unless an embargo, and only an embargo, has an end; and if the state changed
    after it was seen, so that nobody publishes a record that was just withdrawn.
    """
    if (state == State.EMBARGOED) != (public_from is not None):
        raise RuleError("an embargo needs an end time, and no other state has one")
    # Read the stored state again: the object can be older than the lock of this service.
    rows = type(record)._default_manager.values_list("state", "public_from")
    current, opens = rows.get(pk=record.pk)
    if seen is not None and current != seen:
        label = State(current).label.lower()
        raise RuleError(
            f"someone else has since changed it to {label}: check it again, then decide"
        )
    before, after = (State(current), opens), (State(state), public_from)
    removals.note_state(subject=subject, before=before, after=after, now=now, reports=reports)
    record.state, record.public_from = after
    record.save(update_fields=["state", "public_from"])
