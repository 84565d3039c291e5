"""Giving overviews out, and taking them back.

`by` is the person who acts; an edition is given out under somebody's name.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import transaction

from waymark.accounts import audit, removals
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import NotPermitted, RuleError
from waymark.core.journal import Entry
from waymark.documents import storage
from waymark.overview.models import Overview, Snapshot
from waymark.overview.queries import ledger_entry
from waymark.publishing.citations import CitedRecord, to_json
from waymark.publishing.composing import composed
from waymark.publishing.models import Publication, Signature
from waymark.publishing.nodes import Edition, Signed
from waymark.publishing.pdf import pdf
from waymark.publishing.queries import release_of_next, standing
from waymark.publishing.reports import NO_RECORDS, draft_of
from waymark.publishing.services.signing import check_fit, signed_by_two


@audit.in_turn
def publish_overview(
    *,
    by: Actor,
    snapshot: Snapshot,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> Publication:
    """Give out a snapshot with its report as the next edition of its overview, with its PDF.

    records: what the catalogue knows of the publications cited. The edition that stands already, if
    it holds exactly this, is given back. Raises NotPermitted, and RuleError where two people have
    not signed exactly this, where a text holds a fault, where a report behind a number is not
    public, or where it would undo what an earlier edition withheld.
    """
    require(by, "publish overviews")
    if not isinstance(by, User):
        raise NotPermitted("an edition is given out under a person's name: sign in")
    overview = Overview.objects.select_for_update().get(pk=snapshot.overview_id)
    draft = draft_of(snapshot, records=records, now=now)
    stands = standing(overview.slug)
    if stands is not None and draft.content and stands.content == draft.content:
        return stands
    check_fit(draft)
    signatures = signed_by_two(draft)
    release = release_of_next(snapshot, draft.profile)
    last = Publication.objects.filter(slug=overview.slug).order_by("-edition").first()
    number = last.edition + 1 if last else 1
    edition = Edition(number, now, draft.content, _signed(signatures))
    name = _keep(pdf(composed(release, draft.report, edition).document))
    made = Publication.objects.create(
        snapshot=snapshot,
        slug=overview.slug,
        edition=number,
        title=release.spec.title,
        profile=draft.profile,
        pdf=name,
        ledger=ledger_entry(release, snapshot, name=f"edition {number}"),
        report=to_json(draft.report),
        content=draft.content,
        published_at=now,
        published_by=by,
    )
    Signature.objects.filter(pk__in=[one.pk for one in signatures]).update(publication=made)
    audit.record(
        actor=by,
        action="publish overview",
        subject=f"overview {overview.slug}",
        now=now,
        edition=number,
        snapshot=snapshot.number,
        profile=draft.profile,
        pdf=name,
        content=draft.content,
        signed_by=[one.name for one in signatures],
    )
    return made


def _signed(signatures: list[Signature]) -> tuple[Signed, ...]:
    return tuple(
        Signed(one.name, one.get_capacity_display().lower(), one.signed_at) for one in signatures
    )


def folder() -> Path:
    """Where publications are kept."""
    return storage.publications()


def _keep(content: bytes) -> str:
    """Store bytes under their SHA-256, whole or not at all. The file's name."""
    name = f"{hashlib.sha256(content).hexdigest()}.pdf"
    storage.expect(name)
    storage.write_whole(folder(), [content], name=lambda: name)
    storage.arrived(name)
    return name


@audit.in_turn
def withdraw(*, by: Actor, publication: Publication, reason: str, now: datetime) -> None:
    """Take an edition back: its page and PDF are gone at once, its row and the snapshot stay.

    The edition before it does not come back by itself. Raises NotPermitted, RuleError without a
    reason.
    """
    require(by, "publish overviews")
    if not reason.strip():
        raise RuleError("say why the edition is withdrawn: the reason is kept in the audit")
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.withdrawn_at is not None:
        return
    publication.withdrawn_at = now
    publication.save(update_fields=["withdrawn_at"])
    subject = f"overview {publication.slug}"
    audit.before_commit(partial(removals.append, [withdrawal_line(publication, now)]))
    audit.record(
        actor=by,
        action="withdraw overview",
        subject=subject,
        now=now,
        edition=publication.edition,
        reason=reason,
    )
    transaction.on_commit(lambda: _remove(publication.pdf))


def withdrawal_line(publication: Publication, now: datetime) -> Entry:
    """What the journal of removals says of an edition that is withdrawn."""
    return removals.line(
        subject=f"overview {publication.slug}",
        what=removals.EDITION,
        now=now,
        edition=publication.edition,
        pdf=publication.pdf,
    )


def _remove(name: str) -> None:
    """The file of a withdrawn edition, unless another edition has the very same."""
    if not Publication.objects.filter(pdf=name, withdrawn_at=None).exists():
        (folder() / name).unlink(missing_ok=True)


def remove_withdrawn() -> int:
    """Remove the files of withdrawn editions that a crash left; the number of files."""
    withdrawn = Publication.objects.exclude(withdrawn_at=None).values_list("pdf", flat=True)
    left = [name for name in set(withdrawn) if (folder() / name).exists()]
    for name in left:
        _remove(name)
    return len(left)
