"""Giving overviews out, and taking them back.

`by` is the person who acts; an edition is given out under somebody's name.
"""

import hashlib
import os
import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import NotPermitted, RuleError
from waymark.documents.queries import open_reports, open_reviews
from waymark.overview.models import Overview, Snapshot
from waymark.overview.queries import ledger_entry, release_of
from waymark.overview.release import Release
from waymark.publishing.models import Publication
from waymark.publishing.nodes import Edition
from waymark.publishing.pdf import pdf
from waymark.publishing.queries import ledger_of, standing
from waymark.publishing.render import document

SHOWN = 5


@audit.in_turn
def publish_overview(*, by: Actor, snapshot: Snapshot, profile: str, now: datetime) -> Publication:
    """Give out a snapshot as the next edition of its overview, with its PDF.

    The edition that stands already, if it is of the same snapshot and profile, is given back.
    Raises NotPermitted, and RuleError where the controller decided on another profile, where a
    report behind a number is not public, where a text names a cell that is not there, or where it
    would undo what an earlier edition withheld.
    """
    require(by, "publish overviews")
    if not isinstance(by, User):
        raise NotPermitted("an edition is given out under a person's name: sign in")
    overview = Overview.objects.select_for_update().get(pk=snapshot.overview_id)
    stands = standing(overview.slug)
    if stands is not None and (stands.snapshot_id, stands.profile) == (snapshot.pk, profile):
        return stands
    earlier = () if profile == "open" else ledger_of(overview.slug)
    release = release_of(snapshot, profile, earlier)
    _check(release, now)
    last = Publication.objects.filter(slug=overview.slug).order_by("-edition").first()
    number = last.edition + 1 if last else 1
    name = _keep(pdf(document(release, Edition(number, now))))
    made = Publication.objects.create(
        snapshot=snapshot,
        slug=overview.slug,
        edition=number,
        title=release.spec.title,
        profile=profile,
        pdf=name,
        ledger=ledger_entry(release, snapshot, name=f"edition {number}"),
        published_at=now,
        published_by=by,
    )
    audit.record(
        actor=by,
        action="publish overview",
        subject=f"overview {overview.slug}",
        now=now,
        edition=number,
        snapshot=snapshot.number,
        profile=profile,
        pdf=name,
    )
    return made


def _check(release: Release, now: datetime) -> None:
    """The rules of giving out. Raises RuleError for the first that is broken."""
    decided = release.spec.disclosure
    if decided.profile != release.profile:
        raise RuleError(
            f"{decided.controller} decided on the profile {decided.profile}, not {release.profile}:"
            " change the decision in the overview, freeze, and publish again"
        )
    cells = [cell for one in release.tables for row in one.table.rows for cell in row.cells]
    everybody = AnonymousUser()
    keys = {key.split("-")[0] for cell in cells for key in cell.evidence}
    public = set(open_reports(everybody, now).filter(key__in=keys).values_list("key", flat=True))
    if keys - public:
        raise RuleError(_not_public("reports", sorted(keys - public)))
    counted = {
        reference.split("/")[0] for cell in cells if cell.evidence for reference in cell.records
    }
    seen = open_reviews(everybody, now).filter(reference__in=counted)
    hidden = counted - set(seen.values_list("reference", flat=True))
    if hidden:
        raise RuleError(_not_public("reviews", sorted(hidden)))


def _not_public(what: str, which: list[str]) -> str:
    named = ", ".join(which[:SHOWN]) + (" and more" if len(which) > SHOWN else "")
    return (
        f"numbers that open to their words need public sources; these {what} are not: {named};"
        " under another profile than open, open_process: false closes them"
    )


def folder() -> Path:
    """Where publications are kept."""
    return Path(settings.DATA) / "publications"


def _keep(content: bytes) -> str:
    """Store bytes under their SHA-256, whole or not at all. The file's name."""
    name = f"{hashlib.sha256(content).hexdigest()}.pdf"
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=place, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place / name)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
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
    audit.record(
        actor=by,
        action="withdraw overview",
        subject=f"overview {publication.slug}",
        now=now,
        edition=publication.edition,
        reason=reason,
    )
    transaction.on_commit(lambda: _remove(publication.pdf))


def _remove(name: str) -> None:
    """The file of a withdrawn edition, unless another edition has the very same."""
    if not Publication.objects.filter(pdf=name, withdrawn_at=None).exists():
        (folder() / name).unlink(missing_ok=True)
