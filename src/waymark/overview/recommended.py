"""What is known of a recommendation, as variables that tables can count by. Pure.

The lists of categories and audiences are the framework's; how work on a recommendation stands and
what came of it have the same few values everywhere. Complete is not impact: that a board calls a
recommendation complete says that something was done, not that anything changed.
"""

from collections.abc import Callable, Sequence

from waymark.core.evidence import RecommendationRow
from waymark.frameworks.schema import FrameworkFile, Option, Recommendations, Value, VariableSpec

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
NOTHING_TOLD = "Nothing told yet"


def recommendation_variable(name: str, framework: FrameworkFile) -> VariableSpec | None:
    """A fact of recommendations as a variable; None for a name that is none of them."""
    if name not in ALLOWED:
        return None
    label, allowed = ALLOWED[name]
    values = allowed(framework.recommendations)
    return VariableSpec(
        id=name, name=label, definition=label, level="review", type="category", values=values
    )


def _options(options: Sequence[Option]) -> tuple[Value, ...]:
    return tuple(Value(value=one.value, label=one.label) for one in options)


def _values(labels: dict[str, str]) -> tuple[Value, ...]:
    return tuple(Value(value=value, label=label) for value, label in labels.items())


ALLOWED: dict[str, tuple[str, Callable[[Recommendations], tuple[Value, ...]]]] = {
    CATEGORY: ("Category", lambda lists: _options(lists.categories)),
    AUDIENCE: ("For whom", lambda lists: _options(lists.audiences)),
    SMART: ("Criteria met", lambda _: _values(CRITERIA)),
    STATUS: ("Status", lambda _: _values(COMPLETE | OPEN_AND_CLOSED)),
    EVIDENCE: ("Status", lambda _: _values(COMPLETE_BY_EVIDENCE | OPEN_AND_CLOSED)),
    IMPACT: ("Impact", lambda _: _values(IMPACTS)),
}
"""What a fact is called, and its values by a framework's lists."""


def value_of(row: RecommendationRow, variable: str) -> str | None:
    """One fact of a recommendation; None where nothing was told. Raises KeyError.

    Several criteria are one value, with spaces between them.
    """
    value = VALUES[variable](row)
    return value if value or variable == SMART else None


def _criteria(row: RecommendationRow) -> str:
    return " ".join([one for one in CRITERIA if one in row.smart])


def status_of(row: RecommendationRow) -> str:
    """The status with overdue in its place; "" where nothing was told."""
    return "overdue" if row.overdue else row.status


def _with_evidence(row: RecommendationRow) -> str:
    if row.status != "complete":
        return status_of(row)
    return f"complete_{'with' if row.impact in CHANGED else 'without'}_change"


VALUES: dict[str, Callable[[RecommendationRow], str]] = {
    CATEGORY: lambda row: row.category,
    AUDIENCE: lambda row: row.audience,
    SMART: _criteria,
    STATUS: status_of,
    EVIDENCE: _with_evidence,
    IMPACT: lambda row: row.impact,
}


def in_words(row: RecommendationRow, framework: FrameworkFile) -> str:
    """A recommendation as its evidence is headed: number, category, for whom, status, impact."""
    said = [] if row.status else [NOTHING_TOLD]
    for name in (CATEGORY, AUDIENCE, STATUS, IMPACT):
        variable, value = recommendation_variable(name, framework), value_of(row, name)
        if variable is not None and value is not None:
            labels = {one.value: one.label for one in variable.allowed}
            said.append(f"{variable.name}: {labels.get(value, value)}")
    return f"Recommendation {row.number}. {'; '.join(said)}"
