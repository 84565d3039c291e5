"""Service notices: what visitors need to know about the site for a time."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class ServiceNotice(models.Model):
    """A notice that each page shows from its first to its last day.

    last_day: null for no end yet. ended_at: when staff ended it early.
    """

    text = models.CharField(max_length=300)
    first_day = models.DateField()
    last_day = models.DateField(null=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-first_day", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=F("first_day")),
                name="a_notice_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"

    def audit_subject(self) -> str:
        return f"notice {self.pk}"
