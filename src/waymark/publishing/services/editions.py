"""Publish and withdraw editions of overviews.

`by` is the person who acts; an edition is published under a person's name.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from waymark.accounts import audit, removals
from waymark.accounts.permissions import Actor, require_account, require_permission
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.core.journal import Entry
from waymark.documents.files import storage
from waymark.overview.models import Overview, Snapshot
from waymark.overview.queries.overviews import decided_profile, ledger_entry, release_of
from waymark.overview.releases.release import Release
from waymark.publishing.document.citations import CitedRecord, ReportContent, to_json
from waymark.publishing.document.compose import compose_report
from waymark.publishing.document.nodes import EditionInfo, EditionSignature
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.models import Publication, Signature
from waymark.publishing.queries import current_edition, earlier_entries
from waymark.publishing.queries.drafts import NO_RECORDS, draft_content, draft_of, signatures_with
from waymark.publishing.queries.obstacles import publishing_obstacles
from waymark.publishing.services.signing import check_fit, signed_by_two


@dataclass(frozen=True, slots=True)
class PreparedEdition:
    """An edition that has been composed and typeset, but not published.

    earlier: ledger entries of the releases that it was protected against. All of its fields are
    compared with the database again before anything is written.
    """

    snapshot: Snapshot
    number: int
    content: str
    report: ReportContent
    release: Release
    earlier: tuple[bytes, ...]
    signatures: tuple[Signature, ...]
    pdf: bytes


def prepare_edition(
    *,
    by: Actor,
    snapshot: Snapshot,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> PreparedEdition | Publication:
    """Compose and typeset the next edition of an overview, without the write lock.

    Typesetting a long report takes many seconds, in which nobody else could save anything if the
    lock were taken. records: catalogue entries of the publications cited. Returns the current
    edition if its content is exactly this. Raises NotPermitted, and RuleError if two people have
    not signed exactly this, if a text has a fault, if a report behind a number is not public, or
    if it would undo what an earlier edition withheld.
    """
    require_account(by, "publish overviews", "publish an edition")
    overview = snapshot.overview
    # Read before the draft: ledger and numbers only grow, so if they are the same at the end, the
    # draft was made with them.
    number = _next_number(overview)
    profile = decided_profile(snapshot)
    earlier = earlier_entries(snapshot, profile)
    draft = draft_of(snapshot, records=records, now=now)
    current = current_edition(overview.slug)
    if current is not None and draft.content and current.content == draft.content:
        return current
    check_fit(draft)
    signatures = tuple(signed_by_two(draft))
    release = release_of(snapshot, profile, earlier)
    edition = EditionInfo(number, now, draft.content, _edition_signatures(signatures))
    return PreparedEdition(
        snapshot=snapshot,
        number=number,
        content=draft.content,
        report=draft.report,
        release=release,
        earlier=earlier,
        signatures=signatures,
        pdf=render_pdf(compose_report(release, draft.report, edition).document),
    )


@audit.serialized
def publish_edition(
    *,
    by: Actor,
    prepared: PreparedEdition,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> Publication:
    """Publish a prepared edition if nothing that it depends on has changed since.

    records: catalogue entries of the publications cited, as they are now. Returns the current
    edition if someone else has since published exactly this. Raises NotPermitted, and
    ConcurrentChange, with no file and no row written, for any other change.
    """
    person = require_account(by, "publish overviews", "publish an edition")
    snapshot = prepared.snapshot
    overview = Overview.objects.select_for_update().get(pk=snapshot.overview_id)
    current = current_edition(overview.slug)
    if current is not None and current.content == prepared.content:
        return current
    _check_unchanged(prepared, overview, records, now)
    # The file before the row: after a crash there may be a file without a row, which the marker in
    # arriving/ explains, but never an edition without its file.
    name = _store_pdf(prepared.pdf)
    publication = Publication.objects.create(
        snapshot=snapshot,
        slug=overview.slug,
        edition=prepared.number,
        title=prepared.release.spec.title,
        profile=prepared.release.profile,
        pdf=name,
        ledger=ledger_entry(prepared.release, snapshot, name=f"edition {prepared.number}"),
        report=to_json(prepared.report),
        content=prepared.content,
        published_at=now,
        published_by=person,
    )
    signed = [signature.pk for signature in prepared.signatures]
    Signature.objects.filter(pk__in=signed).update(publication=publication)
    audit.record_entry(
        actor=by,
        action="publish overview",
        subject=f"overview {overview.slug}",
        now=now,
        edition=prepared.number,
        snapshot=snapshot.number,
        profile=publication.profile,
        pdf=name,
        content=prepared.content,
        signed_by=[signature.name for signature in prepared.signatures],
    )
    return publication


def _next_number(overview: Overview) -> int:
    last = Publication.objects.filter(slug=overview.slug).order_by("-edition").first()
    return last.edition + 1 if last else 1


def _check_unchanged(
    prepared: PreparedEdition,
    overview: Overview,
    records: Mapping[str, CitedRecord],
    now: datetime,
) -> None:
    """Raise ConcurrentChange if anything that an edition was made from has changed.

    In the write lock, so nothing that compares well here can change before the rows are written.
    The ledger comes first: while it is the same, the release is one that is in memory already.
    """
    snapshot, release = prepared.snapshot, prepared.release
    if _next_number(overview) != prepared.number:
        raise _conflict_error("another edition of this overview was published")
    if earlier_entries(snapshot, release.profile) != prepared.earlier:
        raise _conflict_error("another overview of some of these reviews was published")
    content = draft_content(snapshot, release, records=records, now=now).sha256
    if content != prepared.content:
        raise _conflict_error("a text of the report, or something that it cites, was changed")
    signatures = signatures_with(snapshot, content)
    if {row.pk for row in signatures} != {row.pk for row in prepared.signatures}:
        raise _conflict_error("its signatures were changed")
    obstacles = publishing_obstacles(snapshot, release, now)
    if obstacles:
        raise _conflict_error("; ".join(str(obstacle) for obstacle in obstacles))


def _conflict_error(change: str) -> ConcurrentChange:
    return ConcurrentChange(
        f"Nothing was published. While the edition was being typeset, this happened: {change}."
        " Check the draft, then publish it again"
    )


def _edition_signatures(signatures: Iterable[Signature]) -> tuple[EditionSignature, ...]:
    return tuple(
        EditionSignature(
            signature.name, signature.get_capacity_display().lower(), signature.signed_at
        )
        for signature in signatures
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
    """Withdraw an edition: its page and PDF go at once, its row and the snapshot stay.

    The edition before it does not come back by itself. Raises NotPermitted, RuleError without a
    reason.
    """
    require_permission(by, "publish overviews")
    if not reason.strip():
        raise RuleError("give a reason for withdrawing the edition: it is kept in the audit log")
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.withdrawn_at is not None:
        return
    publication.withdrawn_at = now
    publication.save(update_fields=["withdrawn_at"])
    subject = f"overview {publication.slug}"
    audit.before_commit(partial(removals.append_entries, [withdrawal_line(publication, now)]))
    audit.record_entry(
        actor=by,
        action="withdraw overview",
        subject=subject,
        now=now,
        edition=publication.edition,
        reason=reason,
    )
    # Only when the row says so for good: a rollback must not leave an edition without its file.
    transaction.on_commit(lambda: _remove_pdf(publication.pdf))


def withdrawal_line(publication: Publication, now: datetime) -> Entry:
    """Line of a withdrawn edition in the journal of removals."""
    return removals.removal_entry(
        subject=f"overview {publication.slug}",
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
