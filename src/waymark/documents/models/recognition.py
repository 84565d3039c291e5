"""Pages whose words are recognised in their image."""

from typing import ClassVar

from django.db import models

from waymark.documents.models.reviews import Report


class RecognitionState(models.TextChoices):
    WAITING = "waiting", "Waiting for text recognition"
    RUNNING = "running", "Being recognised"
    DONE = "done", "Recognised"
    FAILED = "failed", "Could not be recognised"
    OWN_WORDS = "own-words", "The file's own words are used"


QUEUED_STATES = (RecognitionState.WAITING, RecognitionState.RUNNING)


UNREAD_STATES = (*QUEUED_STATES, RecognitionState.FAILED)


class PageRecognition(models.Model):
    """A page whose words are recognised in its image: the queue, and the result.

    languages: before it is recognised, those that a person chose, such as "eng+cym", "" for the
    usual ones; then those that were used. words: reading/recognised.py packs them; they stay when a
    person prefers the file's own words. confidence: mean of the words. chosen: by a person.
    in_text: the report's text has these words. lease_until, attempts: as in Intake. reason: of a
    failure, or a note such as a language that was not installed.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="recognitions")
    number = models.PositiveIntegerField(help_text="of the page, counted from 1")
    state = models.CharField(
        max_length=10, choices=RecognitionState.choices, default=RecognitionState.WAITING
    )
    languages = models.CharField(max_length=60, blank=True)
    chosen = models.BooleanField(default=False)
    engine = models.CharField(max_length=60, blank=True)
    confidence = models.PositiveSmallIntegerField(
        null=True, help_text="mean of its words, 0 to 100"
    )
    words = models.BinaryField(null=True)
    in_text = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    recognised_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["report", "number"]
        indexes: ClassVar = [
            models.Index(fields=["state", "lease_until"], name="recognition_queue")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "number"], name="one_recognition_of_a_page")
        ]

    def __str__(self) -> str:
        return f"page {self.number} of {self.report_id}: {self.state}"
