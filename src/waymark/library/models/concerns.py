"""Concerns that visitors report about a page, and the decisions about them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class ConcernKind(models.TextChoices):
    IDENTIFYING = "identifying", "It could identify a person"
    DISTRESS = "distress", "It is distressing"
    ERROR = "error", "It is wrong or out of date"
    OTHER = "other", "Something else"


class ConcernDecision(models.TextChoices):
    RESTORED = "restored", "Shown again"
    CORRECTED = "corrected", "Corrected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    NO_CHANGE = "no_change", "No change"


class ConcernItem(models.TextChoices):
    """Kinds of items that staff can hide with one click."""

    REVIEW = "review", "Review"
    REPORT = "report", "Report"
    RESOURCE = "resource", "Resource"
    TOPIC = "topic", "Topic"


class Concern(models.Model):
    """A concern about a page. Staff only: only counts of concerns are public.

    page: its path, without a query; the whole address of a page of another site.
    item_kind, item_key: what the page is of, "" for other pages.
    origin: keyed hash of the network address, kept for a day. hidden_at: when staff hid the item
    because of this concern. erased_at: when text and email address were erased.
    """

    reference = models.CharField(max_length=20, unique=True)
    page = models.CharField(max_length=300)
    kind = models.CharField(max_length=12, choices=ConcernKind.choices)
    text = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    item_kind = models.CharField(max_length=10, choices=ConcernItem.choices, blank=True)
    item_key = models.CharField(max_length=100, blank=True)
    origin = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(db_index=True)
    hidden_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=10, choices=ConcernDecision.choices, blank=True)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    erased_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-received_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decided_at=None, decision="")
                | (Q(decided_at__isnull=False) & ~Q(decision="")),
                name="a_decided_concern_has_its_decision",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_of_this_site(self) -> bool:
        """False if the page is the whole address of another site, as the person gave it."""
        return self.page.startswith("/") and not self.page.startswith("//")

    def audit_subject(self) -> str:
        """Its reference: the audit log does not repeat what it says."""
        return f"concern {self.reference}"
