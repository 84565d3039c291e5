"""Tables of the alerts."""

from waymark.alerts.models.gathering import Candidate, FeedSource
from waymark.alerts.models.issues import (
    CHOSEN_BY_PEOPLE,
    AlertIssue,
    AlertList,
    IssueItem,
    ListSchedule,
)
from waymark.alerts.models.subscribers import Subscriber, Subscription

__all__ = [
    "CHOSEN_BY_PEOPLE",
    "AlertIssue",
    "AlertList",
    "Candidate",
    "FeedSource",
    "IssueItem",
    "ListSchedule",
    "Subscriber",
    "Subscription",
]
