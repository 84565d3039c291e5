"""Record how two recommendations relate, as a person has read them."""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, has_permission, require_permission
from waymark.core.errors import RuleError
from waymark.recommendations.models import (
    Comparison,
    InquiryRecommendation,
    Recommendation,
    RecommendationRelation,
)
from waymark.recommendations.relation_keys import RelationKey


@audit.serialized
def relate_recommendations(
    *, by: Actor, one: RelationKey, other: RelationKey, relation: str, now: datetime
) -> RecommendationRelation:
    """Record that two recommendations say the same, contradict each other, or do neither.

    It replaces an earlier reading of the two, which stays on record. For those who record progress
    and for coders. Raises NotPermitted, RuleError.
    """
    _require_reader(by)
    if relation not in Comparison.values:
        raise RuleError(f"choose one of: {', '.join(Comparison.values)}")
    if one == other:
        raise RuleError("a recommendation cannot be compared with itself")
    for key in (one, other):
        if not _exists(key):
            raise RuleError(f"there is no recommendation {key}")
    first, second = sorted((str(one), str(other)))
    _take_back(first, second, by, now)
    row = RecommendationRelation.objects.create(
        first=first,
        second=second,
        relation=relation,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
    )
    audit.record_about(by, "relate recommendations", row, now, relation=relation)
    return row


@audit.serialized
def take_back_relation(*, by: Actor, one: RelationKey, other: RelationKey, now: datetime) -> None:
    """Take back how two recommendations relate; it stays on record. Raises RuleError."""
    _require_reader(by)
    first, second = sorted((str(one), str(other)))
    row = _take_back(first, second, by, now)
    if row is None:
        raise RuleError("nobody has compared these two, or it has been taken back already")
    audit.record_about(by, "take back relation", row, now, relation=row.relation)


def _require_reader(by: Actor) -> None:
    if not has_permission(by, "code"):
        require_permission(by, "record progress")


def _exists(key: RelationKey) -> bool:
    if key.inquiry:
        return InquiryRecommendation.objects.filter(pk=key.inquiry, superseded_at=None).exists()
    return Recommendation.objects.filter(
        review=key.review, number=key.number, superseded_at=None
    ).exists()


def _take_back(first: str, second: str, by: Actor, now: datetime) -> RecommendationRelation | None:
    row = (
        RecommendationRelation.objects.select_for_update(of=("self",))
        .filter(first=first, second=second, taken_back_at=None)
        .first()
    )
    if row is not None:
        row.taken_back_at, row.taken_back_by = now, by if isinstance(by, User) else None
        row.save(update_fields=["taken_back_at", "taken_back_by"])
    return row
