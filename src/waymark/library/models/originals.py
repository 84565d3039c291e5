"""Decisions to offer the original file of a report for download."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.documents.models import Report


class OriginalTerms(models.TextChoices):
    """Why an original may be offered."""

    LICENCE = "licence", "Its licence allows it"
    PERMISSION = "permission", "The rights holder has agreed"


class OriginalDecision(models.Model):
    """A decision about the original file of a report. The latest one counts; none means no.

    offered: anyone who can read the report may download the file. terms: why, "" for a no. reason:
    what the person checked, such as who agreed and when; staff only. superseded_at: when another
    decision replaced it; the row stays.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="original_decisions")
    offered = models.BooleanField()
    terms = models.CharField(max_length=12, choices=OriginalTerms.choices, blank=True)
    reason = models.CharField(max_length=500)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["report", "-decided_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(superseded_at=None),
                name="one_current_decision_about_an_original",
            ),
            models.CheckConstraint(
                condition=Q(offered=True) & ~Q(terms="") | Q(offered=False, terms=""),
                name="an_offered_original_has_its_terms",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {'offered' if self.offered else 'not offered'}"
