"""Subjects of records, and links between records, for reviews and resources alike."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.library.models import CatalogueRecord, Concept, Relation, RelationKind
from waymark.library.services.indexing import mark_changed

MOST_SUBJECTS = 40


@audit.serialized
def set_subjects(
    *, by: Actor, record: CatalogueRecord, subjects: Iterable[str], now: datetime
) -> list[str]:
    """Set the subjects of a record; return the keys that were added or removed.

    subjects: keys of concepts, all that the record will have. Raises RuleError for keys that the
    thesaurus does not have, and for retired concepts, unless the record has them already.
    """
    require_permission(by, "catalogue")
    keys = set(subjects)
    numbers = dict(record.subjects.values_list("key", "pk"))
    before = numbers.keys()
    concepts = usable_concepts(keys, before)
    changed = sorted(keys ^ before)
    if changed:
        # What is there is known, and set() would read it twice more.
        if removed := before - keys:
            record.subjects.remove(*(numbers[key] for key in removed))
        record.subjects.add(*(concepts[key] for key in keys - before))
        added = sorted(keys - before)
        audit.record_about(by, "set subjects", record, now, added=added, removed=sorted(removed))
        mark_changed(records=[record.pk], now=now)
    return changed


def add_subjects(*, by: Actor, record: CatalogueRecord, keys: set[str], now: datetime) -> None:
    """Give subjects to a record that the calling service has just created: it has none."""
    require_permission(by, "catalogue")
    record.subjects.add(*usable_concepts(keys, ()).values())
    audit.record_about(by, "set subjects", record, now, added=sorted(keys), removed=[])


def concepts_named(keys: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """Key -> number of the concept, and whether it is retired; without keys of no concept."""
    rows = Concept.objects.filter(key__in=keys).values_list("key", "pk", "ended")
    return {key: (number, ended) for key, number, ended in rows}


def usable_concepts(
    keys: set[str],
    before: Collection[str],
    concepts: Mapping[str, tuple[int, bool]] | None = None,
) -> dict[str, int]:
    """Key -> number of concepts. before: keys that the record has, which may be retired.

    concepts: concepts_named() of these keys and perhaps others. Raises RuleError as set_subjects.
    """
    if len(keys) > MOST_SUBJECTS:
        raise RuleError(f"choose the main subjects: a record can have {MOST_SUBJECTS}")
    known = concepts_named(keys) if concepts is None else concepts
    if unknown := sorted(keys - known.keys()):
        raise RuleError(f"the thesaurus has no subject {', '.join(unknown)}")
    if retired := sorted(key for key in keys if known[key][1] and key not in before):
        raise RuleError(f"no longer in use as a subject: {', '.join(retired)}")
    return {key: known[key][0] for key in keys}


@audit.serialized
def change_subjects(
    *,
    by: Actor,
    record: CatalogueRecord,
    now: datetime,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
) -> list[str]:
    """Add and remove single subjects of a record; return the keys that changed.

    Two people who do this at the same time both succeed. Raises RuleError as set_subjects does.
    """
    require_permission(by, "catalogue")
    current = set(record.subjects.values_list("key", flat=True))
    return set_subjects(by=by, record=record, subjects=(current | {*add}) - {*remove}, now=now)


@audit.serialized
def link_records(
    *,
    by: Actor,
    source: CatalogueRecord,
    target: CatalogueRecord,
    now: datetime,
    kind: RelationKind = RelationKind.RELATED,
) -> Relation:
    """Link one record to another: related to it, part of it, or its replacement.

    An existing link is returned. Raises RuleError for a record and itself, for two records with
    another kind of link, and if parts or replacements would form a circle.
    """
    require_permission(by, "catalogue")
    if source.pk == target.pk:
        raise RuleError("a record cannot be linked to itself")
    existing = Relation.objects.filter(
        Q(source=source, target=target) | Q(source=target, target=source)
    ).first()
    if existing is not None:
        # Related has no direction; for part of and replaces, A to B is not B to A.
        same_direction = kind == RelationKind.RELATED or existing.source_id == source.pk
        if existing.kind == kind and same_direction:
            return existing
        raise RuleError("these records have another kind of link: remove that link first")
    # A is part of B, B of C: C must not become part of A.
    if kind != RelationKind.RELATED and _leads_to(target, source, kind):
        raise RuleError(f"each record would be {kind.label.lower()} the other: check both records")
    relation = Relation.objects.create(source=source, target=target, kind=kind)
    _audit_link(by, "relate records", relation, now)
    return relation


def _leads_to(start: CatalogueRecord, goal: CatalogueRecord, kind: RelationKind) -> bool:
    """True if relations of this kind lead from start to goal, directly or through others."""
    reached, edge = {start.pk}, {start.pk}
    while edge:
        rows = Relation.objects.filter(source__in=edge, kind=kind)
        edge = set(rows.values_list("target_id", flat=True)) - reached
        reached |= edge
    return goal.pk in reached


@audit.serialized
def unlink_records(*, by: Actor, relation: Relation, now: datetime) -> None:
    """Remove a link between two records; nothing happens if it is already removed."""
    require_permission(by, "catalogue")
    if not Relation.objects.filter(pk=relation.pk).exists():
        return
    _audit_link(by, "unrelate records", relation, now)
    relation.delete()


def _audit_link(by: Actor, action: str, relation: Relation, now: datetime) -> None:
    audit.record_about(
        by, action, relation.source, now, kind=relation.kind, other=relation.target.audit_subject()
    )
    mark_changed(records=[relation.source_id, relation.target_id], now=now)
