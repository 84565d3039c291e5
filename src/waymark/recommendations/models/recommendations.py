"""Recommendations, and the progress reported on them."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.core.uk_time import uk_date
from waymark.documents.models import Review, TextAnchor
from waymark.recommendations.models.ledger import Addressee, Source, Standing


class Recommendation(TextAnchor):
    """One recommendation, in the report's words.

    category, audience: values of the framework's recommendation lists. smart: those of specific,
    measurable, achievable, relevant, timed that apply, in the recorder's judgement. Progress on a
    number passes on to the row that supersedes the earlier one of that number. strength: of the
    action it asks for (strengths.py), "" if not judged; finding: citation key of the passage with
    the finding it answers, "" for none. standing, overdue_from: of all addressees together, derived
    from their ledgers (services/standing.py).
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="recommendations")
    number = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=60)
    audience = models.CharField(max_length=60)
    smart = models.JSONField(default=list)
    strength = models.CharField(max_length=12, blank=True, default="")
    finding = models.CharField(max_length=40, blank=True, default="")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    standing = models.CharField(max_length=12, choices=Standing.choices, default=Standing.NOT_TOLD)
    overdue_from = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["review", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "number"],
                condition=Q(superseded_at=None),
                name="one_recommendation_of_a_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} recommendation {self.number}"


class ProgressStatus(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETE = "complete", "Complete"
    SUPERSEDED = "superseded", "Superseded"
    NOT_ACCEPTED = "not_accepted", "Not accepted"


class ProgressImpact(models.TextChoices):
    NO_EVIDENCE = "no_evidence", "No evidence of change"
    ACTIVITY = "activity_only", "Activity only"
    PRACTICE = "practice_change", "Practice changed"
    OUTCOME = "outcome_for_children", "Children's outcomes changed"


class Progress(models.Model):
    """Report of progress on a recommendation; the latest one counts. Never edited.

    Overdue is not stored: it depends on due and today's date. Complete is not the same as impact.
    evidence: what the impact was judged by; evidence_on: when that was observed; judged_by: who
    judged it. addressee: whose progress it is, null for the recommendation as a whole, as whoever
    follows it reported. reported_on: the day of the report, null if it is that of told_at.
    verified: somebody other than the addressee has checked it; null if nobody said so.
    """

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="progress")
    status = models.CharField(max_length=12, choices=ProgressStatus.choices)
    impact = models.CharField(max_length=20, choices=ProgressImpact.choices)
    due = models.DateField(null=True)
    evidence = models.TextField(blank=True, default="")
    evidence_on = models.DateField(null=True, blank=True)
    told_at = models.DateTimeField()
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    addressee = models.ForeignKey(Addressee, models.PROTECT, null=True, related_name="progress")
    reported_on = models.DateField(null=True)
    source = models.CharField(max_length=5, choices=Source.choices, default=Source.STAFF)
    verified = models.BooleanField(null=True)
    judged_by = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["recommendation", "told_at", "pk"]

    def __str__(self) -> str:
        return f"{self.recommendation_id}: {self.status}"

    @property
    def day(self) -> date:
        """The day of the report."""
        return self.reported_on or uk_date(self.told_at)
