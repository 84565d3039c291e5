"""Set the publication state of a record: the rules for every kind of record."""

from collections.abc import Collection
from datetime import datetime

from waymark.accounts import audit, removals
from waymark.accounts.models import State, Visible
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError


def set_state(
    record: Visible,
    state: State,
    *,
    by: Actor,
    now: datetime,
    public_from: datetime | None = None,
    seen: State | None = None,
    reports: Collection[str] = (),
) -> None:
    """Set the publication state. For the services of each kind of record.

    A change that hides the record goes into the journal of removals. seen: the state that the
    person saw when deciding, if known. reports: keys of the reports that are hidden with it.
    Raises NotPermitted; RuleError unless an embargo, and only an embargo, has an end; and if the
    state changed after it was seen, so that nobody publishes a record that was just withdrawn.
    """
    require_permission(by, "publish reports")
    if (state == State.EMBARGOED) != (public_from is not None):
        raise RuleError("an embargo needs an end time, and no other state has one")
    # Read the stored state again: the object can be older than the lock of this service.
    rows = type(record)._default_manager.values_list("state", "public_from")
    current, opens = rows.get(pk=record.pk)
    if seen is not None and current != seen:
        label = State(current).label.lower()
        raise RuleError(f"it has since been changed to {label}: check it again, then decide")
    before, after = (State(current), opens), (State(state), public_from)
    subject = record.audit_subject()
    removals.note_state(subject=subject, before=before, after=after, now=now, reports=reports)
    record.state, record.public_from = after
    record.save(update_fields=["state", "public_from"])
    audit.record_entry(actor=by, action="set state", subject=subject, now=now, state=str(state))
