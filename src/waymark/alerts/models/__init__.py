"""Tables of the alerts."""

from waymark.alerts.models.gathering import Candidate, FeedSource
from waymark.alerts.models.issues import (
    CHOSEN_BY_PEOPLE,
    AlertIssue,
    AlertList,
    IssueItem,
    ListSchedule,
)
from waymark.alerts.models.subscribers import (
    FollowedFrequency,
    SignUp,
    SignUpAttempt,
    SignUpSource,
    Subscriber,
    Subscription,
    SuppressedAddress,
)

__all__ = [
    "CHOSEN_BY_PEOPLE",
    "AlertIssue",
    "AlertList",
    "Candidate",
    "FeedSource",
    "FollowedFrequency",
    "IssueItem",
    "ListSchedule",
    "SignUp",
    "SignUpAttempt",
    "SignUpSource",
    "Subscriber",
    "Subscription",
    "SuppressedAddress",
]
