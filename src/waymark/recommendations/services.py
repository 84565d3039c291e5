"""Recording recommendations and what is told about them."""

from collections.abc import Sequence
from datetime import date, datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import require
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.documents.anchors import Anchors
from waymark.documents.models import Review
from waymark.frameworks.schema import FrameworkFile
from waymark.recommendations.models import Impact, Progress, Recommendation, Status


@audit.in_turn
def record_recommendation(
    *,
    by: User,
    framework: FrameworkFile,
    anchors: Anchors,
    span: Span,
    number: int,
    category: str,
    audience: str,
    smart: Sequence[str],
    now: datetime,
) -> Recommendation:
    """Store a recommendation in the report's words. Raises NotPermitted, RuleError.

    category and audience are values of the framework's lists.
    """
    require(by, "code")
    lists = framework.recommendations
    _one_of("category", category, [option.value for option in lists.categories])
    _one_of("audience", audience, [option.value for option in lists.audiences])
    review = anchors.report.review
    if Recommendation.objects.filter(review=review, number=number).exists():
        raise RuleError(f"{review.reference} already has a recommendation {number}")
    made = Recommendation.objects.create(
        review=review,
        number=number,
        category=category,
        audience=audience,
        smart=list(smart),
        recorded_by=by,
        recorded_at=now,
        **anchors.fields(span),
    )
    audit.record(
        actor=by,
        action="record recommendation",
        subject=f"review {review.reference}",
        now=now,
        number=number,
    )
    return made


@audit.in_turn
def tell_progress(
    *,
    by: User,
    review: Review,
    number: int,
    status: str,
    impact: str,
    due: date | None,
    now: datetime,
) -> Progress:
    """Store what was told about a recommendation; earlier accounts stay. Raises RuleError."""
    require(by, "record progress")
    _one_of("status", status, list(Status.values))
    _one_of("impact", impact, list(Impact.values))
    recommendation = Recommendation.objects.filter(review=review, number=number).first()
    if recommendation is None:
        raise RuleError(f"{review.reference} has no recommendation {number}")
    made = Progress.objects.create(
        recommendation=recommendation,
        status=status,
        impact=impact,
        due=due,
        told_at=now,
        told_by=by,
    )
    audit.record(
        actor=by,
        action="tell progress",
        subject=f"review {review.reference}",
        now=now,
        number=number,
        status=status,
        impact=impact,
    )
    return made


def _one_of(name: str, value: str, allowed: list[str]) -> None:
    if value not in allowed:
        raise RuleError(f"{name} cannot be {value!r}; it is one of {', '.join(allowed)}")
