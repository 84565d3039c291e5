"""When the family in a review was told that it would be published."""

from typing import ClassVar

from django.db import models

from waymark.documents.models import Review


class NotificationMethod(models.TextChoices):
    """How a family was told."""

    MEETING = "meeting", "At a meeting"
    TELEPHONE = "telephone", "By telephone"
    LETTER = "letter", "By letter"
    EMAIL = "email", "By email"
    OTHER = "other", "In another way"


class FamilyNotification(models.Model):
    """A time when a family, or one person in it, was told of the publication of a review.

    For staff only, never public. given_by: who told them, by role and not by name. withdrawn_at:
    when it was removed as entered wrongly; the row stays.
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="family_notifications")
    on = models.DateField()
    given_by = models.CharField(max_length=200)
    method = models.CharField(max_length=10, choices=NotificationMethod.choices)
    note = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["review", "on", "pk"]

    def __str__(self) -> str:
        return f"{self.review_id} {self.on}"
