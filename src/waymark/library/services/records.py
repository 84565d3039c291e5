"""What a record is about, and which records have to do with each other: for reviews and resources
alike."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import RuleError
from waymark.library.models import CatalogueRecord, Concept, Relation, RelationKind
from waymark.library.services.indexing import mark_changed

MOST_SUBJECTS = 40


@audit.in_turn
def set_subjects(
    *, by: Actor, record: CatalogueRecord, subjects: Iterable[str], now: datetime
) -> list[str]:
    """Say what a record is about: exactly these concepts; the keys that came or went.

    subjects: keys of concepts. Raises RuleError for keys that the thesaurus does not have, and for
    concepts that are no longer offered, unless the record carries them already.
    """
    require(by, "catalogue")
    wanted = set(subjects)
    if len(wanted) > MOST_SUBJECTS:
        raise RuleError(f"at most {MOST_SUBJECTS} subjects for one record: choose the main ones")
    known = {concept.key: concept for concept in Concept.objects.filter(key__in=wanted)}
    if unknown := sorted(wanted - set(known)):
        raise RuleError(f"the thesaurus has no subject {', '.join(unknown)}")
    before = set(record.subjects.values_list("key", flat=True))
    if ended := sorted(key for key in wanted - before if known[key].ended):
        raise RuleError(f"no longer in use as a subject: {', '.join(ended)}")
    changed = sorted(wanted ^ before)
    if changed:
        record.subjects.set(known.values())
        audit.record(
            actor=by,
            action="set subjects",
            subject=record.audit_subject(),
            now=now,
            added=sorted(wanted - before),
            removed=sorted(before - wanted),
        )
        mark_changed(records=[record.pk], now=now)
    return changed


@audit.in_turn
def change_subjects(
    *,
    by: Actor,
    record: CatalogueRecord,
    now: datetime,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
) -> list[str]:
    """Give a record some subjects more, take others away; the keys that came or went.

    Two people who do this at once both get what they asked for. Raises RuleError as above.
    """
    require(by, "catalogue")
    held = set(record.subjects.values_list("key", flat=True))
    return set_subjects(by=by, record=record, subjects=(held | {*add}) - {*remove}, now=now)


@audit.in_turn
def relate(
    *,
    by: Actor,
    source: CatalogueRecord,
    target: CatalogueRecord,
    now: datetime,
    kind: RelationKind = RelationKind.RELATED,
) -> Relation:
    """Say that one record has to do with another: related to it, part of it, or in its place.

    What is said already is said once. Raises RuleError for a record and itself, for two records
    that are linked in another way, and where parts or replacements would go in a circle.
    """
    require(by, "catalogue")
    if source.pk == target.pk:
        raise RuleError("a record cannot be linked to itself")
    there = Relation.objects.filter(
        Q(source=source, target=target) | Q(source=target, target=source)
    ).first()
    if there is not None:
        if there.kind == kind and (kind == RelationKind.RELATED or there.source_id == source.pk):
            return there
        raise RuleError("these two are linked in another way already: take that link away first")
    if kind != RelationKind.RELATED and _leads_to(target, source, kind):
        raise RuleError(f"then each would be {kind.label.lower()} the other: look at both records")
    made = Relation.objects.create(source=source, target=target, kind=kind)
    _record(by, "relate records", made, now)
    return made


def _leads_to(start: CatalogueRecord, goal: CatalogueRecord, kind: RelationKind) -> bool:
    """Whether the goal is reached from the start by relations of this kind."""
    reached, edge = {start.pk}, {start.pk}
    while edge:
        rows = Relation.objects.filter(source__in=edge, kind=kind)
        edge = set(rows.values_list("target_id", flat=True)) - reached
        reached |= edge
    return goal.pk in reached


@audit.in_turn
def unrelate(*, by: Actor, relation: Relation, now: datetime) -> None:
    """Take back that two records have to do with each other; once is enough."""
    require(by, "catalogue")
    if not Relation.objects.filter(pk=relation.pk).exists():
        return
    _record(by, "unrelate records", relation, now)
    relation.delete()


def _record(by: Actor, action: str, relation: Relation, now: datetime) -> None:
    audit.record(
        actor=by,
        action=action,
        subject=relation.source.audit_subject(),
        now=now,
        kind=relation.kind,
        other=relation.target.audit_subject(),
    )
    mark_changed(records=[relation.source_id, relation.target_id], now=now)
