"""Services that sign reports: an analyst signs for the numbers, an editor for publishing them.

A signature covers exactly one content: rows, profile, plan, texts and all they cite. It is valid
only as long as the draft has that content.
"""

from collections.abc import Mapping
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import NotPermitted, RuleError
from waymark.overview.models import Snapshot
from waymark.publishing.document.citations import CitedRecord
from waymark.publishing.models import Signature, SigningCapacity
from waymark.publishing.queries.drafts import NO_RECORDS, ReportDraft, draft_of, signatures_on
from waymark.publishing.queries.in_progress import NEEDS


@audit.serialized
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

    A person signs one content once; a second call returns the first signature. Raises NotPermitted,
    and RuleError if the draft has changed since, has a fault or breaks a rule.
    """
    require_permission(by, NEEDS[capacity])
    if not isinstance(by, User):
        raise NotPermitted("sign in with your own account to sign a report")
    draft = draft_of(snapshot, records=records, now=now)
    check_fit(draft)
    # After check_fit, because a draft with obstacles may have no content to compare.
    if draft.content != seen:
        raise RuleError(
            "the report has changed since you opened this page: check it again before you sign"
        )
    own = next((earlier for earlier in signatures_on(draft) if earlier.signed_by_id == by.pk), None)
    if own is not None:
        return own
    signature = Signature.objects.create(
        snapshot=snapshot,
        profile=draft.profile,
        content=draft.content,
        capacity=capacity,
        signed_by=by,
        name=by.get_full_name() or by.get_username(),
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
