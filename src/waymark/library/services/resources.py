"""Resources: added, changed, published, withdrawn. Each change marks the record for the index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
from waymark.library.models import CatalogueRecord, Resource
from waymark.library.queries.authors import all_with_author_bodies, with_author_bodies
from waymark.library.services.availability import note_change
from waymark.library.services.indexing import catalogue_new_resource, mark_changed
from waymark.library.services.links import forget_link_check
from waymark.library.services.records import add_subjects, concepts_named, usable_concepts
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
    resource = Resource(key=key or _FreeKeys([tidy]).take(tidy), added_at=now, **as_stored(tidy))
    resource.save(force_insert=True)
    audit.record_about(by, "add resource", resource, now)
    record = catalogue_new_resource(by=by, resource=resource, now=now)
    if keys := set(subjects):
        add_subjects(by=by, record=record, keys=keys, now=now)
    return resource


@dataclass(frozen=True, slots=True)
class NewResource:
    """A resource to be added. subjects: keys, as for set_subjects()."""

    description: ResourceDescription
    subjects: tuple[str, ...] = ()


@audit.serialized
def add_resources(
    *, by: Actor, entries: Sequence[NewResource], now: datetime
) -> list[Resource | RuleError]:
    """Add resources as add_resource does, all in a few statements; an import has thousands.

    Returns the resource of each entry, or why it was refused; the others are added all the same.
    """
    require_permission(by, "catalogue")
    concepts = concepts_named({key for entry in entries for key in entry.subjects})
    checked: list[tuple[ResourceDescription, dict[str, int]] | RuleError] = []
    described = all_with_author_bodies([tidy_description(row.description) for row in entries])
    for entry, tidy in zip(entries, described, strict=True):
        try:
            _check_description(tidy)
            checked.append((tidy, usable_concepts(set(entry.subjects), (), concepts)))
        except RuleError as error:
            checked.append(error)
    keys = _FreeKeys(row[0] for row in checked if not isinstance(row, RuleError))
    answers: list[Resource | RuleError] = []
    added: list[tuple[CatalogueRecord, dict[str, int]]] = []
    for row in checked:
        if isinstance(row, RuleError):
            answers.append(row)
            continue
        tidy, numbers = row
        resource = Resource(key=keys.take(tidy), added_at=now, **as_stored(tidy))
        answers.append(resource)
        added.append((CatalogueRecord(resource=resource, changed_at=now), numbers))
    Resource.objects.bulk_create(row for row in answers if isinstance(row, Resource))
    _store_new_records(by, added, now)
    return answers


def _store_new_records(
    by: Actor, added: list[tuple[CatalogueRecord, dict[str, int]]], now: datetime
) -> None:
    """Store the records of stored resources with their subjects, and the entries of the log."""
    for record, _ in added:
        # Its key is known only now.
        record.resource = record.resource
        note_change(record, now=now)
    CatalogueRecord.objects.bulk_create(record for record, _ in added)
    link = CatalogueRecord.subjects.through
    link.objects.bulk_create(
        link(cataloguerecord_id=record.pk, concept_id=concept)
        for record, numbers in added
        for concept in numbers.values()
    )
    for record, numbers in added:
        audit.record_about(by, "add resource", record, now)
        audit.record_about(by, "catalogue", record, now)
        if numbers:
            audit.record_about(by, "set subjects", record, now, added=sorted(numbers), removed=[])


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
    resource.save(
        update_fields=[*changed, *(forget_link_check(resource) if "url" in changed else ())]
    )
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
    _check_description(tidy)
    return tidy


def _check_description(tidy: ResourceDescription) -> None:
    if wrong := description_faults(tidy):
        raise RuleError("; ".join(f"{fault.field}: {fault.message}" for fault in wrong))


class _FreeKeys:
    """Keys for new resources, none twice, though none of the resources is stored yet."""

    def __init__(self, descriptions: Iterable[ResourceDescription]) -> None:
        bases = {_base_of_key(description) for description in descriptions}
        held = Resource.objects.filter(key__in=bases).values_list("key", flat=True)
        self._free, self._given = bases.difference(held), set[str]()

    def take(self, description: ResourceDescription) -> str:
        """A key from title and year, such as "learning-from-reviews-2019", with a number if taken.

        description: one of those that were named at the beginning.
        """
        key = base = _base_of_key(description)
        number = 1
        while key in self._given or not (key in self._free or _is_free(key)):
            number += 1
            key = f"{base}-{number}"
        self._given.add(key)
        return key


def _base_of_key(description: ResourceDescription) -> str:
    words = slugify(description.title)[:KEY_LENGTH].strip("-") or description.kind
    year = str(description.year or "")
    return f"{words}-{year}" if year and year not in words else words


def _is_free(key: str) -> bool:
    return not Resource.objects.filter(key=key).exists()
