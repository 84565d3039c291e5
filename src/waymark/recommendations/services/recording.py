"""Record what reports recommend, in their words."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.coding.assignments import require_open, require_open_in_any
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors, move_anchors
from waymark.documents.models import Report
from waymark.frameworks.queries import framework_for
from waymark.frameworks.schema import FrameworkFile
from waymark.recommendations.models import Addressee, Progress, Recommendation
from waymark.recommendations.queries import recommendations_anchored_in
from waymark.recommendations.relation_keys import RelationKey
from waymark.recommendations.services.count_blocks import note_change
from waymark.recommendations.services.relations import relate_recommendations
from waymark.recommendations.services.standing import refresh_recommendation
from waymark.recommendations.strengths import STRENGTHS


@audit.serialized
def record_recommendation(
    *,
    by: User,
    framework: FrameworkFile,
    anchors: ReportAnchors,
    span: Span,
    number: int,
    category: str,
    audience: str,
    smart: Sequence[str],
    now: datetime,
    strength: str = "",
    finding: Span | None = None,
    relations: Mapping[RelationKey, str] | None = None,
) -> Recommendation:
    """Store a recommendation in the report's words; it supersedes the coder's own of that number.

    category and audience are values of the framework's lists; strength is one of STRENGTHS, "" if
    it is not judged; finding: the words of the finding that it answers, in the same report;
    relations: how it relates to others, values of Comparison by their keys. Raises NotPermitted;
    RuleError also for a review that is not assigned to the coder or that they have
    finished, and for a number that someone else has recorded.
    """
    require_permission(by, "code")
    review = anchors.report.review
    require_open(by, review, framework_for(framework.framework, framework.version))
    framework.recommendations.check(category=category, audience=audience)
    if strength and strength not in STRENGTHS:
        raise RuleError(f"strength must be one of {', '.join(STRENGTHS)}, not {strength!r}")
    current = Recommendation.objects.filter(review=review, number=number, superseded_at=None)
    earlier = current.select_related("recorded_by").first()
    if earlier is not None and earlier.recorded_by != by:
        raise RuleError(
            f"{review.reference} already has a recommendation {number}, recorded by"
            f" {earlier.recorded_by}: leave it out of your work, because one coder records it"
        )
    key = str(anchors.fields(finding)["key"]) if finding is not None else ""
    if earlier is not None:
        # A correction that says nothing of them keeps what was judged, such as one from a file.
        strength, key = strength or earlier.strength, key or earlier.finding
    current.update(superseded_at=now)
    recommendation = Recommendation.objects.create(
        review=review,
        number=number,
        category=category,
        audience=audience,
        smart=list(smart),
        strength=strength,
        finding=key,
        recorded_by=by,
        recorded_at=now,
        **anchors.fields(span),
    )
    refresh_recommendation(review.pk, number)
    for other, relation in (relations or {}).items():
        own = RelationKey(review=review.pk, number=number)
        relate_recommendations(by=by, one=own, other=other, relation=relation, now=now)
    audit.record_about(by, "record recommendation", review, now, number=number)
    return recommendation


@audit.serialized
def withdraw_recommendation(*, by: User, recommendation: Recommendation, now: datetime) -> None:
    """Withdraw a recommendation: it stays on record, superseded.

    Raises NotPermitted, RuleError for another coder's recommendation, a review that is not open to
    the coder, or if progress has been reported.
    """
    require_permission(by, "code")
    review, number = recommendation.review, recommendation.number
    if recommendation.recorded_by_id != by.pk:
        raise RuleError("only the coder who recorded a recommendation can withdraw it")
    require_open_in_any(by, review)
    # Of any row of that number, also superseded ones: progress belongs to the number.
    if Progress.objects.filter(recommendation__review=review, recommendation__number=number):
        raise RuleError(
            f"recommendation {number} of {review.reference} has progress on record: it can be"
            " changed but not withdrawn"
        )
    if Addressee.objects.filter(review=review, number=number):
        raise RuleError(
            f"recommendation {number} of {review.reference} has been served on an addressee: it"
            " can be changed but not withdrawn"
        )
    Recommendation.objects.filter(pk=recommendation.pk).update(superseded_at=now)
    note_change(review.pk)
    audit.record_about(by, "withdraw recommendation", review, now, number=number)


@audit.serialized
def move_recommendations(
    *, by: Actor, report: Report, moves: Mapping[str, Span], now: datetime
) -> dict[str, str]:
    """Move recommendations to the same words in the current reading of their report.

    moves: old citation key -> span in the current text. Returns the old and new keys. Raises
    NotPermitted.
    """
    require_permission(by, "add reports")
    moved = move_anchors(recommendations_anchored_in(report), moves, ReportAnchors(report))
    if moved:
        audit.record_about(by, "move recommendations", report, now, keys=moved)
    return moved
