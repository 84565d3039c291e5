"""Ids and labels that a specification and the tables counted from it share. Pure.

The checker of specifications needs them before anything is counted, so they are kept below both.

Recommendations are counted by six variables of their own. The lists of categories and audiences
are the framework's; status and impact have the same few values everywhere. Complete is not impact:
that a board calls a recommendation complete says that something was done, not that anything
changed.
"""

from collections.abc import Callable, Sequence

from waymark.core.evidence import RecommendationRow
from waymark.core.tables import Column
from waymark.frameworks.schema import ChoiceOption, FrameworkFile, RecommendationOptions
from waymark.frameworks.variables import AllowedValue, VariableSpec

ALL = "n"
"""The column that counts all records of a row."""
NOT_JUDGED = "not_judged"
NOT_RECORDED, OUTSIDE, ELSEWHERE = "not_recorded", "outside", "elsewhere"
"""Rows or columns for a value that is empty, outside every band, or not in the framework's list."""
INTERVAL = ("interval_lower", "interval_upper")
FOUND, MISSED = "found", "missed"
"""Whether a review shows a theme: values of a theme as rows or columns."""
STAGES = {
    "identified": "Identified",
    "obtained": "Report obtained",
    "excluded": "Excluded",
    "coded": "Read and coded",
    "double_coded": "Coded by two people",
}
"""Rows of a flow table."""
WITHIN, MEAN, POOLED = "within", "mean", "all"
"""Rows of all codes in a table of agreement."""
AGREEMENT_COLUMNS = (
    Column("units", "Units"),
    Column("first", "First coder"),
    Column("second", "Second coder"),
    Column("agreed", "Agreed"),
    Column("raw", "Raw agreement", "number"),
    Column("kappa", "Kappa", "number"),
    Column("kappa_lower", "Kappa, lower", "number"),
    Column("kappa_upper", "Kappa, upper", "number"),
    Column("ac1", "AC1", "number"),
    Column("ac1_lower", "AC1, lower", "number"),
    Column("ac1_upper", "AC1, upper", "number"),
)

# ---- recommendations ----

PREFIX = "recommendation."
CATEGORY = "recommendation.category"
AUDIENCE = "recommendation.audience"
SMART = "recommendation.smart"
STATUS = "recommendation.status"
EVIDENCE = "recommendation.status_and_evidence"
IMPACT = "recommendation.impact"

CRITERIA = {
    "specific": "Specific",
    "measurable": "Measurable",
    "achievable": "Achievable",
    "relevant": "Relevant",
    "timed": "Timed",
}
OPEN_AND_CLOSED = {
    "in_progress": "In progress",
    "overdue": "Overdue",
    "not_started": "Not started",
    "superseded": "Superseded",
    "not_accepted": "Not accepted",
}
COMPLETE = {"complete": "Complete"}
COMPLETE_BY_EVIDENCE = {
    "complete_with_change": "Complete, evidence of change",
    "complete_without_change": "Complete, no evidence of change",
}
IMPACTS = {
    "no_evidence": "No evidence of change",
    "activity_only": "Activity only",
    "practice_change": "Practice changed",
    "outcome_for_children": "Children's outcomes changed",
}
CHANGED = frozenset({"practice_change", "outcome_for_children"})
NOTHING_REPORTED = "Nothing reported yet"


def recommendation_variable(name: str, framework: FrameworkFile) -> VariableSpec | None:
    """A fact about recommendations as a variable; None for any other name."""
    if name not in ALLOWED:
        return None
    label, allowed = ALLOWED[name]
    values = allowed(framework.recommendations)
    return VariableSpec(
        id=name, name=label, definition=label, level="review", type="category", values=values
    )


def _values_of_options(options: Sequence[ChoiceOption]) -> tuple[AllowedValue, ...]:
    return tuple(AllowedValue(value=option.value, label=option.label) for option in options)


def _values_of_labels(labels: dict[str, str]) -> tuple[AllowedValue, ...]:
    return tuple(AllowedValue(value=value, label=label) for value, label in labels.items())


ALLOWED: dict[str, tuple[str, Callable[[RecommendationOptions], tuple[AllowedValue, ...]]]] = {
    CATEGORY: ("Category", lambda lists: _values_of_options(lists.categories)),
    AUDIENCE: ("For whom", lambda lists: _values_of_options(lists.audiences)),
    SMART: ("Criteria met", lambda _: _values_of_labels(CRITERIA)),
    STATUS: ("Status", lambda _: _values_of_labels(COMPLETE | OPEN_AND_CLOSED)),
    EVIDENCE: ("Status", lambda _: _values_of_labels(COMPLETE_BY_EVIDENCE | OPEN_AND_CLOSED)),
    IMPACT: ("Impact", lambda _: _values_of_labels(IMPACTS)),
}
"""Variable -> its label, and its values by a framework's lists."""


def recommendation_value(row: RecommendationRow, variable: str) -> str | None:
    """The value of a variable for one recommendation; None where nothing was reported.

    Several criteria are one value, separated by spaces: "specific timed". Raises KeyError for
    another variable.
    """
    value = VALUES[variable](row)
    return value if value or variable == SMART else None


def _criteria_met(row: RecommendationRow) -> str:
    return " ".join([criterion for criterion in CRITERIA if criterion in row.smart])


def _status_or_overdue(row: RecommendationRow) -> str:
    """The status, or overdue in its place; "" where nothing was reported."""
    return "overdue" if row.overdue else row.status


def _status_and_evidence(row: RecommendationRow) -> str:
    if row.status != "complete":
        return _status_or_overdue(row)
    return f"complete_{'with' if row.impact in CHANGED else 'without'}_change"


VALUES: dict[str, Callable[[RecommendationRow], str]] = {
    CATEGORY: lambda row: row.category,
    AUDIENCE: lambda row: row.audience,
    SMART: _criteria_met,
    STATUS: _status_or_overdue,
    EVIDENCE: _status_and_evidence,
    IMPACT: lambda row: row.impact,
}


def recommendation_heading(row: RecommendationRow, framework: FrameworkFile) -> str:
    """The heading of a recommendation's evidence: number, category, for whom, status, impact."""
    parts = [] if row.status else [NOTHING_REPORTED]
    for name in (CATEGORY, AUDIENCE, STATUS, IMPACT):
        variable, value = recommendation_variable(name, framework), recommendation_value(row, name)
        if variable is not None and value is not None:
            labels = {option.value: option.label for option in variable.allowed}
            parts.append(f"{variable.name}: {labels.get(value, value)}")
    return f"Recommendation {row.number}. {'; '.join(parts)}"
