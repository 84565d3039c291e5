"""Records of what teams did with a briefing. The briefings themselves are manuscripts."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.publishing.models import Manuscript


class UseState(models.TextChoices):
    """State of a record of use: nobody sees it on the site before a person has read it."""

    RECEIVED = "received", "Waiting"
    SHOWN = "shown", "Shown"
    REFUSED = "refused", "Not shown"


class BriefingUse(models.Model):
    """What a team says it did with a briefing.

    team: who used it, no name of a person. edition: the one that was current then. change: what the
    team changed, in its words. decided_by: the person who read it and decided if it is shown.
    """

    manuscript = models.ForeignKey(Manuscript, models.PROTECT, related_name="uses")
    edition = models.PositiveIntegerField()
    team = models.CharField(max_length=200)
    used_on = models.DateField()
    change = models.TextField(max_length=2_000)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=UseState.choices, default=UseState.RECEIVED)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-used_on", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state=UseState.RECEIVED, decided_at=None)
                | (~Q(state=UseState.RECEIVED) & Q(decided_at__isnull=False)),
                name="a_use_is_decided_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.audit_subject()

    def audit_subject(self) -> str:
        return f"use {self.pk} of {self.manuscript.audit_subject()}"
