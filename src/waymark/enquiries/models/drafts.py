"""Answers that are being written."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.enquiries.models.enquiries import Enquiry


class AnswerDraft(models.Model):
    """What a person has typed as an answer and not sent; nobody else reads it.

    number: grows with each change, so that an older window cannot overwrite a newer one.
    """

    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="drafts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    number = models.PositiveIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["enquiry", "person"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["enquiry", "person"], name="one_answer_draft_of_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk} on {self.enquiry}"
