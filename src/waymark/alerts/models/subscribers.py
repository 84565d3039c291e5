"""People who receive alerts, what they subscribed to, and how they agreed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.alerts.models.issues import AlertList


class FollowedFrequency(models.TextChoices):
    """How often followed topics and searches are sent; the other lists have their own days."""

    WEEKLY = "weekly", "Every week"
    MONTHLY = "monthly", "Every month"


class SignUpSource(models.TextChoices):
    """How a person signed up."""

    WEB = "web", "On the website"
    PHONE = "phone", "By phone"
    EMAIL = "email", "By email to us"
    PREFERENCES = "preferences", "On their preferences page"


class Subscriber(models.Model):
    """An email address that receives alerts. It needs no account.

    address: as typed; address_key: in the one spelling that makes it unique. token: unguessable,
    for the links in emails. confirmed_at: since when its owner has agreed; nothing but the letter
    to confirm is sent before. stopped_at: since when nothing is sent: unsubscribed from all or
    stopped after a bounce (stopped_because). erased_at: since when the row says nothing of a
    person: it stays for the counts of what was sent, with an empty address and no subscription.
    """

    address = models.EmailField(blank=True)
    address_key = models.CharField(max_length=254, unique=True)
    token = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_because = models.CharField(max_length=200, blank=True)
    erased_at = models.DateTimeField(null=True)
    followed_frequency = models.CharField(
        max_length=10, choices=FollowedFrequency.choices, default=FollowedFrequency.WEEKLY
    )

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


class SignUp(models.Model):
    """A request to subscribe or to move to another address; confirmed, the record of consent.

    address: to which the letter to confirm goes, of the subscriber or their new one. choices: the
    subscriptions asked for, as a list of alert_list, followed, name and search. wording: version
    of the text that the person agreed to (wordings.py). recorded_by: who signed up a caller.
    token: of the link in the letter; letter_at: when it was last written, letters: how many were.
    Of each address one request at most waits: another one before it is confirmed is added to it.
    """

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="sign_ups")
    address = models.EmailField()
    address_key = models.CharField(max_length=254, db_index=True)
    choices = models.JSONField()
    followed_frequency = models.CharField(
        max_length=10, choices=FollowedFrequency.choices, blank=True
    )
    source = models.CharField(max_length=12, choices=SignUpSource.choices)
    wording = models.CharField(max_length=20)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    token = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    letter_at = models.DateTimeField(null=True)
    letters = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subscriber", "address_key"],
                condition=Q(confirmed_at=None),
                name="one_waiting_sign_up_of_an_address",
            ),
        ]

    def __str__(self) -> str:
        return f"sign-up {self.pk}"


class SignUpAttempt(models.Model):
    """A sent sign-up form, for the limits. network, mailbox: keyed hashes; deleted after a day."""

    network = models.CharField(max_length=64, db_index=True)
    mailbox = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"sign-up form {self.pk}"


class SuppressedAddress(models.Model):
    """Keyed hash of an address whose owner had it erased. They alone can subscribe it again."""

    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"suppressed address {self.pk}"
