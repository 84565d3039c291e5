"""The only writers of the thesaurus: a whole file, or one subject at a time.

Whatever would break the rules of a thesaurus is refused before anything is written. Nothing is
deleted: a subject that is no longer offered has ended, and records keep it until it is merged.
"""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import NotFound, RuleError
from waymark.library.models import Concept, Label, ThesaurusScheme
from waymark.library.queries.thesaurus import thesaurus_now, thesaurus_version
from waymark.library.services.indexing import mark_changed
from waymark.library.thesaurus import (
    Subject,
    Thesaurus,
    ThesaurusChange,
    findings,
    merged,
    narrower_of,
    read_turtle,
    replaced_with,
)

BUILTIN = Path(__file__).resolve().parent.parent / "builtin" / "thesaurus.ttl"
KEEP = "keep the thesaurus"
ROWS = 500


@audit.in_turn
def load_thesaurus(
    *, by: Actor, source: bytes, file: str, now: datetime, dry_run: bool = False
) -> ThesaurusChange:
    """Put a SKOS Turtle file in place of the thesaurus; what that changes, or would change.

    What the file does not hold has ended and stays with the records that carry it. Raises SpecError
    with the lines of all faults.
    """
    require(by, KEEP)
    reading = read_turtle(source, file=file)
    before = thesaurus_now()
    after, change = replaced_with(before, reading.thesaurus)
    if not dry_run and (change.any or after.scheme != before.scheme):
        _write(before, after, now)
        audit.record(
            actor=by,
            action="load thesaurus",
            subject=f"thesaurus {file}"[:200],
            now=now,
            new=len(change.new),
            changed=len(change.changed),
            ended=len(change.ended),
            back=len(change.back),
        )
    return replace(change, left_out=reading.left_out)


def load_builtin(*, by: Actor, now: datetime) -> ThesaurusChange | None:
    """Load the starter thesaurus where there is none yet; None where there is one."""
    if ThesaurusScheme.objects.exists():
        return None
    return load_thesaurus(by=by, source=BUILTIN.read_bytes(), file=BUILTIN.name, now=now)


@audit.in_turn
def add_subject(*, by: Actor, subject: Subject, now: datetime) -> None:
    """Add a subject. Raises RuleError where its key is taken or a rule would be broken."""
    require(by, KEEP)
    before = thesaurus_now()
    if subject.key in before.subjects:
        raise RuleError(f"there is a subject {subject.key} already")
    _change(before, [subject], by=by, action="add subject", about=subject.key, now=now)


@audit.in_turn
def change_subject(*, by: Actor, subject: Subject, now: datetime, seen: str | None = None) -> bool:
    """Say what a subject is from now on; False where it says that already.

    seen: the version of the thesaurus that the person had before them. Raises NotFound, RuleError.
    """
    require(by, KEEP)
    before = thesaurus_now()
    old = _known(before, subject.key)
    if seen is not None and thesaurus_version() != seen:
        raise RuleError("somebody has changed the thesaurus meanwhile: look at it again")
    if old == subject:
        return False
    _change(before, [subject], by=by, action="change subject", about=subject.key, now=now)
    return True


@audit.in_turn
def end_subject(*, by: Actor, key: str, now: datetime) -> None:
    """No longer offer a subject; once is enough. Raises RuleError while others stand under it."""
    require(by, KEEP)
    before = thesaurus_now()
    old = _known(before, key)
    if old.ended:
        return
    below = narrower_of(before.subjects, key)
    if below:
        raise RuleError(f"{', '.join(below)} would be left without it: move or end them first")
    ended = replace(old, ended=True, related=frozenset())
    _change(before, [ended], by=by, action="end subject", about=key, now=now)


@audit.in_turn
def merge_subjects(*, by: Actor, key: str, into: str, now: datetime) -> int:
    """Merge one subject into another: names, links and records move; the number of records.

    Raises NotFound, RuleError.
    """
    require(by, KEEP)
    before = thesaurus_now()
    if key == into:
        raise RuleError("a subject cannot be merged into itself")
    if _known(before, into).ended or _known(before, key).ended:
        raise RuleError("only subjects in use can be merged")
    after = merged(before, key, into)
    _refuse(after)
    gone, kept = (Concept.objects.get(key=one) for one in (key, into))
    records = list(gone.records.values_list("pk", flat=True))
    kept.records.add(*records)
    gone.records.clear()
    _write(before, after, now)
    mark_changed(records=records, now=now)
    audit.record(
        actor=by,
        action="merge subjects",
        subject=f"subject {key}",
        now=now,
        into=into,
        records=len(records),
    )
    return len(records)


def _known(thesaurus: Thesaurus, key: str) -> Subject:
    if key not in thesaurus.subjects:
        raise NotFound(f"there is no subject {key}")
    return thesaurus.subjects[key]


def _change(
    before: Thesaurus,
    subjects: Iterable[Subject],
    *,
    by: Actor,
    action: str,
    about: str,
    now: datetime,
) -> None:
    """Put subjects in place of those of their keys, related both ways, and write it down."""
    said = {one.key: one for one in subjects}
    after = {**before.subjects, **said}
    for key, one in said.items():
        for other in after.values():
            if other.key in one.related:
                after[other.key] = replace(other, related=other.related | {key})
            elif key in other.related:
                after[other.key] = replace(other, related=other.related - {key})
    changed = replace(before, subjects=after)
    _refuse(changed)
    _write(before, changed, now)
    audit.record(actor=by, action=action, subject=f"subject {about}", now=now)


def _refuse(thesaurus: Thesaurus) -> None:
    """Raises RuleError with everything that breaks a rule."""
    wrong = findings(thesaurus)
    if wrong:
        raise RuleError("; ".join(f"{key} {said}" for key, said in wrong))


# ---- rows ----


def _write(before: Thesaurus, after: Thesaurus, now: datetime) -> None:
    """Make the rows say what the thesaurus says: only those that differ."""
    scheme = after.scheme
    ThesaurusScheme.objects.get_or_create(
        defaults={"address": scheme.address, "base": scheme.base, "title": scheme.title}
    )
    ThesaurusScheme.objects.update(
        address=scheme.address,
        base=scheme.base,
        title=scheme.title,
        description=scheme.description,
        creator=scheme.creator,
        licence=scheme.licence,
        language=scheme.language,
        version=secrets.token_hex(16),
    )
    changed = [one for key, one in after.subjects.items() if before.subjects.get(key) != one]
    rows = _rows(changed)
    affected = {rows[one.key].pk for one in changed}
    mark_changed(concepts=affected, now=now)
    _names(changed, rows)
    _links(changed, rows)
    mark_changed(concepts=affected, now=now)


def _rows(subjects: list[Subject]) -> dict[str, Concept]:
    """The row of each subject, made or changed; links come later."""
    rows = {row.key: row for row in Concept.objects.filter(key__in=[one.key for one in subjects])}
    new = [Concept(key=one.key) for one in subjects if one.key not in rows]
    rows |= {row.key: row for row in Concept.objects.bulk_create(new, batch_size=ROWS)}
    for one in subjects:
        row = rows[one.key]
        row.definition, row.scope_note, row.ended = one.definition, one.scope_note, one.ended
    fields = ["definition", "scope_note", "ended"]
    Concept.objects.bulk_update(rows.values(), fields, batch_size=ROWS)
    return rows


def _names(subjects: list[Subject], rows: dict[str, Concept]) -> None:
    Label.objects.filter(concept__in=rows.values()).delete()
    Label.objects.bulk_create(
        (
            Label(concept=rows[one.key], kind=name.kind, language=name.language, text=name.text)
            for one in subjects
            for name in one.names
        ),
        batch_size=ROWS,
    )


def _links(subjects: list[Subject], rows: dict[str, Concept]) -> None:
    """Broader, related, replaced by. Where a relation changes, both of its ends are among these."""
    numbers = dict(Concept.objects.values_list("key", "pk"))
    for name in ("broader", "related"):
        through = getattr(Concept, name).through
        through._default_manager.filter(from_concept__in=rows.values()).delete()
        through._default_manager.bulk_create(
            (
                through(from_concept_id=numbers[one.key], to_concept_id=numbers[key])
                for one in subjects
                for key in sorted(getattr(one, name))
            ),
            batch_size=ROWS,
        )
    for one in subjects:
        rows[one.key].replaced_by_id = numbers.get(one.replaced_by)
    Concept.objects.bulk_update(rows.values(), ["replaced_by"], batch_size=ROWS)
