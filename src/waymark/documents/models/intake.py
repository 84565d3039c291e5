"""Received files that wait to be read."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.documents.models.reviews import Report, ReportKind, Review


class IntakeState(models.TextChoices):
    HELD = "held", "Waiting for confirmation"
    WAITING = "waiting", "Waiting to be read"
    READING = "reading", "Being read"
    STORED = "stored", "Stored"
    ALREADY = "already", "Already stored"
    REFUSED = "refused", "Refused"


class Intake(models.Model):
    """A received file and its outcome: the queue of the reading worker.

    staged: name of the file in the staging folder until it is read. lease_until: the worker that
    reads it has it until then; afterwards another may take it, so that a killed worker loses
    nothing. received_from: null if the sender has no account. encoding: of a text, as the sender
    named it; "" to find it by the content. size: bytes, 0 if received before sizes were kept.

    A file is held while nobody has confirmed that its sender sent it.
    """

    batch = models.CharField(max_length=32, db_index=True)
    file_name = models.CharField(max_length=255)
    staged = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        max_length=10, choices=IntakeState.choices, default=IntakeState.WAITING
    )
    reason = models.CharField(max_length=500, blank=True)
    remedy = models.CharField(max_length=500, blank=True)
    report = models.ForeignKey(Report, models.SET_NULL, null=True, related_name="intakes")
    review = models.ForeignKey(Review, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=30, choices=ReportKind.choices, default=ReportKind.OVERVIEW)
    encoding = models.CharField(max_length=40, blank=True, default="")
    size = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    received_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.file_name}: {self.state}"

    def audit_subject(self) -> str:
        return f"intake {self.pk}"
