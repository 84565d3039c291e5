"""Save, sign, publish and withdraw manuscripts of every kind, whatever their content is made of.

kinds.py says who may do each. `by` is the person who acts, under their own name. `current` returns
the hash of the content as it is now, or raises if that cannot be published. It is called under the
write lock, so what it compares cannot change before the rows are written.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from waymark.accounts import audit, removals
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_account, require_permission
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.core.journal import Entry
from waymark.documents.files import storage
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import (
    Manuscript,
    Publication,
    ReportVersion,
    Signature,
    SigningCapacity,
)
from waymark.publishing.queries.manuscripts import (
    ManuscriptContent,
    current_edition,
    next_number,
    open_signatures,
    require_signatures,
    signatures_on_content,
)

# ---- texts ----

LONGEST = 200_000
"""Most characters of one text: about a hundred pages."""
# Control characters other than tab and line feed, non-characters and surrogates of Unicode.
UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")


class TextOvertaken(RuleError):
    """The text was saved while it was edited. current: the current version."""

    def __init__(self, current: ReportVersion) -> None:
        super().__init__(
            f"{current.saved_by} saved {current.slot} (version {current.number}) while you were"
            " editing: compare it with yours, then save"
        )
        self.current = current


def clean_text(text: str) -> str:
    """Return a text with LF line ends and without characters that cannot be displayed."""
    return UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def accepted_text(slot: str, text: str) -> str:
    """Return a text as it is saved. Raises RuleError if it is too long."""
    text = clean_text(text)
    if len(text) > LONGEST:
        raise RuleError(
            f"{slot}: a text can have at most {LONGEST:,} characters, not {len(text):,}"
        )
    return text


@audit.serialized
def save_version(
    *, by: Actor, manuscript: Manuscript, slot: str, text: str, base: int, now: datetime
) -> ReportVersion | None:
    """Save a text as its next version; the same text again changes nothing.

    base: number of the version that the person began with, 0 for none. Returns None if there is no
    version and nothing was typed. Voids all unused signatures. Raises NotPermitted, TextOvertaken
    if another version is current, RuleError for a text that is too long.
    """
    person = require_account(by, KIND_RULES[manuscript.kind].write, "save a text")
    text = accepted_text(slot, text)
    versions = ReportVersion.objects.filter(manuscript=manuscript, slot=slot, superseded_at=None)
    current = versions.select_related("saved_by").first()
    if current is not None and current.text == text:
        return current
    # Saving the same text twice is no conflict, so that comparison came first: a form sent again
    # after a broken connection answers as it did before.
    if current is not None and current.number != base:
        raise TextOvertaken(current)
    if current is None and not text.strip():
        return None
    version = add_version(manuscript, slot, text, current, person, now)
    # Signatures that an edition has used stay valid: they are on the content of that edition.
    voided = open_signatures().filter(manuscript=manuscript).update(voided_at=now)
    audit.record_about(
        by,
        f"save text of {manuscript.kind}",
        manuscript,
        now,
        slot=slot,
        version=version.number,
        signatures_voided=voided,
    )
    return version


def add_version(
    manuscript: Manuscript,
    slot: str,
    text: str,
    current: ReportVersion | None,
    person: User,
    now: datetime,
) -> ReportVersion:
    """Add the next version of a text; current is superseded. Services call it, within theirs."""
    if current is not None:
        current.superseded_at = now
        current.save(update_fields=["superseded_at"])
    return ReportVersion.objects.create(
        manuscript=manuscript,
        slot=slot,
        number=current.number + 1 if current else 1,
        text=text,
        saved_at=now,
        saved_by=person,
    )


# ---- signatures ----


@audit.serialized
def sign_content(
    *,
    by: Actor,
    content: ManuscriptContent,
    capacity: SigningCapacity,
    current: Callable[[], str],
    now: datetime,
) -> Signature:
    """Sign exactly one content, if it is the current one.

    A person signs one content once; a second call returns the first signature. Raises NotPermitted,
    and RuleError if the content has changed.
    """
    manuscript = content.manuscript
    needed = KIND_RULES[manuscript.kind].capacities[capacity]
    person = require_account(by, needed, "sign a report")
    if current() != content.sha256:
        raise changed_error()
    signed = signatures_on_content(content)
    own = next((row for row in signed if row.signed_by_id == person.pk), None)
    if own is not None:
        return own
    # One from before a role was withdrawn does not count, and would be in the way of this one.
    lapsed = open_signatures().filter(manuscript=manuscript, content=content.sha256)
    lapsed.filter(signed_by=person, snapshot=content.snapshot).update(voided_at=now)
    signature = Signature.objects.create(
        manuscript=manuscript,
        snapshot=content.snapshot,
        profile=content.profile,
        content=content.sha256,
        capacity=capacity,
        signed_by=person,
        name=person.get_full_name() or person.get_username(),
        signed_at=now,
    )
    audit.record_about(
        by,
        f"sign {manuscript.kind}",
        manuscript,
        now,
        **content.counted_from(),
        content=content.sha256,
        capacity=capacity,
    )
    return signature


def changed_error() -> RuleError:
    """Error for a person who would sign something else than they have read."""
    return RuleError(
        "the report has changed since you opened this page: check it again before you sign"
    )


# ---- editions ----


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedEdition:
    """An edition that has been composed and typeset, but not published.

    report: texts and citations, as an edition stores them. ledger: entry of an overview's edition.
    """

    content: ManuscriptContent
    number: int
    title: str
    report: bytes
    ledger: bytes = b""
    signatures: tuple[Signature, ...]
    pdf: bytes


@audit.serialized
def publish_prepared(
    *, by: Actor, prepared: PreparedEdition, current: Callable[[], str], now: datetime
) -> Publication:
    """Publish a prepared edition if nothing that it depends on has changed since.

    Returns the current edition if someone else has since published exactly this. Raises
    NotPermitted, RuleError without the signatures that its kind needs, and ConcurrentChange, with
    no file and no row written, for any other change.
    """
    content, manuscript = prepared.content, prepared.content.manuscript
    person = require_account(by, KIND_RULES[manuscript.kind].publish, "publish an edition")
    newest = current_edition(manuscript.slug, manuscript.kind)
    if newest is not None and newest.content == content.sha256:
        return newest
    _check_unchanged(prepared, current)
    # The file before the row: after a crash there may be a file without a row, which the marker in
    # arriving/ explains, but never an edition without its file.
    name = _store_pdf(prepared.pdf)
    publication = Publication.objects.create(
        manuscript=manuscript,
        snapshot=content.snapshot,
        kind=manuscript.kind,
        slug=manuscript.slug,
        edition=prepared.number,
        title=prepared.title,
        profile=content.profile,
        pdf=name,
        ledger=prepared.ledger,
        report=prepared.report,
        content=content.sha256,
        published_at=now,
        published_by=person,
    )
    signed = [signature.pk for signature in prepared.signatures]
    Signature.objects.filter(pk__in=signed).update(publication=publication)
    audit.record_about(
        by,
        f"publish {manuscript.kind}",
        manuscript,
        now,
        edition=prepared.number,
        **content.counted_from(),
        pdf=name,
        content=content.sha256,
        signed_by=[signature.name for signature in prepared.signatures],
    )
    return publication


def _check_unchanged(prepared: PreparedEdition, current: Callable[[], str]) -> None:
    content, manuscript = prepared.content, prepared.content.manuscript
    if next_number(manuscript.slug, manuscript.kind) != prepared.number:
        raise conflict_error(f"another edition of this {manuscript.kind} was published")
    if current() != content.sha256:
        raise conflict_error("a text of the report, or something that it cites, was changed")
    signatures = signatures_on_content(content)
    if {row.pk for row in signatures} != {row.pk for row in prepared.signatures}:
        raise conflict_error("its signatures were changed")
    require_signatures(manuscript.kind, signatures)


def conflict_error(change: str) -> ConcurrentChange:
    """Error for an edition that something has overtaken."""
    return ConcurrentChange(
        f"Nothing was published. While the edition was being typeset, this happened: {change}."
        " Check the draft, then publish it again"
    )


def _store_pdf(content: bytes) -> str:
    """Store bytes under their SHA-256, whole or not at all; return the name of the file."""
    name = f"{hashlib.sha256(content).hexdigest()}.pdf"
    storage.note_arriving(name)
    storage.write_whole(storage.publications_folder(), [content], name=lambda: name)
    storage.clear_arriving(name)
    return name


@audit.serialized
def withdraw_edition(*, by: Actor, publication: Publication, reason: str, now: datetime) -> None:
    """Withdraw an edition: its page and PDF go at once, its row and its manuscript stay.

    The edition before it does not come back by itself. Raises NotPermitted, RuleError without a
    reason.
    """
    require_permission(by, KIND_RULES[publication.kind].publish)
    if not reason.strip():
        raise RuleError("give a reason for withdrawing the edition: it is kept in the audit log")
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    if publication.withdrawn_at is not None:
        return
    publication.withdrawn_at = now
    publication.save(update_fields=["withdrawn_at"])
    publication.files.all().delete()
    audit.before_commit(partial(removals.append_entries, [withdrawal_line(publication, now)]))
    audit.record_about(
        by,
        f"withdraw {publication.kind}",
        publication.manuscript,
        now,
        edition=publication.edition,
        reason=reason,
    )
    # Only when the row says so for good: a rollback must not leave an edition without its file.
    transaction.on_commit(lambda: _remove_pdf(publication.pdf))


def withdrawal_line(publication: Publication, now: datetime) -> Entry:
    """Line of a withdrawn edition in the journal of removals."""
    return removals.removal_entry(
        subject=publication.manuscript.audit_subject(),
        what=removals.EDITION,
        now=now,
        edition=publication.edition,
        pdf=publication.pdf,
    )


def _remove_pdf(name: str) -> None:
    """Remove the file of a withdrawn edition, unless another edition has the same bytes."""
    if not Publication.objects.filter(pdf=name, withdrawn_at=None).exists():
        (storage.publications_folder() / name).unlink(missing_ok=True)


def remove_withdrawn() -> int:
    """Remove files of withdrawn editions that a crash left; return their number."""
    withdrawn = Publication.objects.exclude(withdrawn_at=None).values_list("pdf", flat=True)
    left = [name for name in set(withdrawn) if (storage.publications_folder() / name).exists()]
    for name in left:
        _remove_pdf(name)
    return len(left)
