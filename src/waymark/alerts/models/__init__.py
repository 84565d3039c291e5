"""Tables of the alerts."""

from waymark.alerts.models.gathering import Candidate, FeedSource
from waymark.alerts.models.issues import (
    CHOSEN_BY_PEOPLE,
    AlertIssue,
    AlertList,
    IssueItem,
    ListSchedule,
)
from waymark.alerts.models.mailings import (
    Bounce,
    BounceSource,
    DeliveryDecision,
    DeliveryOutcome,
    Dispatch,
    DispatchKind,
    Mailing,
    MailingState,
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
    "Bounce",
    "BounceSource",
    "Candidate",
    "DeliveryDecision",
    "DeliveryOutcome",
    "Dispatch",
    "DispatchKind",
    "FeedSource",
    "FollowedFrequency",
    "IssueItem",
    "ListSchedule",
    "Mailing",
    "MailingState",
    "SignUp",
    "SignUpAttempt",
    "SignUpSource",
    "Subscriber",
    "Subscription",
    "SuppressedAddress",
]
