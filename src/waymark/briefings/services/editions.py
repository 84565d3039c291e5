"""Sign a briefing, and publish it when two people have signed the same content.

`by` is the person who acts, under their own name. records: catalogue entries of the publications
that it cites, as they are now.
"""

from collections.abc import Mapping
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account
from waymark.briefings.queries.drafts import (
    NO_RECORDS,
    WRITE,
    BriefingDraft,
    briefing_draft,
)
from waymark.briefings.text.compose import AS_SIGNED, compose_briefing, for_print, with_opening
from waymark.core.errors import RuleError
from waymark.publishing.document.citations import CitedRecord, to_json
from waymark.publishing.document.content_note import NotesOfReviews, no_notes
from waymark.publishing.document.nodes import EditionInfo
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.models import Manuscript, Publication, Signature, SigningCapacity
from waymark.publishing.queries.editions import edition_signatures
from waymark.publishing.queries.manuscripts import (
    ManuscriptContent,
    next_number,
    require_signatures,
)
from waymark.publishing.services.manuscripts import (
    PreparedEdition,
    conflict_error,
    publish_prepared,
    sign_content,
)

PUBLISH = "publish briefings"


def sign_briefing(
    *,
    by: Actor,
    manuscript: Manuscript,
    capacity: SigningCapacity,
    seen: str,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> Signature:
    """Sign a draft. seen: hash of the content that the person read.

    Raises NotPermitted, and RuleError if a statement lacks support, if something that it cites was
    withdrawn or changed, or if the draft is not the one that the person read.
    """
    person = require_account(by, WRITE, "sign a briefing")
    _fit_draft(manuscript, records, now)
    # Under the write lock the draft of then is compared with what the person saw.
    return sign_content(
        by=person,
        content=ManuscriptContent(manuscript, seen),
        capacity=capacity,
        current=lambda: _fit_draft(manuscript, records, now).content.sha256,
        now=now,
    )


def _fit_draft(
    manuscript: Manuscript, records: Mapping[str, CitedRecord], now: datetime
) -> BriefingDraft:
    """The draft of now. Raises RuleError with all obstacles, if there are any."""
    draft = briefing_draft(manuscript, records=records, now=now)
    if draft.obstacles:
        raise RuleError("; ".join(draft.obstacles))
    return draft


def prepare_briefing(
    *,
    by: Actor,
    manuscript: Manuscript,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    notes_of: NotesOfReviews = no_notes,
    now: datetime,
) -> PreparedEdition | Publication:
    """Compose and typeset the next edition, without the write lock.

    Returns the current edition if its content is exactly this. Raises NotPermitted, and RuleError
    if the draft has an obstacle or two people have not signed exactly this.
    """
    require_account(by, PUBLISH, "publish an edition")
    number = next_number(manuscript.slug, manuscript.kind)
    draft = briefing_draft(manuscript, records=records, now=now)
    if draft.is_published and draft.edition is not None:
        return draft.edition
    if draft.obstacles:
        raise RuleError("; ".join(draft.obstacles))
    signatures = tuple(draft.signatures)
    require_signatures(manuscript.kind, signatures)
    edition = EditionInfo(number, now, draft.content.sha256, edition_signatures(signatures))
    document = compose_briefing(draft.content, edition, hide_number=draft.hide_number)
    reviews = dict.fromkeys(row.review for row in draft.content.report.passages.values())
    opened = with_opening(for_print(document), notes=notes_of(reviews), state=AS_SIGNED)
    return PreparedEdition(
        content=draft.signable,
        number=number,
        title=draft.title,
        report=to_json(draft.content.stored),
        signatures=signatures,
        pdf=render_pdf(opened),
    )


@audit.serialized_in("briefings", "publishing")
def publish_briefing(
    *,
    by: Actor,
    prepared: PreparedEdition,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> Publication:
    """Publish a prepared edition, if nothing that it depends on has changed since.

    Raises ConcurrentChange, with nothing written, if a passage was withdrawn, if a newer text of
    its report has other words, or if a text, a number or a publication was changed.
    """
    manuscript = prepared.content.manuscript

    def current() -> str:
        draft = briefing_draft(manuscript, records=records, now=now)
        if draft.obstacles:
            raise conflict_error("; ".join(draft.obstacles))
        return draft.content.sha256

    return publish_prepared(by=by, prepared=prepared, current=current, now=now)
