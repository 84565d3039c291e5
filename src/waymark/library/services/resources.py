"""Resources: entered, described, opened and closed. Everything marks the record for the index."""

from datetime import datetime

from django.utils.text import slugify

from waymark.accounts import audit
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require
from waymark.accounts.states import put_into
from waymark.core.errors import RuleError
from waymark.library.described import as_stored, description_of
from waymark.library.description import Description, differences, faults, tidied
from waymark.library.models import Resource
from waymark.library.services.indexing import catalogue_resource, mark_changed

KEY_LENGTH = 60


@audit.in_turn
def add_resource(*, by: Actor, description: Description, now: datetime, key: str = "") -> Resource:
    """Enter a resource, as "received", with its record.

    key: for addresses; made from title and year where it is left out. Raises RuleError for a key
    that is taken, and where the description is faulty (description.faults says how, by field).
    """
    require(by, "catalogue")
    said = _checked(description)
    key = key or _free_key(said)
    if Resource.objects.filter(key=key).exists():
        raise RuleError(f"there is a resource {key} already")
    resource = Resource(key=key, added_at=now, **as_stored(said))
    resource.save(force_insert=True)
    audit.record(actor=by, action="add resource", subject=f"resource {key}", now=now)
    catalogue_resource(by=by, resource=resource, now=now)
    return resource


@audit.in_turn
def change_resource(
    *, by: Actor, resource: Resource, description: Description, now: datetime
) -> list[str]:
    """Describe a resource anew; the names of the fields that changed. Raises RuleError as above."""
    require(by, "catalogue")
    said = _checked(description)
    changed = differences(description_of(resource), said)
    if not changed:
        return []
    stored = as_stored(said)
    for name in changed:
        setattr(resource, name, stored[name])
    resource.save(update_fields=changed)
    audit.record(
        actor=by,
        action="change resource",
        subject=f"resource {resource.key}",
        now=now,
        fields=changed,
    )
    mark_changed(resources=[resource.pk], now=now)
    return changed


@audit.in_turn
def set_resource_state(
    *,
    by: Actor,
    resource: Resource,
    state: State,
    now: datetime,
    public_from: datetime | None = None,
    seen: State | None = None,
) -> None:
    """Say who may see a resource. Raises NotPermitted, and RuleError as put_into does."""
    require(by, "publish reports")
    subject = f"resource {resource.key}"
    put_into(resource, state, subject=subject, now=now, public_from=public_from, seen=seen)
    audit.record(
        actor=by,
        action="set state",
        subject=subject,
        now=now,
        state=str(state),
    )
    mark_changed(resources=[resource.pk], now=now)


def _checked(description: Description) -> Description:
    said = tidied(description)
    wrong = faults(said)
    if wrong:
        raise RuleError("; ".join(f"{one.field}: {one.message}" for one in wrong))
    return said


def _free_key(said: Description) -> str:
    """The title and year as a key; a number behind it where it is taken."""
    words = slugify(said.title)[:KEY_LENGTH].strip("-") or said.kind
    wanted = f"{words}-{said.year}" if said.year and str(said.year) not in words else words
    key, number = wanted, 1
    while Resource.objects.filter(key=key).exists():
        number += 1
        key = f"{wanted}-{number}"
    return key
