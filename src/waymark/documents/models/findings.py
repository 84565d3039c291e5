"""What holds back a report: hidden text, and words that may identify a person."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.documents.anonymity.identifiers import KINDS
from waymark.documents.models.reviews import Report
from waymark.documents.reading.values import HIDDEN_CLASSES


class AnsweredFinding(models.Model):
    """A finding in a report that a person answers. answer: the reason.

    answered_by: null until then, and for an answer by the operator on the command line.
    """

    answer = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        abstract = True


class HiddenTextVerdict(models.TextChoices):
    HARMLESS = "harmless", "It is harmless"
    REPLACE = "replace", "The file must be replaced"


class HiddenText(AnsweredFinding):
    """Words in a file that its pages do not show; they are not in the text.

    The report can be published only when a person has found each harmless. verdict: "" until then.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="hidden_texts")
    kind = models.CharField(max_length=10, choices=HIDDEN_CLASSES)
    page = models.PositiveIntegerField()
    words = models.TextField()
    cause = models.CharField(max_length=200, help_text="how the words are hidden")
    box = models.JSONField(null=True, help_text="x0, y0, x1, y1 in points from the top left")
    verdict = models.CharField(max_length=10, choices=HiddenTextVerdict.choices, blank=True)

    class Meta:
        ordering: ClassVar = ["page", "pk"]
        indexes: ClassVar = [models.Index(fields=["verdict"], name="hidden_text_verdict")]

    def __str__(self) -> str:
        return f"{self.kind} text on page {self.page} of {self.report_id}"


class AnonymityVerdict(models.TextChoices):
    KEPT = "kept", "They may be published"
    MASKED = "masked", "They must be masked in a new file"
    FALSE = "false", "They identify nobody"


class PossibleIdentifier(AnsweredFinding):
    """Words of a report that may identify a person, with all their mentions.

    The report can be published only when a person has answered "kept" or "false" to each. folded:
    the words as they are compared. source: the part of the file that contains them; "" for the
    text. places: [start, end] in the text, the first of count. surroundings: marks of the words
    around the mentions, each once; null if an earlier version stored it and its words are not in
    the text. verdict: "" until it is answered.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="possible_identifiers")
    kind = models.CharField(max_length=20, choices=KINDS)
    words = models.CharField(max_length=200)
    folded = models.CharField(max_length=200)
    source = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200)
    count = models.PositiveIntegerField()
    places = models.JSONField(default=list)
    surroundings = models.JSONField(null=True)
    verdict = models.CharField(max_length=10, choices=AnonymityVerdict.choices, blank=True)

    class Meta:
        # As earlier versions named it.
        db_table = "documents_anonymityalert"
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["verdict"], name="anonymity_verdict"),
            models.Index(fields=["folded"], name="anonymity_folded"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report", "kind", "folded"], name="one_alert_of_the_same_words"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.report_id}"

    def has_surroundings_of(self, other: "PossibleIdentifier") -> bool:
        """True if wherever the other mentions stand, the same words are around one of these.

        An answer then is about the same person too: two people share a name, hardly a sentence.
        """
        if self.surroundings is None or other.surroundings is None:
            return False
        return bool(other.surroundings) and set(other.surroundings) <= set(self.surroundings)


class WordRule(models.TextChoices):
    NEVER = "never", "Never an identifier"
    ALWAYS = "always", "Always an identifier"


class ListedWords(models.Model):
    """Words that are never, or always, an identifier in the reports of this installation.

    folded: the words as they are compared. reason: of words that are never one; "" if an earlier
    version listed them. added_by: null for the operator on the command line.
    """

    words = models.CharField(max_length=200)
    folded = models.CharField(max_length=200, unique=True)
    rule = models.CharField(max_length=10, choices=WordRule.choices)
    reason = models.CharField(max_length=500, blank=True, default="")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["folded"]

    def __str__(self) -> str:
        return f"{self.words}: {self.rule}"

    def audit_subject(self) -> str:
        return "words of the anonymity check"
