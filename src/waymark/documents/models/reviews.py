"""Reviews, their reports, and the bytes of the files."""

from typing import ClassVar

from django.db import models

from waymark.accounts.models import Visible


class Review(Visible):
    """A case review. It may have several reports, or none that could be obtained.

    reference: short and stable, used in addresses, such as "R01"; collection: name of its set.
    completed_on: when the review ended, if known. fictional: written for demonstration.
    """

    reference = models.SlugField(max_length=60, unique=True)
    collection = models.SlugField(max_length=60, blank=True, db_index=True)
    title = models.CharField(max_length=300)
    nation = models.CharField(max_length=60, blank=True)
    board = models.CharField(max_length=200, blank=True)
    review_type = models.CharField(max_length=100, blank=True)
    period = models.CharField(max_length=100, blank=True)
    completed_on = models.DateField(null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    summary = models.TextField(blank=True)
    fictional = models.BooleanField(default=False)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["reference"]
        indexes: ClassVar = [
            # For the list of staff: its filters with their counts, and its order.
            models.Index(fields=["state", "nation"], name="review_by_state_and_nation"),
            models.Index(fields=["added_at"], name="review_by_time"),
            models.Index(fields=["title"], name="review_by_title"),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.title}"

    def audit_subject(self) -> str:
        return f"review {self.reference}"

    def related_review(self) -> "Review":
        """The review itself."""
        return self


class Original(models.Model):
    """The bytes of one file, kept unchanged under their SHA-256 (see files/storage.py).

    erased_at: when staff erased them, with the text read from them; else null.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    stored_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.sha256[:12]} ({self.media_type}, {self.size:,} bytes)"


class ReportKind(models.TextChoices):
    OVERVIEW = "overview-report", "Overview report"
    SUMMARY = "executive-summary", "Executive summary"
    RESPONSE = "response", "Response"
    ACTION_PLAN = "action-plan", "Action plan"
    BRIEFING = "learning-briefing", "Learning briefing"


class Report(Visible):
    """One document about a review, as received.

    key: the first 12 hex digits of the original's SHA-256; every passage address begins with it.
    encoding: of a text, as the person who stored it named it; "" if it was found by the content.
    extractor: name and version of the parser. warnings: notes of the parser for staff.
    reading: number of its current text, counted from 1; earlier ones are in Reading. read_at: null
    for the first reading, which was made when the file was received.
    hidden_text_checked_at: null if the file was stored before Waymark looked for hidden text.
    anonymity_checked_at: null if it was stored before Waymark looked for identifiers of people.
    """

    VISIBILITY_PATHS: ClassVar = ("", "review__")

    key = models.CharField(max_length=12, unique=True)
    review = models.ForeignKey(Review, models.PROTECT, related_name="reports")
    original = models.OneToOneField(Original, models.PROTECT, related_name="report")
    kind = models.CharField(max_length=30, choices=ReportKind.choices, default=ReportKind.OVERVIEW)
    title = models.CharField(max_length=300)
    file_name = models.CharField(max_length=255)
    page_count = models.PositiveIntegerField()
    encoding = models.CharField(max_length=40, blank=True)
    extractor = models.CharField(max_length=60)
    reading = models.PositiveSmallIntegerField(default=1)
    read_at = models.DateTimeField(null=True)
    warnings = models.JSONField(default=list)
    received_at = models.DateTimeField()
    hidden_text_checked_at = models.DateTimeField(null=True)
    anonymity_checked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["review__reference", "kind", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["state", "review"], name="report_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.file_name})"

    def audit_subject(self) -> str:
        return f"report {self.key}"

    def related_review(self) -> Review:
        """The review it is about, which hides its reports when it is removed."""
        return self.review
