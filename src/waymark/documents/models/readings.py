"""Other readings of a report than its current text, and how quotations move between them."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.core.spans import Span
from waymark.documents.models.reviews import Report
from waymark.documents.models.texts import TextPage


class ReadingState(models.TextChoices):
    PENDING = "pending", "Waiting for a person"
    OLDER = "older", "Replaced by a newer reading"


class Reading(models.Model):
    """Another reading of a report than its current one, kept as it was.

    An older one, whose citation keys still lead to its words, or a newer one that nobody has
    accepted yet; the current one is in ReportText, Page and Passage. number: counted from 1, as in
    citation keys. passages: rows of start, end, page, last_page, heading and kind. replaced_at:
    null unless older.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="readings")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=ReadingState.choices)
    extractor = models.CharField(max_length=60)
    content = models.TextField()
    furniture = models.JSONField(default=list)
    running_lines = models.JSONField(default=list)
    passages = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    read_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["report", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "number"], name="one_reading_of_a_number"),
            models.UniqueConstraint(
                fields=["report"],
                condition=models.Q(state="pending"),
                name="one_pending_reading_of_a_report",
            ),
        ]

    def __str__(self) -> str:
        return f"reading {self.number} of {self.report_id}"


class RejectedReading(models.Model):
    """A newer reading that a person rejected; its text is not kept, and is not proposed again.

    extractor: the last reader that gave this text; text_hash: SHA-256 of it. rejected_by: null for
    the operator.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="rejected_readings")
    extractor = models.CharField(max_length=60)
    text_hash = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    rejected_at = models.DateTimeField()
    rejected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["report", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report", "text_hash"], name="one_rejection_of_a_reading"
            )
        ]

    def __str__(self) -> str:
        return f"rejected reading of {self.report_id} by {self.extractor}"


class ReadingPage(TextPage):
    """A page of a reading that is not the current one: see Page."""

    reading = models.ForeignKey(Reading, models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    width = models.FloatField()
    height = models.FloatField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reading", "number"], name="one_reading_page"),
        ]

    def __str__(self) -> str:
        return f"page {self.number} of reading {self.reading_id}"


class MoveOutcome(models.TextChoices):
    MOVED = "moved", "The same words"
    UNSURE = "unsure", "Perhaps the same words"
    LOST = "lost", "Not found"


class MoveDecision(models.TextChoices):
    MOVE = "move", "Moved to the newer reading"
    KEEP = "keep", "Stays in the older reading"


class AnchorMove(models.Model):
    """Place of quoted words in a newer reading of their report, as proposed and as decided.

    key: citation key in an older reading; exact: its words. reading: number of the newer one;
    start, end, words: the place in it, null and "" if none. decision: "" until the newer reading is
    accepted, and for lost words until a person decides. decided_by: null for the operator.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="moves")
    reading = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=40)
    exact = models.TextField()
    outcome = models.CharField(max_length=10, choices=MoveOutcome.choices)
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    words = models.TextField(blank=True)
    decision = models.CharField(max_length=10, choices=MoveDecision.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["report", "reading", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "reading", "key"], name="one_move_of_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.outcome}"

    @property
    def span(self) -> Span | None:
        """The place in the newer reading; None if there is none."""
        return None if self.start is None or self.end is None else Span(self.start, self.end)
