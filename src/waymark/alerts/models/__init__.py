"""Tables of the alerts."""

from waymark.alerts.models.issues import AlertIssue, AlertList, IssueItem
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
    "AlertIssue",
    "AlertList",
    "FollowedFrequency",
    "IssueItem",
    "SignUp",
    "SignUpAttempt",
    "SignUpSource",
    "Subscriber",
    "Subscription",
    "SuppressedAddress",
]
