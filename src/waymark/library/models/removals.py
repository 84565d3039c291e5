"""Retention periods of files, and tombstones of what was removed."""

from typing import ClassVar

from django.db import models

from waymark.documents.models import Report
from waymark.library.models.catalogue import CatalogueRecord


class Retention(models.Model):
    """Retention period of the file of a report. until: the first day without the file.

    legal_hold: while it is set the file does not expire; hold_reason says why.
    """

    report = models.OneToOneField(
        Report, models.CASCADE, related_name="retention", primary_key=True
    )
    until = models.DateField(null=True, blank=True, db_index=True)
    legal_hold = models.BooleanField(default=False)
    hold_reason = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.report_id} until {self.until}"


class RemovalKind(models.TextChoices):
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


class Removal(models.Model):
    """The tombstone of a review, report or resource that was public.

    report: the report that was removed, null where the whole record was. reason: for the public,
    without anything that identifies a person. title: neutral. successor: the record to see instead.
    undone_at: when the item was restored; the row stays.
    """

    record = models.ForeignKey(CatalogueRecord, models.CASCADE, related_name="removals")
    report = models.ForeignKey(Report, models.CASCADE, null=True, related_name="removals")
    kind = models.CharField(max_length=10, choices=RemovalKind.choices)
    at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    title = models.CharField(max_length=300)
    successor = models.ForeignKey(
        CatalogueRecord, models.SET_NULL, null=True, related_name="successor_of"
    )
    # A removal is never deleted: people who saw the tombstone can still learn the reason.
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind}"
