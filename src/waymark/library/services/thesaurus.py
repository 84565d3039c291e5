"""The only writers of the thesaurus: a whole file, or one subject at a time.

A change that would break a rule of the thesaurus is refused before anything is written. Nothing is
deleted: a retired subject stays with its records until it is merged into another.
"""

import secrets
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from waymark.accounts import audit
from waymark.accounts.models import AuditEntry
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import NotFound, RuleError
from waymark.library.models import Concept, Label, ThesaurusScheme
from waymark.library.queries.thesaurus import current_thesaurus, thesaurus_version
from waymark.library.services.indexing import mark_changed
from waymark.library.thesaurus import (
    Thesaurus,
    ThesaurusChange,
    ThesaurusSubject,
    ThesaurusUpgrade,
    broken_rules,
    narrower_keys,
    split_subjects,
    upgraded,
    with_file_loaded,
    with_subject_merged,
)

if TYPE_CHECKING:
    from waymark.library.thesaurus import SkosReading

_BUILTINS = Path(__file__).resolve().parent.parent / "builtin"
BUILTIN = _BUILTINS / "thesaurus.ttl"
EARLIER = {"": _BUILTINS / "thesaurus-1.ttl"}
"""Edition of an installation -> the built-in thesaurus that it began with."""
EDIT_THESAURUS = "edit the thesaurus"
UPGRADE = "upgrade thesaurus"
ROWS = 500


def _read_skos(source: bytes, file: str) -> "SkosReading":
    # Imported only here: most of what uses this module needs no file.
    from waymark.library.thesaurus import read_skos

    return read_skos(source, file=file)


@cache
def _builtin(file: Path) -> "SkosReading":
    """A built-in file, which a process reads once: it takes most of a second."""
    return _read_skos(file.read_bytes(), file=file.name)


def preview_thesaurus(*, by: Actor, source: bytes, file: str) -> ThesaurusChange:
    """Return what load_thesaurus would change, and write nothing. Raises as it does."""
    require_permission(by, EDIT_THESAURUS)
    reading = _read_skos(source, file=file)
    _, change = with_file_loaded(current_thesaurus(), reading.thesaurus)
    return replace(change, left_out=reading.left_out)


def load_thesaurus(*, by: Actor, source: bytes, file: str, now: datetime) -> ThesaurusChange:
    """Replace the thesaurus by a SKOS Turtle file; return what changes.

    Subjects that the file lacks are retired and stay with the records that have them. Raises
    SpecError with the lines of all faults.
    """
    require_permission(by, EDIT_THESAURUS)
    # Reading takes most of the time, and nobody else has to wait for it.
    return _load_reading(by, _read_skos(source, file=file), file, now)


def _load_reading(by: Actor, reading: "SkosReading", file: str, now: datetime) -> ThesaurusChange:
    change = _replace_thesaurus(by, reading.thesaurus, file, now)
    return replace(change, left_out=reading.left_out)


@audit.serialized
def _replace_thesaurus(
    by: Actor, thesaurus: Thesaurus, file: str, now: datetime
) -> ThesaurusChange:
    before = current_thesaurus()
    after, change = with_file_loaded(before, thesaurus)
    if change.any or after.scheme != before.scheme:
        _write_thesaurus(before, after, now)
        audit.record_entry(
            actor=by,
            action="load thesaurus",
            subject=f"thesaurus {file}"[:200],
            now=now,
            new=len(change.new),
            changed=len(change.changed),
            ended=len(change.ended),
            back=len(change.back),
        )
    return change


def load_builtin(*, by: Actor, now: datetime) -> ThesaurusChange | None:
    """Load the starter thesaurus; None if there already is a thesaurus."""
    if ThesaurusScheme.objects.exists():
        return None
    require_permission(by, EDIT_THESAURUS)
    return _load_reading(by, _builtin(BUILTIN), BUILTIN.name, now)


def preview_upgrade(*, by: Actor) -> ThesaurusUpgrade | None:
    """Return what upgrade_thesaurus would change, and write nothing. Raises as it does."""
    require_permission(by, EDIT_THESAURUS)
    return _upgrade_of(current_thesaurus())


@audit.serialized
def upgrade_thesaurus(*, by: Actor, now: datetime) -> ThesaurusUpgrade | None:
    """Bring the thesaurus to the newest built-in edition; None if it has that edition.

    Edits made here stay. Raises RuleError if the thesaurus is not the built-in one, or if an edit
    made here and the new edition together would break a rule.
    """
    require_permission(by, EDIT_THESAURUS)
    before = current_thesaurus()
    upgrade = _upgrade_of(before)
    if upgrade is None:
        return None
    _write_thesaurus(before, upgrade.thesaurus, now)
    audit.record_entry(
        actor=by,
        action=UPGRADE,
        subject=f"thesaurus edition {upgrade.thesaurus.scheme.edition}",
        now=now,
        new=len(upgrade.change.new),
        changed=len(upgrade.change.changed),
        own=len(upgrade.own),
    )
    return upgrade


def builtin_splits() -> dict[str, frozenset[str]]:
    """Subjects of earlier built-in editions that the newest one divided, and where to.

    Empty for an installation that began with the newest edition: nothing was divided under its
    records.
    """
    if not AuditEntry.objects.filter(action=UPGRADE).exists():
        return {}
    new = _builtin(BUILTIN).thesaurus
    splits: dict[str, frozenset[str]] = {}
    for file in EARLIER.values():
        base = _builtin(file).thesaurus
        splits |= split_subjects(base, new)
    return splits


def _upgrade_of(current: Thesaurus) -> ThesaurusUpgrade | None:
    new = _builtin(BUILTIN).thesaurus
    if current.scheme.address != new.scheme.address:
        raise RuleError(
            "this thesaurus is not the built-in one: load a new file of it with thesaurus load"
        )
    if current.scheme.edition == new.scheme.edition:
        return None
    if current.scheme.edition not in EARLIER:
        raise RuleError(f"edition {current.scheme.edition} of the thesaurus is not known here")
    base = _builtin(EARLIER[current.scheme.edition]).thesaurus
    upgrade = upgraded(base, current, new)
    _refuse_broken(upgrade.thesaurus)
    return upgrade


@audit.serialized
def add_subject(*, by: Actor, subject: ThesaurusSubject, now: datetime) -> None:
    """Add a subject. Raises RuleError if its key is taken or a rule would be broken."""
    require_permission(by, EDIT_THESAURUS)
    before = current_thesaurus()
    if subject.key in before.subjects:
        raise RuleError(f"there is already a subject {subject.key}")
    _change_subject(before, subject, by=by, action="add subject", now=now)


@audit.serialized
def change_subject(
    *, by: Actor, subject: ThesaurusSubject, now: datetime, seen: str | None = None
) -> bool:
    """Replace a subject; False if nothing changes.

    seen: the version of the thesaurus that the person edited. Raises NotFound, RuleError.
    """
    require_permission(by, EDIT_THESAURUS)
    before = current_thesaurus()
    old = _known_subject(before, subject.key)
    if seen is not None and thesaurus_version() != seen:
        raise RuleError("the thesaurus was changed while you were editing: check it again")
    if old == subject:
        return False
    _change_subject(before, subject, by=by, action="change subject", now=now)
    return True


@audit.serialized
def end_subject(*, by: Actor, key: str, now: datetime) -> None:
    """Retire a subject; once is enough. Raises RuleError while it has narrower ones."""
    require_permission(by, EDIT_THESAURUS)
    before = current_thesaurus()
    old = _known_subject(before, key)
    if old.ended:
        return
    below = narrower_keys(before.subjects, key)
    if below:
        names = ", ".join(below)
        raise RuleError(f"this subject has narrower subjects: move or retire {names} first")
    ended = replace(old, ended=True, related=frozenset())
    _change_subject(before, ended, by=by, action="end subject", now=now)


@audit.serialized
def merge_subjects(*, by: Actor, key: str, into: str, now: datetime) -> int:
    """Merge a subject into another, with its names, links and records; return their number.

    Raises NotFound, RuleError.
    """
    require_permission(by, EDIT_THESAURUS)
    before = current_thesaurus()
    if key == into:
        raise RuleError("a subject cannot be merged into itself")
    if _known_subject(before, into).ended or _known_subject(before, key).ended:
        raise RuleError("only subjects in use can be merged")
    after = with_subject_merged(before, key, into)
    _refuse_broken(after)
    source, target = Concept.objects.get(key=key), Concept.objects.get(key=into)
    # Marked at the end: they have lost the source and gained the target.
    records = list(source.records.values_list("pk", flat=True))
    target.records.add(*records)
    source.records.clear()
    _write_thesaurus(before, after, now)
    mark_changed(records=records, now=now)
    audit.record_entry(
        actor=by,
        action="merge subjects",
        subject=f"subject {key}",
        now=now,
        into=into,
        records=len(records),
    )
    return len(records)


def _known_subject(thesaurus: Thesaurus, key: str) -> ThesaurusSubject:
    if key not in thesaurus.subjects:
        raise NotFound(f"there is no subject {key}")
    return thesaurus.subjects[key]


def _change_subject(
    before: Thesaurus, subject: ThesaurusSubject, *, by: Actor, action: str, now: datetime
) -> None:
    """Put a subject in place of that with its key, mirror its related links, write and log it."""
    subjects = {**before.subjects, subject.key: subject}
    for other in before.subjects.values():
        if other.key in subject.related:
            subjects[other.key] = replace(other, related=other.related | {subject.key})
        elif subject.key in other.related:
            subjects[other.key] = replace(other, related=other.related - {subject.key})
    after = replace(before, subjects=subjects)
    _refuse_broken(after)
    _write_thesaurus(before, after, now)
    audit.record_entry(actor=by, action=action, subject=f"subject {subject.key}", now=now)


def _refuse_broken(thesaurus: Thesaurus) -> None:
    """Raise RuleError with every rule that is broken."""
    wrong = broken_rules(thesaurus)
    if wrong:
        raise RuleError("; ".join(f"{key} {reason}" for key, reason in wrong))


# ---- rows ----


def _write_thesaurus(before: Thesaurus, after: Thesaurus, now: datetime) -> None:
    """Update the rows that differ between two states of the thesaurus."""
    details = {**asdict(after.scheme), "version": secrets.token_hex(16)}
    ThesaurusScheme.objects.update_or_create(defaults=details)
    # A thesaurus has hundreds of subjects and an edit changes one or two: only these are written.
    changed = [
        subject for key, subject in after.subjects.items() if before.subjects.get(key) != subject
    ]
    rows = _write_concepts(changed)
    affected = {rows[subject.key].pk for subject in changed}
    # Twice: a subject that moves changes the records below its old and its new place.
    mark_changed(concepts=affected, now=now)
    _write_labels(changed, rows)
    _write_links(changed, rows)
    mark_changed(concepts=affected, now=now)


def _write_concepts(subjects: list[ThesaurusSubject]) -> dict[str, Concept]:
    """The row of each subject, created or changed; links are written later."""
    keys = [subject.key for subject in subjects]
    changed = {row.key: row for row in Concept.objects.filter(key__in=keys)}
    new = {key: Concept(key=key) for key in keys if key not in changed}
    rows = changed | new
    fields = ["definition", "scope_note", "history_note", "change_note", "ended"]
    for subject in subjects:
        for name in fields:
            setattr(rows[subject.key], name, getattr(subject, name))
        rows[subject.key].matches = [
            [match.kind, match.address] for match in sorted(subject.matches)
        ]
    Concept.objects.bulk_create(new.values(), batch_size=ROWS)
    Concept.objects.bulk_update(changed.values(), [*fields, "matches"], batch_size=ROWS)
    return rows


def _write_labels(subjects: list[ThesaurusSubject], rows: dict[str, Concept]) -> None:
    # Replaced as a whole: swapping a preferred and an alternative name by single updates would
    # break the rule of one preferred name for a moment.
    Label.objects.filter(concept__in=rows.values()).delete()
    Label.objects.bulk_create(
        (
            Label(concept=rows[subject.key], **asdict(name))
            for subject in subjects
            for name in subject.names
        ),
        batch_size=ROWS,
    )


def _write_links(subjects: list[ThesaurusSubject], rows: dict[str, Concept]) -> None:
    """Write broader, related and replaced by. Both ends of a changed relation are among these."""
    numbers = dict(Concept.objects.values_list("key", "pk"))
    for name in ("broader", "related"):
        through = getattr(Concept, name).through
        through._default_manager.filter(from_concept__in=rows.values()).delete()
        through._default_manager.bulk_create(
            (
                through(from_concept_id=numbers[subject.key], to_concept_id=numbers[key])
                for subject in subjects
                for key in sorted(getattr(subject, name))
            ),
            batch_size=ROWS,
        )
    moved = []
    for subject in subjects:
        row, target = rows[subject.key], numbers.get(subject.replaced_by)
        if row.replaced_by_id != target:
            row.replaced_by_id = target
            moved.append(row)
    Concept.objects.bulk_update(moved, ["replaced_by"], batch_size=ROWS)
