"""Tables of the alerts."""

from waymark.alerts.models.issues import AlertIssue, AlertList, IssueItem
from waymark.alerts.models.subscribers import Subscriber, Subscription

__all__ = ["AlertIssue", "AlertList", "IssueItem", "Subscriber", "Subscription"]
