"""Tables of the applications for restricted data, their approvals, and what was exported."""

from datetime import date, datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from waymark.core.uk_time import uk_date

PERSON = settings.AUTH_USER_MODEL
RECORDS = "records"
"""Dataset of what is agreed now, row by row. Other datasets are names of overviews."""


class AccessState(models.TextChoices):
    WAITING = "waiting", "Waiting for a decision"
    GRANTED = "granted", "Approved"
    REFUSED = "refused", "Refused"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"


class DataApplication(models.Model):
    """An application for restricted data by a person outside.

    token: of the private link. dataset: RECORDS or the name of an overview. ethics: which body
    approved the research, with its number. months: the period asked for. terms: version accepted.
    profile, expires_on: as two people approved. reason: of a refusal or revocation. ended_at: of
    refusal, expiry or revocation. confirmed_at: when the address was confirmed with the link of the
    email; nobody decides before. extension: why more time is asked for, "" if it is not.
    destroyed_at: when the applicant confirmed that they destroyed the data. erased_at: when the
    rule erased who asked and why.
    """

    reference = models.CharField(max_length=20, unique=True)
    token = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200, blank=True)
    organisation = models.CharField(max_length=200, blank=True)
    address = models.EmailField(blank=True)
    purpose = models.TextField(blank=True)
    ethics = models.CharField(max_length=500, blank=True)
    dataset = models.SlugField(max_length=100)
    months = models.PositiveSmallIntegerField()
    terms = models.CharField(max_length=20)
    state = models.CharField(
        max_length=10, choices=AccessState.choices, default=AccessState.WAITING
    )
    profile = models.CharField(max_length=10, blank=True)
    expires_on = models.DateField(null=True)
    reason = models.CharField(max_length=1_000, blank=True)
    extension = models.CharField(max_length=1_000, blank=True)
    extension_months = models.PositiveSmallIntegerField(null=True)
    received_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-received_at", "reference"]
        indexes: ClassVar = [
            models.Index(fields=["state", "expires_on"], name="data_application_by_state"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="granted") | (Q(expires_on__isnull=False) & ~Q(profile="")),
                name="what_is_granted_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def audit_subject(self) -> str:
        return f"data application {self.reference}"

    def is_open(self, now: datetime) -> bool:
        """True if data may be taken: the last day is included."""
        return self.state == AccessState.GRANTED and not self.is_over(uk_date(now))

    def is_over(self, today: date) -> bool:
        """True if its last day has passed."""
        return self.expires_on is not None and self.expires_on < today


class AccessApproval(models.Model):
    """Approval that one person proposes and another confirms. until: the last day."""

    application = models.ForeignKey(DataApplication, models.PROTECT, related_name="approvals")
    profile = models.CharField(max_length=10)
    until = models.DateField()
    proposed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["proposed_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(confirmed_at=None, dropped_at=None),
                name="one_approval_waits_for_another_person",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="an_approval_is_by_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} until {self.until}"


class RestrictedExport(models.Model):
    """Data that was taken. state: hash of the facts; sha256: of the file; rows: of all tables."""

    application = models.ForeignKey(DataApplication, models.PROTECT, related_name="exports")
    at = models.DateTimeField()
    dataset = models.SlugField(max_length=100)
    profile = models.CharField(max_length=10)
    state = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.application_id} at {self.at}"


class ApplicationEvent(models.Model):
    """An application, counted for a day. mark: keyed hash of the network or address."""

    mark = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"event {self.pk}"
