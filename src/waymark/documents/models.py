"""Reviews, the reports about them, and the exact words of each report."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.accounts.models import Visible
from waymark.core.spans import Span
from waymark.documents.anonymity.identifiers import KINDS
from waymark.documents.reading.values import FROM_FILE, HIDDEN_CLASSES, PAGE_SOURCES


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

    def __str__(self) -> str:
        return f"{self.title} ({self.file_name})"

    def audit_subject(self) -> str:
        return f"report {self.key}"

    def related_review(self) -> Review:
        """The review it is about, which hides its reports when it is removed."""
        return self.review


class HiddenTextVerdict(models.TextChoices):
    HARMLESS = "harmless", "It is harmless"
    REPLACE = "replace", "The file must be replaced"


class HiddenText(models.Model):
    """Words in a file that its pages do not show; they are not in the text.

    The report can be published only when a person has found each harmless. verdict: "" until then;
    answer: the reason. answered_by: null for an answer by the operator on the command line.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="hidden_texts")
    kind = models.CharField(max_length=10, choices=HIDDEN_CLASSES)
    page = models.PositiveIntegerField()
    words = models.TextField()
    cause = models.CharField(max_length=200, help_text="how the words are hidden")
    box = models.JSONField(null=True, help_text="x0, y0, x1, y1 in points from the top left")
    verdict = models.CharField(max_length=10, choices=HiddenTextVerdict.choices, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["page", "pk"]
        indexes: ClassVar = [models.Index(fields=["verdict"], name="hidden_text_verdict")]

    def __str__(self) -> str:
        return f"{self.kind} text on page {self.page} of {self.report_id}"


class AnonymityVerdict(models.TextChoices):
    KEPT = "kept", "They may be published"
    MASKED = "masked", "They must be masked in a new file"
    FALSE = "false", "They identify nobody"


class AnonymityAlert(models.Model):
    """Words of a report that may identify a person, with all their mentions.

    The report can be published only when a person has answered "kept" or "false" to each. folded:
    the words as they are compared. source: the part of the file that contains them; "" for the
    text. places: [start, end] in the text, the first of count. surroundings: marks of the words
    around the mentions, each once; null if an earlier version stored it and its words are not in
    the text. verdict: "" until it is answered.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="anonymity_alerts")
    kind = models.CharField(max_length=20, choices=KINDS)
    words = models.CharField(max_length=200)
    folded = models.CharField(max_length=200)
    source = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200)
    count = models.PositiveIntegerField()
    places = models.JSONField(default=list)
    surroundings = models.JSONField(null=True)
    verdict = models.CharField(max_length=10, choices=AnonymityVerdict.choices, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
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

    def has_surroundings_of(self, other: "AnonymityAlert") -> bool:
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


class ReportText(models.Model):
    """The text of a report: page texts joined and normalised; all positions refer to it.

    running_lines: running headers and footers, which are not in the text: page, text and box of
    each. furniture: [start, end] of those that an earlier extractor left in the text.
    """

    report = models.OneToOneField(Report, models.CASCADE, related_name="text", primary_key=True)
    content = models.TextField()
    furniture = models.JSONField(default=list)
    running_lines = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"text of {self.report_id}"


SOURCES = [(source, mark) for source, mark in PAGE_SOURCES.items() if source != FROM_FILE]
"""Choices of the source of words; the label is the mark where they are quoted."""


class Page(models.Model):
    """One page: its size in points, its part of the text, and the boxes of its words.

    words: packed as reading/words.py describes. has_image: False if the format has no pages (HTML,
    DOCX, text); then the whole document is page 1. source: of the words.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField(help_text="counted from 1")
    width = models.FloatField(help_text="points; 0 where the format has no pages")
    height = models.FloatField(help_text="points; 0 where the format has no pages")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    words = models.BinaryField()
    has_image = models.BooleanField(default=True)
    source = models.CharField(max_length=10, choices=SOURCES, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "number"], name="one_page_of_a_number"),
            models.CheckConstraint(
                condition=models.Q(start__lte=models.F("end")), name="page_span"
            ),
        ]

    def __str__(self) -> str:
        return f"page {self.number} of {self.report_id}"


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


class PassageKind(models.TextChoices):
    PARAGRAPH = "paragraph", "Paragraph"
    ITEM = "item", "List item"
    HEADING = "heading", "Heading"


class Passage(models.Model):
    """A paragraph, list item or heading of a report's text.

    key: from span_key(). heading: the path of headings above it, outermost first, joined with
    " > ". page, last_page: where it starts and ends. source: of the words of its pages.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="passages")
    key = models.CharField(max_length=40, unique=True)
    ordinal = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    page = models.PositiveIntegerField()
    last_page = models.PositiveIntegerField()
    heading = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=10, choices=PassageKind.choices)
    source = models.CharField(max_length=10, choices=SOURCES, blank=True)

    class Meta:
        ordering: ClassVar = ["report", "ordinal"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "ordinal"], name="one_passage_of_a_place"),
            models.CheckConstraint(
                condition=models.Q(start__lt=models.F("end")), name="passage_span"
            ),
        ]

    def __str__(self) -> str:
        return self.key


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


class ReadingPage(models.Model):
    """A page of a reading that is not the current one: see Page."""

    reading = models.ForeignKey(Reading, models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    width = models.FloatField()
    height = models.FloatField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    words = models.BinaryField()
    has_image = models.BooleanField(default=True)
    source = models.CharField(max_length=10, choices=SOURCES, blank=True)

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


class TextAnchor(models.Model):
    """A verbatim quotation in a report's text: exact == content[start:end], always.

    key: the citation key, from span_key(). reading: number of the reading whose text it is in.
    prefix, suffix: see core.spans.QuoteAnchor.
    """

    report = models.ForeignKey(Report, models.PROTECT, related_name="+")
    reading = models.PositiveSmallIntegerField(default=1)
    key = models.CharField(max_length=40, db_index=True)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    exact = models.TextField()
    prefix = models.CharField(max_length=32, blank=True)
    suffix = models.CharField(max_length=32, blank=True)
    page = models.PositiveIntegerField()

    class Meta:
        abstract = True


class IntakeState(models.TextChoices):
    WAITING = "waiting", "Waiting to be read"
    READING = "reading", "Being read"
    STORED = "stored", "Stored"
    ALREADY = "already", "Already stored"
    REFUSED = "refused", "Refused"


class Intake(models.Model):
    """A received file and its outcome: the queue of the reading worker.

    staged: name of the file in the staging folder until it is read. lease_until: the worker that
    reads it has it until then; afterwards another may take it, so that a killed worker loses
    nothing. received_from: null if the sender has no account. encoding: of a text, as the sender
    named it; "" to find it by the content.
    """

    batch = models.CharField(max_length=32, db_index=True)
    file_name = models.CharField(max_length=255)
    staged = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        max_length=10, choices=IntakeState.choices, default=IntakeState.WAITING
    )
    reason = models.CharField(max_length=500, blank=True)
    remedy = models.CharField(max_length=500, blank=True)
    report = models.ForeignKey(Report, models.SET_NULL, null=True, related_name="intakes")
    review = models.ForeignKey(Review, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=30, choices=ReportKind.choices, default=ReportKind.OVERVIEW)
    encoding = models.CharField(max_length=40, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    received_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.file_name}: {self.state}"

    def audit_subject(self) -> str:
        return f"intake {self.pk}"
