"""Plain words for what is judged of a recommendation: how it was written, and what changed."""

from collections.abc import Sequence

from django import template

from waymark.recommendations.models import ProgressImpact

register = template.Library()

CRITERIA = {
    "specific": "says what to do",
    "measurable": "says how to tell that it was done",
    "achievable": "can be done",
    "relevant": "answers what the review found",
    "timed": "says by when",
}
"""What is true of a recommendation that meets a criterion."""
CHANGES: dict[str, str] = {
    ProgressImpact.NO_EVIDENCE: "No change shown",
    ProgressImpact.ACTIVITY: "Work was done, but no change has been shown",
    ProgressImpact.PRACTICE: "Practice changed",
    ProgressImpact.OUTCOME: "Things changed for children",
}


@register.filter
def criteria_in_words(criteria: Sequence[str]) -> str:
    """["specific", "timed"] -> "says what to do; says by when"."""
    return "; ".join(CRITERIA.get(criterion, criterion) for criterion in criteria)


@register.filter
def change_in_words(impact: str) -> str:
    """What changed after a recommendation, from the stored impact."""
    return CHANGES.get(impact, impact)
