"""A briefing with the catalogue records that it cites, and its own record in the library.

Each current edition has a record, so that people find it where they search, and it is in feeds,
exports and harvests. The record follows the edition: published, changed and withdrawn with it.
"""

from collections.abc import Mapping
from datetime import datetime

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import User
from waymark.briefings import services
from waymark.briefings.queries.drafts import BriefingDraft, publications_cited
from waymark.briefings.queries.drafts import briefing_draft as draft_of
from waymark.library.queries.content_notes import content_notes_together
from waymark.pipeline.publish import catalogue_records
from waymark.publishing import services as publishing
from waymark.publishing.models import Manuscript, Publication, Signature, SigningCapacity
from waymark.publishing.services import PreparedEdition


def briefing_draft(
    manuscript: Manuscript, now: datetime, *, instead: Mapping[str, str] | None = None
) -> BriefingDraft:
    """The draft of a briefing. instead: texts to read in place of those saved, for a preview."""
    records = catalogue_records(publications_cited(manuscript, instead), now)
    return draft_of(manuscript, records=records, now=now, instead=instead)


def sign_briefing(
    *, by: User, manuscript: Manuscript, capacity: SigningCapacity, seen: str, now: datetime
) -> Signature:
    """Sign a draft. Raises as briefings.services.sign_briefing does."""
    return services.sign_briefing(
        by=by,
        manuscript=manuscript,
        capacity=capacity,
        seen=seen,
        records=catalogue_records(publications_cited(manuscript), now),
        now=now,
    )


def publish_briefing(*, by: User, manuscript: Manuscript, now: datetime) -> Publication:
    """Publish the draft that two people signed, as the next edition, with its record.

    It is typeset before the write lock is taken. Raises as briefings.services.prepare_briefing and
    publish_briefing do.
    """
    prepared = services.prepare_briefing(
        by=by,
        manuscript=manuscript,
        records=catalogue_records(publications_cited(manuscript), now),
        notes_of=content_notes_together,
        now=now,
    )
    if isinstance(prepared, Publication):
        return prepared
    return _publish_prepared(by, prepared, now)


@serialized_in("briefings", "publishing", "library")
def _publish_prepared(by: User, prepared: PreparedEdition, now: datetime) -> Publication:
    records = catalogue_records(publications_cited(prepared.content.manuscript), now)
    return services.publish_briefing(by=by, prepared=prepared, records=records, now=now)


@serialized_in("publishing", "library")
def withdraw_briefing(*, by: User, publication: Publication, reason: str, now: datetime) -> None:
    """Withdraw an edition with its record. Raises as publishing.services.withdraw_edition does."""
    publishing.withdraw_edition(by=by, publication=publication, reason=reason, now=now)
