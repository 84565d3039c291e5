"""Prepare and publish editions of overviews.

`by` is the person who acts; an edition is published under a person's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account
from waymark.overview.models import Snapshot
from waymark.overview.queries.evidence import uses_of_all
from waymark.overview.queries.overviews import decided_profile, ledger_entry, release_of
from waymark.overview.releases.release import Release
from waymark.publishing.document.citations import CitedRecord, to_json
from waymark.publishing.document.compose import compose_report
from waymark.publishing.document.content_note import NotesOfReviews, no_notes, with_content_note
from waymark.publishing.document.nodes import EditionInfo
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import ManuscriptKind, Publication
from waymark.publishing.queries import current_edition, earlier_entries
from waymark.publishing.queries.drafts import NO_RECORDS, draft_content, draft_of, signatures_on
from waymark.publishing.queries.editions import current_editions, edition_signatures
from waymark.publishing.queries.imprint import with_imprint
from waymark.publishing.queries.ledger import entries_up_to
from waymark.publishing.queries.manuscripts import (
    ManuscriptContent,
    next_number,
    require_signatures,
)
from waymark.publishing.queries.obstacles import publishing_obstacles
from waymark.publishing.services.counted_passages import PassageUses, store_uses
from waymark.publishing.services.manuscripts import (
    PreparedEdition,
    conflict_error,
    publish_prepared,
)
from waymark.publishing.services.signing import check_fit


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedOverview(PreparedEdition):
    """An edition of an overview that has been composed and typeset, but not published.

    earlier: ledger entries of the releases that it was protected against. uses: cells of its tables
    that each passage is counted in. All else that it was made from is compared with the database
    again before anything is written.
    """

    snapshot: Snapshot
    release: Release
    earlier: tuple[bytes, ...]
    uses: PassageUses


def prepare_edition(
    *,
    by: Actor,
    snapshot: Snapshot,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    notes_of: NotesOfReviews = no_notes,
    now: datetime,
) -> PreparedOverview | Publication:
    """Compose and typeset the next edition of an overview, without the write lock.

    Typesetting a long report takes many seconds, in which nobody else could save anything if the
    lock were taken. records: catalogue entries of the publications cited. notes_of: content notes
    of the reviews quoted, printed at the head of the PDF. Returns the current edition if its
    content is exactly this. Raises NotPermitted, and RuleError if two people have not signed
    exactly this, if a text has a fault, if a report behind a number is not public, or if it would
    undo what an earlier edition withheld.
    """
    kind = ManuscriptKind.OVERVIEW
    require_account(by, KIND_RULES[kind].publish, "publish an edition")
    overview = snapshot.overview
    # Read before the draft: ledger and numbers only grow, so if they are the same at the end, the
    # draft was made with them.
    number = next_number(overview.slug)
    profile = decided_profile(snapshot)
    earlier = earlier_entries(snapshot, profile)
    draft = draft_of(snapshot, records=records, now=now)
    current = current_edition(overview.slug)
    if current is not None and draft.content and current.content == draft.content:
        return current
    check_fit(draft)
    signatures = tuple(signatures_on(draft))
    require_signatures(kind, signatures)
    release = release_of(snapshot, profile, earlier)
    edition = EditionInfo(number, now, draft.content, edition_signatures(signatures))
    document = compose_report(release, draft.report, edition).document
    return PreparedOverview(
        content=ManuscriptContent(overview.manuscript, draft.content, snapshot, profile),
        number=number,
        title=release.spec.title,
        report=to_json(draft.report),
        ledger=ledger_entry(release, snapshot, name=f"edition {number}"),
        uses=uses_of_all(snapshot, profile, earlier),
        signatures=signatures,
        pdf=render_pdf(
            with_imprint(
                with_content_note(document, draft.report, notes_of), overview.slug, edition
            )
        ),
        snapshot=snapshot,
        release=release,
        earlier=earlier,
    )


@audit.serialized
def publish_edition(
    *,
    by: Actor,
    prepared: PreparedOverview,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> Publication:
    """Publish a prepared edition of an overview: see manuscripts.publish_prepared().

    records: catalogue entries of the publications cited, as they are now.
    """
    publication = publish_prepared(
        by=by,
        prepared=prepared,
        current=lambda: _current_content(prepared, records, now),
        now=now,
    )
    if not publication.uses_stored:
        store_uses(publication, prepared.uses)
    return publication


def _current_content(
    prepared: PreparedOverview, records: Mapping[str, CitedRecord], now: datetime
) -> str:
    """Hash of the content as it is now. Raises ConcurrentChange if it cannot be published by now.

    The ledger comes first: while it is the same, the release is one that is in memory already.
    """
    snapshot, release = prepared.snapshot, prepared.release
    if earlier_entries(snapshot, release.profile) != prepared.earlier:
        raise conflict_error("another overview of some of these reviews was published")
    obstacles = publishing_obstacles(snapshot, release, now)
    if obstacles:
        raise conflict_error("; ".join(str(obstacle) for obstacle in obstacles))
    return draft_content(snapshot, release, records=records, now=now).sha256


def store_missing_uses() -> int:
    """Store the uses of current editions that an earlier version published; return their number."""
    missing = [edition for edition in current_editions() if not edition.uses_stored]
    for edition in missing:
        # Counted before the write lock is taken: a large edition takes many seconds.
        uses = uses_of_all(edition.frozen, edition.profile, entries_up_to(edition))
        _store_once(edition, uses)
    return len(missing)


@audit.serialized
def _store_once(edition: Publication, uses: PassageUses) -> None:
    """Store them unless another worker did so meanwhile."""
    if not Publication.objects.get(pk=edition.pk).uses_stored:
        store_uses(edition, uses)
