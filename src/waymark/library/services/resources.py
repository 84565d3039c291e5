"""Resources: added, changed, published, withdrawn. Each change marks the record for the index."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.text import slugify

from waymark.accounts import audit
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.publication_state import set_state
from waymark.core.errors import RuleError
from waymark.library.catalogue.resource_description import (
    ResourceDescription,
    changed_fields,
    description_faults,
    tidy_description,
)
from waymark.library.models import Resource
from waymark.library.queries.authors import with_author_bodies
from waymark.library.services.indexing import catalogue_new_resource, mark_changed
from waymark.library.services.records import add_subjects
from waymark.library.services.resource_mapping import as_stored, description_of

KEY_LENGTH = 60


@audit.serialized
def add_resource(
    *,
    by: Actor,
    description: ResourceDescription,
    now: datetime,
    key: str = "",
    subjects: Iterable[str] = (),
) -> Resource:
    """Add a resource in the state "received", with its record.

    key: for web addresses; by default made from title and year. subjects: as for set_subjects().
    Raises RuleError for a key that is taken, for a faulty description (description.faults gives the
    faults by field), and as set_subjects does.
    """
    require_permission(by, "catalogue")
    tidy = _checked_description(description)
    if key and Resource.objects.filter(key=key).exists():
        raise RuleError(f"there is already a resource {key}")
    resource = Resource(key=key or _free_key(tidy), added_at=now, **as_stored(tidy))
    resource.save(force_insert=True)
    audit.record_about(by, "add resource", resource, now)
    record = catalogue_new_resource(by=by, resource=resource, now=now)
    if keys := set(subjects):
        add_subjects(by=by, record=record, keys=keys, now=now)
    return resource


@audit.serialized
def change_resource(
    *, by: Actor, resource: Resource, description: ResourceDescription, now: datetime
) -> list[str]:
    """Replace the description of a resource; return the names of the fields that changed.

    Raises RuleError as add_resource does.
    """
    require_permission(by, "catalogue")
    tidy = _checked_description(description)
    changed = changed_fields(description_of(resource), tidy)
    if not changed:
        return []
    stored = as_stored(tidy)
    # Only what changed: two people may edit different fields at the same time.
    for name in changed:
        setattr(resource, name, stored[name])
    resource.save(update_fields=changed)
    audit.record_about(by, "change resource", resource, now, fields=changed)
    mark_changed(resources=[resource.pk], now=now)
    return changed


@audit.serialized
def rename_resource(*, by: Actor, resource: Resource, key: str, now: datetime) -> None:
    """Give a resource another key for web addresses.

    Raises RuleError for a key that is taken, and for a resource that was ever public: people may
    have its address.
    """
    require_permission(by, "catalogue")
    if resource.record.available_at is not None:
        raise RuleError(f"{resource.key} was public: its address stays")
    if Resource.objects.filter(key=key).exclude(pk=resource.pk).exists():
        raise RuleError(f"there is already a resource {key}")
    resource.key = key
    resource.save(update_fields=["key"])
    audit.record_about(by, "rename resource", resource, now)
    mark_changed(resources=[resource.pk], now=now)


@audit.serialized
def set_resource_state(
    *,
    by: Actor,
    resource: Resource,
    state: State,
    now: datetime,
    public_from: datetime | None = None,
    seen: State | None = None,
) -> None:
    """Set the publication state of a resource. Raises NotPermitted, RuleError as set_state does."""
    set_state(resource, state, by=by, now=now, public_from=public_from, seen=seen)
    mark_changed(resources=[resource.pk], now=now)


def _checked_description(description: ResourceDescription) -> ResourceDescription:
    tidy = with_author_bodies(tidy_description(description))
    wrong = description_faults(tidy)
    if wrong:
        raise RuleError("; ".join(f"{fault.field}: {fault.message}" for fault in wrong))
    return tidy


def _free_key(description: ResourceDescription) -> str:
    """A key from title and year, such as "learning-from-reviews-2019", with a number if taken."""
    words = slugify(description.title)[:KEY_LENGTH].strip("-") or description.kind
    year = str(description.year or "")
    base = f"{words}-{year}" if year and year not in words else words
    key, number = base, 1
    while Resource.objects.filter(key=key).exists():
        number += 1
        key = f"{base}-{number}"
    return key
