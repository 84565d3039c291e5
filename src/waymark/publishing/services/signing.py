"""Services that sign overviews: an analyst signs for the numbers, an editor for publishing them.

The content that a signature covers is rows, profile, plan, texts and all they cite. It is valid
only as long as the draft has that content.
"""

from collections.abc import Mapping
from datetime import datetime

from waymark.accounts.permissions import Actor, require_account
from waymark.core.errors import RuleError
from waymark.overview.models import Snapshot
from waymark.overview.queries.overviews import decided_profile
from waymark.publishing.document.citations import CitedRecord
from waymark.publishing.models import Signature, SigningCapacity
from waymark.publishing.queries import next_release
from waymark.publishing.queries.drafts import NO_RECORDS, ReportDraft, draft_content, draft_of
from waymark.publishing.queries.in_progress import NEEDS
from waymark.publishing.queries.manuscripts import ManuscriptContent
from waymark.publishing.queries.obstacles import publishing_obstacles
from waymark.publishing.services.manuscripts import sign_content


def sign_report(
    *,
    by: Actor,
    snapshot: Snapshot,
    capacity: SigningCapacity,
    seen: str,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> Signature:
    """Sign a draft. seen: hash of the content that the person looked at.

    records: catalogue entries of the publications cited. The draft is composed without the write
    lock; in it, only its hash is compared: see manuscripts.sign_content(). Raises NotPermitted, and
    RuleError if the draft has changed since, has a fault or breaks a rule.
    """
    person = require_account(by, NEEDS[capacity], "sign a report")
    draft = draft_of(snapshot, records=records, now=now)
    check_fit(draft)
    # A draft without obstacles has a text, so its overview has a manuscript.
    return sign_content(
        by=person,
        content=ManuscriptContent(snapshot.overview.manuscript, seen, snapshot, draft.profile),
        capacity=capacity,
        current=lambda: _current_content(draft, records, now),
        now=now,
    )


def _current_content(draft: ReportDraft, records: Mapping[str, CitedRecord], now: datetime) -> str:
    """Hash of the content of a draft as it is now. Raises RuleError if it has obstacles by now.

    The release is the one that was composed, from memory, unless another edition was published.
    """
    release = next_release(draft.snapshot, decided_profile(draft.snapshot))
    obstacles = publishing_obstacles(draft.snapshot, release, now)
    if obstacles:
        raise RuleError("; ".join(str(obstacle) for obstacle in obstacles))
    return draft_content(draft.snapshot, release, records=records, now=now).sha256


def check_fit(draft: ReportDraft) -> None:
    """Raise RuleError with all obstacles, if there are any."""
    if draft.obstacles:
        raise RuleError("; ".join(str(obstacle) for obstacle in draft.obstacles))
