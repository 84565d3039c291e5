"""Services that sign reports: an analyst signs for the numbers, an editor for publishing them.

A signature covers exactly one content: rows, profile, plan, texts and all they cite. It is valid
only as long as the draft has that content.
"""

from collections.abc import Mapping
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account
from waymark.core.errors import RuleError
from waymark.overview.models import Snapshot
from waymark.overview.queries.overviews import decided_profile
from waymark.publishing.document.citations import CitedRecord
from waymark.publishing.models import Signature, SigningCapacity
from waymark.publishing.queries import next_release
from waymark.publishing.queries.drafts import (
    NO_RECORDS,
    ReportDraft,
    draft_content,
    draft_of,
    signatures_on,
)
from waymark.publishing.queries.in_progress import NEEDS
from waymark.publishing.queries.obstacles import publishing_obstacles


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

    The draft is composed without the write lock; in it, only its hash is compared. A person signs
    one content once; a second call returns the first signature. Raises NotPermitted, and RuleError
    if the draft has changed since, has a fault or breaks a rule.
    """
    person = require_account(by, NEEDS[capacity], "sign a report")
    draft = draft_of(snapshot, records=records, now=now)
    check_fit(draft)
    # After check_fit, because a draft with obstacles may have no content to compare.
    if draft.content != seen:
        raise _changed_error()
    return sign_composed(by=person, draft=draft, capacity=capacity, records=records, now=now)


@audit.serialized
def sign_composed(
    *,
    by: Actor,
    draft: ReportDraft,
    capacity: SigningCapacity,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> Signature:
    """Sign a draft without obstacles if it can still be published with the same content.

    records: catalogue entries of the publications cited, as they are now. Raises NotPermitted, and
    RuleError if a text, a source or another edition has changed anything meanwhile.
    """
    person, snapshot = require_account(by, NEEDS[capacity], "sign a report"), draft.snapshot
    _check_unchanged(draft, records, now)
    own = next((row for row in signatures_on(draft) if row.signed_by_id == person.pk), None)
    if own is not None:
        return own
    signature = Signature.objects.create(
        snapshot=snapshot,
        profile=draft.profile,
        content=draft.content,
        capacity=capacity,
        signed_by=person,
        name=person.get_full_name() or person.get_username(),
        signed_at=now,
    )
    audit.record_entry(
        actor=by,
        action="sign overview",
        subject=f"overview {snapshot.overview.slug}",
        now=now,
        snapshot=snapshot.number,
        profile=draft.profile,
        content=draft.content,
        capacity=capacity,
    )
    return signature


def _check_unchanged(draft: ReportDraft, records: Mapping[str, CitedRecord], now: datetime) -> None:
    """Raise RuleError if the draft has obstacles or another content by now.

    The release is the one that was composed, from memory, unless another edition was published.
    """
    release = next_release(draft.snapshot, decided_profile(draft.snapshot))
    obstacles = publishing_obstacles(draft.snapshot, release, now)
    if obstacles:
        raise RuleError("; ".join(str(obstacle) for obstacle in obstacles))
    content = draft_content(draft.snapshot, release, records=records, now=now)
    if content.sha256 != draft.content:
        raise _changed_error()


def _changed_error() -> RuleError:
    return RuleError(
        "the report has changed since you opened this page: check it again before you sign"
    )


def check_fit(draft: ReportDraft) -> None:
    """Raise RuleError with all obstacles, if there are any."""
    if draft.obstacles:
        raise RuleError("; ".join(str(obstacle) for obstacle in draft.obstacles))


def signed_by_two(draft: ReportDraft) -> list[Signature]:
    """Signatures of two people, one in each capacity. Raises RuleError if one is missing."""
    signatures = signatures_on(draft)
    for capacity in SigningCapacity:
        if all(signature.capacity != capacity for signature in signatures):
            who = {signature.name for signature in signatures}
            so_far = f"; signed so far: {', '.join(sorted(who))}" if who else ""
            raise RuleError(
                "an edition needs the signatures of two people, an analyst and an editor, on"
                f" exactly this content: no {capacity} has signed it{so_far}"
            )
    return signatures
