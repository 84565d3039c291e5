"""The current text of a report, its pages and passages, and quotations in it."""

from typing import ClassVar

from django.db import models

from waymark.documents.models.reviews import Report
from waymark.documents.reading.values import FROM_FILE, PAGE_SOURCES


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


class TextPage(models.Model):
    """The part of a text that is on one page, and the boxes of its words.

    words: packed as reading/words.py describes. has_image: False if the format has no pages (HTML,
    DOCX, text); then the whole document is page 1. source: of the words.
    """

    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    words = models.BinaryField()
    has_image = models.BooleanField(default=True)
    source = models.CharField(max_length=10, choices=SOURCES, blank=True)

    class Meta:
        abstract = True


class Page(TextPage):
    """One page of the current text: its number and its size in points."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField(help_text="counted from 1")
    width = models.FloatField(help_text="points; 0 where the format has no pages")
    height = models.FloatField(help_text="points; 0 where the format has no pages")

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
