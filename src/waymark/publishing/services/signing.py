"""Signing a report: two people, one for the numbers and one for giving them out.

A signature is on exactly one content: rows, profile, plan, texts and all they cite. It stands only
as long as the draft is that content.
"""

from collections.abc import Mapping
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import NotPermitted, RuleError
from waymark.overview.models import Snapshot
from waymark.publishing.citations import CitedRecord
from waymark.publishing.in_progress import NEEDS
from waymark.publishing.models import Capacity, Signature
from waymark.publishing.reports import NO_RECORDS, Draft, draft_of, signatures_on


@audit.in_turn
def sign_report(
    *,
    by: Actor,
    snapshot: Snapshot,
    capacity: Capacity,
    seen: str,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> Signature:
    """Sign a draft. seen: the hash of the content that the person looked at.

    The same person signs one content once: the first signature is given back. Raises NotPermitted,
    RuleError where the draft has changed since, holds a fault, or breaks a rule.
    """
    require(by, NEEDS[capacity])
    if not isinstance(by, User):
        raise NotPermitted("a report is signed by a person: sign in")
    draft = draft_of(snapshot, records=records, now=now)
    check_fit(draft)
    if draft.content != seen:
        raise RuleError("the report has changed since this page was opened: look at it again")
    there = next((one for one in signatures_on(draft) if one.signed_by_id == by.pk), None)
    if there is not None:
        return there
    made = Signature.objects.create(
        snapshot=snapshot,
        profile=draft.profile,
        content=draft.content,
        capacity=capacity,
        signed_by=by,
        name=by.get_full_name() or by.get_username(),
        signed_at=now,
    )
    audit.record(
        actor=by,
        action="sign overview",
        subject=f"overview {snapshot.overview.slug}",
        now=now,
        snapshot=snapshot.number,
        profile=draft.profile,
        content=draft.content,
        capacity=capacity,
    )
    return made


def check_fit(draft: Draft) -> None:
    """Raises RuleError that tells all that stands in the way."""
    if draft.in_the_way:
        raise RuleError("; ".join(str(obstacle) for obstacle in draft.in_the_way))


def signed_by_two(draft: Draft) -> list[Signature]:
    """The signatures of two people, one in each capacity. Raises RuleError that says what lacks."""
    standing = signatures_on(draft)
    for capacity in Capacity:
        if all(one.capacity != capacity for one in standing):
            who = {one.name for one in standing}
            so_far = f"; signed so far: {', '.join(sorted(who))}" if who else ""
            raise RuleError(
                f"an edition needs the signatures of two people on exactly this content: none of an"
                f" {capacity} stands{so_far}"
            )
    return standing
