"""The ledger of a recommendation: whom it was served on, and what each of them did."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.bodies.models import Body
from waymark.documents.models import Review


class Source(models.TextChoices):
    """Who says so. BODY: the addressee itself, which nobody has verified yet."""

    STAFF = "staff", "Recorded by staff"
    BODY = "body", "Reported by the body itself"
    RULE = "rule", "By rule"


class Standing(models.TextChoices):
    """Where an addressee stands, derived from its ledger."""

    NOT_TOLD = "not_told", "Not notified yet"
    WAITING = "waiting", "Notified, no answer yet"
    ACCEPTED = "accepted", "Accepted, not started"
    IN_PART = "in_part", "Accepted in part, not started"
    IN_PRINCIPLE = "in_principle", "Accepted in principle, not started"
    REJECTED = "rejected", "Not accepted"
    IN_PROGRESS = "in_progress", "In progress"
    REPORTED = "reported", "Complete, as reported"
    VERIFIED = "verified", "Complete, verified"
    SUPERSEDED = "superseded", "Superseded"


class Answer(models.TextChoices):
    ACCEPTED = "accepted", "Accepted"
    IN_PART = "in_part", "Accepted in part"
    IN_PRINCIPLE = "in_principle", "Accepted in principle"
    REJECTED = "rejected", "Not accepted"


class Addressee(models.Model):
    """A body that a recommendation of a review asks to act. By number, as progress is.

    body: null while its record is not known; words: the addressee as the report or letter names it.
    scheme: the rule of its response, a key of response-schemes.yaml.

    The other fields are derived from the ledger whenever it changes (services/ledger.py): told_on,
    answer_due; standing; overdue_from: first day on which something is late, null if nothing can
    be; level: how far it was escalated, 0 for not at all; steps: letters of the chasing ladder.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="addressees")
    number = models.PositiveSmallIntegerField()
    body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="addressed")
    words = models.CharField(max_length=200)
    scheme = models.SlugField(max_length=40, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    told_on = models.DateField(null=True)
    answer_due = models.DateField(null=True)
    standing = models.CharField(max_length=12, choices=Standing.choices, default=Standing.NOT_TOLD)
    overdue_from = models.DateField(null=True)
    level = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["review", "number", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "number", "words"], name="one_addressee_of_these_words"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["overdue_from"], name="addressee_overdue"),
            models.Index(fields=["body", "standing"], name="addressee_of_body"),
            models.Index(
                fields=["review", "number", "standing", "overdue_from", "body"],
                name="addressee_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.words}: {self.review_id} recommendation {self.number}"

    def audit_subject(self) -> str:
        return f"addressee {self.pk} of {self.review.reference} recommendation {self.number}"


class EntryKind(models.TextChoices):
    NOTIFIED = "notified", "Notified"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    ANSWERED = "answered", "Answered"
    REMINDED = "reminded", "Reminded"
    LISTED = "listed", "Published as late"
    ESCALATED = "escalated", "Escalated"
    REOPENED = "reopened", "Reopened"
    NOTE = "note", "Note"


class LedgerEntry(models.Model):
    """What happened between a recommendation and an addressee. Never edited, only taken back.

    on: the day it happened; how: by letter, email, meeting. answer: of ANSWERED. step, cycle: of
    REMINDED and LISTED, the step of the ladder and the day from which the addressee was late.
    level: of ESCALATED. recorded_by: null for the rule and for a body. taken_back_at, reason: when
    and why an entry proved wrong.
    """

    addressee = models.ForeignKey(Addressee, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    on = models.DateField()
    how = models.CharField(max_length=100, blank=True)
    answer = models.CharField(max_length=12, choices=Answer.choices, blank=True)
    text = models.TextField(blank=True)
    step = models.PositiveSmallIntegerField(null=True)
    cycle = models.DateField(null=True)
    level = models.PositiveSmallIntegerField(null=True)
    source = models.CharField(max_length=5, choices=Source.choices, default=Source.STAFF)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    taken_back_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["on", "pk"]
        verbose_name_plural = "ledger entries"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["addressee", "cycle", "step"],
                condition=Q(cycle__isnull=False, taken_back_at=None),
                name="one_step_of_a_cycle",
            ),
            models.CheckConstraint(
                condition=Q(kind="answered") ^ Q(answer=""), name="answer_of_an_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.addressee_id} {self.kind} {self.on}"


class AddresseeAction(models.Model):
    """What an addressee says that it will do. done_on, evidence: once it says that it is done."""

    addressee = models.ForeignKey(Addressee, models.PROTECT, related_name="actions")
    text = models.TextField()
    owner = models.CharField(max_length=200, blank=True)
    due = models.DateField(null=True)
    done_on = models.DateField(null=True)
    evidence = models.TextField(blank=True)
    source = models.CharField(max_length=5, choices=Source.choices, default=Source.STAFF)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["due", "pk"]

    def __str__(self) -> str:
        return f"action {self.pk} of {self.addressee_id}"
