"""Answers about words in public descriptions that may identify a person."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.documents.anonymity.identifiers import KINDS


class PublicWordsVerdict(models.TextChoices):
    KEPT = "kept", "They may be published"
    FALSE = "false", "They identify nobody"


class PublicWordsAnswer(models.Model):
    """Decision that words may be public in the description of a review or resource.

    There is no row for words without a decision: they are found anew from the description, so none
    is missed and none is left over. subject: the audit subject of the record. surroundings: the
    mark of the words around: elsewhere the same words may be another person. answered_by: null for
    the operator on the command line.
    """

    subject = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=KINDS)
    folded = models.CharField(max_length=200)
    surroundings = models.CharField(max_length=12)
    verdict = models.CharField(max_length=10, choices=PublicWordsVerdict.choices)
    answer = models.CharField(max_length=500)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject", "kind", "folded", "surroundings"],
                name="one_answer_for_public_words",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.subject}"
