"""Suggestions, codings and the agreed layer. Rows are superseded, never edited."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.documents.models import Review, TextAnchor
from waymark.frameworks.models import Basis, Code, Framework


class SuggestionState(models.TextChoices):
    PENDING = "pending", "Waiting for a decision"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class Suggestion(TextAnchor):
    """A program's proposal of a code. Never counted, and never a coding without a person.

    cue: the words that led to it. suggester: name and version of the program, a MachineCoder.
    score: its probability from 0 to 1; None if the program gives none. state, decided_by,
    decided_at: the first decision of anyone; each coder has a SuggestionDecision of their own.
    """

    code = models.ForeignKey(Code, models.PROTECT, related_name="suggestions")
    cue = models.CharField(max_length=200)
    suggester = models.CharField(max_length=60)
    score = models.FloatField(null=True)
    state = models.CharField(
        max_length=10, choices=SuggestionState.choices, default=SuggestionState.PENDING
    )
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["report", "start", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report", "reading", "start", "end", "code", "suggester"],
                name="one_suggestion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code_id} at {self.key}"


class SuggestionDecision(models.Model):
    """One person's decision on a suggestion; each coder decides for himself or herself.

    changed: accepted with another code or other words. superseded_at: when the person undid it.
    """

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="decisions")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    accepted = models.BooleanField()
    changed = models.BooleanField(default=False)
    decided_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["suggestion", "decided_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["suggestion", "decided_by"],
                condition=Q(superseded_at=None),
                name="one_decision_on_a_suggestion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id}: {'accepted' if self.accepted else 'rejected'}"


class Assignment(models.Model):
    """A review assigned to a coder; finished_at: when they declared it complete.

    position: 1 for the first coder of the review, 2 for the second, and so on. file_sha256: of the
    coding file that finished it, "" if none did. round: that drew it, None if no round did.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="assignments")
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="+")
    coder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    file_sha256 = models.CharField(max_length=64, blank=True, default="")
    round = models.ForeignKey(
        "coding.CodingRound", models.PROTECT, null=True, related_name="assignments"
    )

    class Meta:
        ordering: ClassVar = ["review", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "framework", "coder"], name="one_assignment_of_a_coder"
            ),
            models.UniqueConstraint(
                fields=["review", "framework", "position"], name="one_coder_of_a_position"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coder} codes {self.review_id}"


class Coding(TextAnchor):
    """One coder's judgement that a code applies to a span."""

    code = models.ForeignKey(Code, models.PROTECT, related_name="codings")
    coder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="codings")
    qualifiers = models.JSONField(default=dict)
    memo = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["report", "start", "end", "code"]
        # Superseded rows are the history: only the current one has to be unique.
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report", "reading", "start", "end", "code", "coder"],
                condition=Q(superseded_at=None),
                name="one_current_coding",
            ),
        ]
        indexes: ClassVar = [
            # A coder's own codings on the pages in view, of thousands in a long report.
            models.Index(
                fields=["coder", "report", "start"],
                condition=Q(superseded_at=None),
                name="current_codings_of_a_coder",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code_id} at {self.key} by {self.coder_id}"


class AgreedCode(models.Model):
    """Agreed presence or absence of a code in a review; the only layer an overview reads.

    codings: the ones that support it (none if absent).
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="agreed_codes")
    code = models.ForeignKey(Code, models.PROTECT, related_name="agreed")
    present = models.BooleanField()
    basis = models.CharField(max_length=12, choices=Basis.choices)
    reason = models.TextField(blank=True)
    codings = models.ManyToManyField(Coding, related_name="agreed_in")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["review", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "code"],
                condition=Q(superseded_at=None),
                name="one_current_agreed_code",
            ),
        ]
        indexes: ClassVar = [
            # To count the reviews of each code without reading the rows.
            models.Index(
                fields=["code", "review"],
                condition=Q(superseded_at=None, present=True),
                name="current_codes_by_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.code_id}: {'present' if self.present else 'absent'}"
