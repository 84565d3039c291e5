"""People who receive alerts, and what they subscribed to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from waymark.alerts.models.issues import AlertList


class Subscriber(models.Model):
    """An email address that receives alerts. It needs no account.

    address: as typed; address_key: in the one spelling that makes it unique. token: unguessable,
    for the links in emails. confirmed_at: since when its owner has agreed; nothing but the letter
    to confirm is sent before. stopped_at: since when nothing is sent: unsubscribed from all or
    stopped after a bounce (stopped_because).
    """

    address = models.EmailField()
    address_key = models.CharField(max_length=254, unique=True)
    token = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"subscriber {self.pk}"

    def audit_subject(self) -> str:
        return f"subscriber {self.pk}"


class Subscription(models.Model):
    """A list that a subscriber receives, or one topic or search that they follow in it.

    followed: as in IssueItem. search: parameters of the search page, of a followed search alone.
    ended_at: null while it lasts; a row is never reopened, so that what was due when can be told.
    """

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions")
    alert_list = models.CharField(max_length=10, choices=AlertList.choices)
    followed = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=200, blank=True)
    search = models.CharField(max_length=2000, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["subscriber", "alert_list", "followed"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subscriber", "alert_list", "followed"],
                condition=Q(ended_at=None),
                name="one_current_subscription_to_a_list",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert_list} {self.followed}".strip()
