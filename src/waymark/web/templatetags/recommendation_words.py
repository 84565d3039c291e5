"""Plain words for what is judged of a recommendation: how it was written, and what changed."""

from collections.abc import Sequence

from django import template

from waymark.recommendations.models import ProgressImpact

register = template.Library()

CRITERIA = {
    "specific": "what to do",
    "measurable": "how to tell that it was done",
    "achievable": "something that can be done",
    "relevant": "something that answers what the review found",
    "timed": "by when",
}
"""What a recommendation says if it meets a criterion."""
CHANGES: dict[str, str] = {
    ProgressImpact.NO_EVIDENCE: "No change shown",
    ProgressImpact.ACTIVITY: "Work was done, but no change has been shown",
    ProgressImpact.PRACTICE: "Practice changed",
    ProgressImpact.OUTCOME: "Things changed for children",
}


@register.filter
def criteria_in_words(criteria: Sequence[str]) -> str:
    """["specific", "timed"] -> "what to do; by when"."""
    return "; ".join(CRITERIA.get(criterion, criterion) for criterion in criteria)


@register.filter
def change_in_words(impact: str) -> str:
    """What changed after a recommendation, from the stored impact."""
    return CHANGES.get(impact, impact)
