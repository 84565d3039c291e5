"""Say publicly what changed in an edition, correct it, and announce the next one."""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account, require_permission
from waymark.core.errors import RuleError
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import EditionNote, EditionNoteKind, Manuscript, Publication

LONGEST = 5_000
"""Most characters of a note."""
LONGEST_DAY = 100


@audit.serialized
def note_edition(
    *,
    by: Actor,
    publication: Publication,
    kind: EditionNoteKind,
    text: str,
    reason: str,
    now: datetime,
) -> EditionNote:
    """Add a public note to an edition. text: what changed, or what is wrong and right; reason: why.

    The edition and its files stay as they are. Raises NotPermitted, and RuleError for a note that
    is empty or too long, and for an edition that was withdrawn.
    """
    person = require_account(by, KIND_RULES[publication.kind].publish, "note an edition")
    text, reason = text.strip(), reason.strip()
    if not text or not reason:
        raise RuleError("enter what changed or is corrected, and why: readers see both")
    if max(len(text), len(reason)) > LONGEST:
        raise RuleError(f"a note can have at most {LONGEST:,} characters")
    publication = Publication.objects.get(pk=publication.pk)
    if publication.withdrawn_at is not None:
        raise RuleError(f"{publication} was withdrawn: nobody would read the note")
    note = EditionNote.objects.create(
        publication=publication, kind=kind, text=text, reason=reason, noted_at=now, noted_by=person
    )
    audit.record_about(
        by,
        f"note edition of {publication.kind}",
        publication.manuscript,
        now,
        edition=publication.edition,
        note=kind,
    )
    return note


@audit.serialized
def announce_next_edition(*, by: Actor, manuscript: Manuscript, when: str, now: datetime) -> None:
    """Say when the next edition is expected, as "June 2027"; "" for not known.

    Raises NotPermitted, RuleError for a text that is too long.
    """
    require_permission(by, KIND_RULES[manuscript.kind].publish)
    when = " ".join(when.split())
    if len(when) > LONGEST_DAY:
        raise RuleError(f"the next edition: at most {LONGEST_DAY} characters")
    manuscript = Manuscript.objects.select_for_update(of=("self",)).get(pk=manuscript.pk)
    if manuscript.next_edition == when:
        return
    manuscript.next_edition = when
    manuscript.save(update_fields=["next_edition"])
    audit.record_about(by, f"announce {manuscript.kind}", manuscript, now, next=when)
