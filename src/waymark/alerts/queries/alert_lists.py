"""The lists as the public sees them."""

from dataclasses import dataclass

from waymark.alerts.models import AlertIssue, AlertList
from waymark.alerts.queries.issues import ARCHIVED

CHOSEN_LISTS = (AlertList.WEEKLY, AlertList.LIBRARY, AlertList.REVIEWS)
"""Lists that are the same for all who receive them."""
EXPLANATIONS = {
    AlertList.WEEKLY: (
        "Every week",
        "Safeguarding and child protection news: policy, practice and research, with sources.",
    ),
    AlertList.LIBRARY: ("Every week", "Everything that was added to the library."),
    AlertList.REVIEWS: (
        "Every month",
        "Case reviews that were published, and what is new about those in the library.",
    ),
    AlertList.TOPICS: (
        "Every week or every month",
        "New reviews and resources on a topic. Open a topic and choose “by email”.",
    ),
    AlertList.SEARCHES: (
        "Every week or every month",
        "New results of a search. Search the library and choose “by email” below the results.",
    ),
}
"""List -> how often, and what is in it."""


@dataclass(frozen=True, slots=True)
class ListSummary:
    """A list. last: its last approved issue; None for none, and for a list without an archive."""

    key: str
    name: str
    how_often: str
    about: str
    last: AlertIssue | None


def list_summaries() -> list[ListSummary]:
    """All lists."""
    issues = AlertIssue.objects.exclude(approved_at=None).filter(alert_list__in=ARCHIVED)
    # The last of each list comes last, so it stays.
    last = {issue.alert_list: issue for issue in issues.order_by("number")}
    return [
        ListSummary(row.value, str(row.label), *EXPLANATIONS[row], last.get(row.value))
        for row in AlertList
    ]
