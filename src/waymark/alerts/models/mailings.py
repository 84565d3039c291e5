"""Who is due which item, the emails that carry them, and what came back."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.alerts.models.issues import AlertIssue, IssueItem
from waymark.alerts.models.subscribers import Subscriber


class DispatchKind(models.TextChoices):
    """What a dispatch sends."""

    ISSUE = "issue", "Issue"
    CORRECTION = "correction", "Correction"
    WITHDRAWAL = "withdrawal", "Withdrawal"


class Dispatch(models.Model):
    """Something sent to many at once: an issue, or what became of one of its items.

    item, moment: of a correction or withdrawal, the item and when it was corrected or withdrawn;
    for an issue, null and its approval. Who is due is decided in steps, by rising number of the
    subscribers: decided_to is the last one, decided_at when all were; nothing is sent before.
    mark: short hash of what is sent. epoch: of the installation when this began; a later one of the
    installation means that its database is an older copy. resume_at: not before then, because the
    mail server did not answer (problem), as often as failures says.
    """

    issue = models.ForeignKey(AlertIssue, models.PROTECT, related_name="dispatches")
    kind = models.CharField(max_length=10, choices=DispatchKind.choices)
    item = models.ForeignKey(IssueItem, models.PROTECT, null=True, related_name="+")
    moment = models.DateTimeField()
    decided_to = models.PositiveBigIntegerField(default=0)
    decided_at = models.DateTimeField(null=True)
    mark = models.CharField(max_length=32)
    epoch = models.PositiveIntegerField()
    resume_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issue"], condition=Q(kind="issue"), name="one_dispatch_of_an_issue"
            ),
            models.UniqueConstraint(
                fields=["item", "kind", "moment"], name="one_dispatch_of_a_correction"
            ),
            models.CheckConstraint(
                condition=Q(kind="issue", item=None) | (~Q(kind="issue") & Q(item__isnull=False)),
                name="a_correction_is_of_an_item",
            ),
        ]

    def __str__(self) -> str:
        name = f"{self.issue.alert_list}-{self.issue.number}"
        if self.item_id is None:
            return name
        return f"{name}-{self.kind}-{self.item_id}-{self.moment:%Y%m%d%H%M%S%f}"

    def audit_subject(self) -> str:
        return f"{self.kind} {self}"


class MailingState(models.TextChoices):
    """State of one email to one person. UNKNOWN: nobody knows whether the mail server took it.

    FAILED: given up after many attempts. REFUSED: the mail server refused it for good. DROPPED: not
    sent, because the person left, or nothing was left to send.
    """

    WAITING = "waiting", "Waiting"
    CLAIMED = "claimed", "Being sent"
    SENT = "sent", "Sent"
    UNKNOWN = "unknown", "Not known"
    FAILED = "failed", "Failed"
    REFUSED = "refused", "Refused"
    DROPPED = "dropped", "Not sent"


class Mailing(models.Model):
    """The email of a dispatch to one subscriber.

    message_id: fixed, and the same if the dispatch is decided again in a restored database. domain:
    of the address, for the limits. round: how many times a person had it sent again. claim: of the
    worker that sends it. next_at: not before then. reason: why it is in its state.
    """

    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="mailings")
    subscriber = models.ForeignKey(Subscriber, models.PROTECT, related_name="mailings")
    message_id = models.CharField(max_length=200, unique=True)
    domain = models.CharField(max_length=254, blank=True)
    state = models.CharField(
        max_length=8, choices=MailingState.choices, default=MailingState.WAITING
    )
    round = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=32, blank=True)
    claimed_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            # For the worker and the menu of staff, which ask again and again for the few that are
            # not settled.
            models.Index(fields=["state", "dispatch"], name="mailings_by_state"),
            models.Index(fields=["domain", "sent_at"], name="mailings_by_domain"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dispatch", "subscriber"], name="one_mailing_of_a_dispatch"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | ~Q(state="sent") & Q(sent_at=None),
                name="a_sent_mailing_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"mailing {self.pk}"


class DeliveryOutcome(models.TextChoices):
    """Whether an item is due to a subscriber of its list, or why not."""

    DUE = "due", "Due"
    UNCONFIRMED = "unconfirmed", "Had not confirmed the address"
    STOPPED = "stopped", "Sending to the address was stopped"
    ALREADY = "already", "Received it in an earlier issue"


class DeliveryDecision(models.Model):
    """The decision whether a subscriber of a list receives an item of it, made once.

    The list is that of the item's issue. mailing: which brings the item; null if it is not due, and
    until a person who receives followed topics and searches monthly gets theirs. Who subscribed
    later or had left has no row: their subscription says it.
    """

    # Who never confirmed is forgotten after two days, with all that was decided.
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="decisions")
    item = models.ForeignKey(IssueItem, models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=11, choices=DeliveryOutcome.choices)
    mailing = models.ForeignKey(Mailing, models.PROTECT, null=True, related_name="decisions")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item", "subscriber"], name="one_decision_of_an_item_and_subscriber"
            ),
            models.CheckConstraint(
                condition=Q(outcome="due") | Q(mailing=None), name="only_what_is_due_is_mailed"
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.item_id}, subscriber {self.subscriber_id}: {self.outcome}"


class BounceSource(models.TextChoices):
    """How a failure became known."""

    SERVER = "server", "The mail server refused it"
    EMAIL = "email", "An email came back"


class Bounce(models.Model):
    """A failure, complaint or automatic reply to a mailing.

    kind: see mail/bounce_reasons.py. sha256: of the email that came back, which counts once; "" for
    a refusal of the mail server. words: of the server, shown to staff, without the address.
    """

    mailing = models.ForeignKey(Mailing, models.PROTECT, related_name="bounces")
    source = models.CharField(max_length=6, choices=BounceSource.choices)
    sha256 = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=12)
    hard = models.BooleanField()
    words = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["mailing", "sha256"],
                condition=~Q(sha256=""),
                name="one_bounce_of_an_email",
            ),
        ]

    def __str__(self) -> str:
        return f"bounce {self.pk}"
