"""What the desk keeps for itself: emails to sort, limits, and the log of erasures."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.enquiries.models.enquiries import Enquiry
from waymark.mail.models import InboundMail


class SortReason(models.TextChoices):
    OTHER_ADDRESS = "other_address", "Replies to an enquiry from another address"
    SUBJECT = "subject", "Only its subject names the enquiry"
    MAYBE_AUTOMATIC = "automatic", "May be an automatic reply"


class SortDecision(models.TextChoices):
    ADDED = "added", "Added to the enquiry"
    NEW = "new", "New enquiry"
    DROPPED = "dropped", "Not for us"


class EmailToSort(models.Model):
    """An email that no rule may add to an enquiry: a person decides. Its sender gets no answer.

    enquiry: the one that it may belong to; null for none.
    """

    mail = models.OneToOneField(InboundMail, models.CASCADE, related_name="to_sort")
    enquiry = models.ForeignKey(Enquiry, models.SET_NULL, null=True, related_name="emails_to_sort")
    reason = models.CharField(max_length=13, choices=SortReason.choices)
    received_at = models.DateTimeField()
    decision = models.CharField(max_length=7, choices=SortDecision.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["received_at", "pk"]

    def __str__(self) -> str:
        return f"email to sort {self.pk}"

    def audit_subject(self) -> str:
        return f"email to sort {self.pk}"


class DeskEvent(models.Model):
    """Something that is limited by the day. mark: keyed hash of an address or network.

    Rows are deleted after a day.
    """

    kind = models.CharField(max_length=12)
    mark = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "mark", "at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class DeskErasure(models.Model):
    """A run of the rule that erases who asked: numbers alone, deleted after their own time."""

    at = models.DateTimeField(db_index=True)
    enquiries = models.PositiveIntegerField()
    messages = models.PositiveIntegerField()
    attachments = models.PositiveIntegerField()
    emails = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"erasure {self.pk}"
