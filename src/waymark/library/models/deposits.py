"""Reports sent in by boards."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.documents.models import Review


class DepositState(models.TextChoices):
    TO_CONFIRM = "to_confirm", "Not confirmed"
    RECEIVED = "received", "Received"
    IN_CHECK = "in_check", "In check"
    RETURNED = "returned", "Returned"
    PUBLISHED = "published", "Published"


class Deposit(models.Model):
    """A report that a board sent for the repository, and the decision about it. Staff only.

    reference: given to the board for correspondence. batch: of the intake with its files. rights:
    the board's statement of its right to publish (copyright stays with the board). anonymous:
    publish without naming the board. available_years: retention period of the file. confirmed_at:
    when its sender confirmed it by the link in an email, null if nobody did.
    """

    reference = models.CharField(max_length=20, unique=True)
    board = models.CharField(max_length=200)
    contact_name = models.CharField(max_length=200)
    contact_email = models.EmailField()
    title = models.CharField(max_length=300)
    note = models.TextField(blank=True)
    rights = models.CharField(max_length=300)
    anonymous = models.BooleanField(default=False)
    embargo_until = models.DateField(null=True, blank=True)
    available_years = models.PositiveSmallIntegerField(default=5)
    batch = models.CharField(max_length=32, db_index=True)
    state = models.CharField(
        max_length=10, choices=DepositState.choices, default=DepositState.RECEIVED
    )
    review = models.ForeignKey(Review, models.SET_NULL, null=True, related_name="deposits")
    returned_because = models.TextField(blank=True)
    received_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-received_at", "-pk"]

    def __str__(self) -> str:
        return self.reference

    def audit_subject(self) -> str:
        """Its reference: the audit log names no board, which may wish to be anonymous."""
        return f"deposit {self.reference}"


class DepositMade(models.Model):
    """Log entry of one deposit, for rate limiting and to notice it sent twice.

    Kept for a day, and as long as the deposit is not confirmed.

    origin, mailbox, content: keyed hashes of the network address, of the email address, and of all
    that was sent. reference: of the deposit.
    """

    origin = models.CharField(max_length=64)
    mailbox = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    content = models.CharField(max_length=64, blank=True)
    reference = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return f"deposit at {self.at:%Y-%m-%d %H:%M}"
