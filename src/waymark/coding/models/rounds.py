"""Rounds of coding, work that was sent back, and an adjudicator's decisions before settling."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.documents.models import Review
from waymark.frameworks.models import Framework

REASONS = (
    "The words are explicit",
    "The definition excludes it",
    "The passage was overlooked",
    "The passage is about another person or time",
    "The framework is unclear",
)
"""Reasons that a new round offers to its adjudicator."""


class SuggestionRule(models.TextChoices):
    """When coders of a round see what software proposes."""

    HIDDEN = "hidden", "Never"
    AFTER_ANSWER = "after", "After the coder's own first answer"


class CodingRound(models.Model):
    """Reviews that some coders code with one framework version, drawn by chance.

    share: per cent of the reviews that two people code. seed: of the draw, so that anyone can
    repeat it. variables: ids of those to judge; empty means all. reasons: offered to the
    adjudicator.
    """

    name = models.CharField(max_length=120, unique=True)
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="+")
    coders = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    share = models.PositiveSmallIntegerField()
    seed = models.PositiveIntegerField()
    suggestions = models.CharField(
        max_length=10, choices=SuggestionRule.choices, default=SuggestionRule.HIDDEN
    )
    names_hidden = models.BooleanField(default=True)
    variables = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    def audit_subject(self) -> str:
        """Subject of its entries in the audit log."""
        return f"round {self.name}"


class ReturnedCoding(models.Model):
    """A finished review that was sent back to its coder. note: what the coder is asked to do."""

    assignment = models.ForeignKey("coding.Assignment", models.PROTECT, related_name="returns")
    note = models.TextField()
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    returned_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-returned_at", "-pk"]

    def __str__(self) -> str:
        return self.note


class DisagreementKind(models.TextChoices):
    CODE = "code", "Code"
    VARIABLE = "variable", "Variable"


class DisagreementDecision(models.Model):
    """An adjudicator's decision on one difference; it takes effect when the review is settled.

    name: of the code or variable. number: of the child or adult, 0 for a fact about the review.
    between: coder's primary key -> value at the time: a decision between other values is void.
    replaces: the earlier decision, which counts again if this one is undone.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="+")
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=DisagreementKind.choices)
    name = models.CharField(max_length=80)
    number = models.PositiveSmallIntegerField(default=0)
    between = models.JSONField(default=dict)
    value = models.CharField(max_length=500)
    reason = models.TextField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["review", "decided_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "framework", "kind", "name", "number"],
                condition=Q(superseded_at=None),
                name="one_current_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.review_id}: {self.value}"
