"""Literature searches: question, sources, strategy by line, runs, and the results chosen."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.enquiries.models.enquiries import Enquiry, EnquiryMessage


class LiteratureSearch(models.Model):
    """A literature search. It has no name of an asker, and stays when the asker is erased.

    question: in one sentence. parts: [name, words] of its concepts, such as PICO or free ones.
    scope: what it is for. years_from, years_to, languages, nations, kinds: limits, "" or null for
    none. include, exclude: what was chosen and left out. summary: what was found. duplicates,
    screened, read_full: numbers of records removed as duplicates, read as title and summary, and
    read in full; null until somebody enters them. version: grows with each change of these.
    finished_at: null while somebody works on it. sent_with: the answer with which the report went
    to the asker; from then on nothing of the report changes. copied_from: the earlier search.
    """

    enquiry = models.ForeignKey(Enquiry, models.SET_NULL, null=True, related_name="searches")
    title = models.CharField(max_length=200)
    question = models.TextField()
    parts = models.JSONField(default=list)
    scope = models.TextField(blank=True)
    years_from = models.PositiveSmallIntegerField(null=True)
    years_to = models.PositiveSmallIntegerField(null=True)
    languages = models.CharField(max_length=200, blank=True)
    nations = models.CharField(max_length=200, blank=True)
    kinds = models.CharField(max_length=200, blank=True)
    include = models.TextField(blank=True)
    exclude = models.TextField(blank=True)
    summary = models.TextField(blank=True)
    duplicates = models.PositiveIntegerField(null=True)
    screened = models.PositiveIntegerField(null=True)
    read_full = models.PositiveIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True)
    sent_with = models.ForeignKey(
        EnquiryMessage, models.SET_NULL, null=True, related_name="search_reports"
    )
    sent_at = models.DateTimeField(null=True)
    copied_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="copies")

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"search {self.pk}"

    def audit_subject(self) -> str:
        return f"literature search {self.pk}"


class SearchSource(models.Model):
    """A database that was searched. platform: where it was read; is_library: this library."""

    search = models.ForeignKey(LiteratureSearch, models.CASCADE, related_name="sources")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    platform = models.CharField(max_length=120, blank=True)
    is_library = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["search", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["search", "number"], name="one_search_source_of_a_number"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SearchLine(models.Model):
    """A line of a strategy, as typed; "#1 AND #2" combines earlier lines.

    superseded_at: when it was changed or taken out; its runs stay.
    """

    source = models.ForeignKey(SearchSource, models.CASCADE, related_name="lines")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=1_000)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["source", "number", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "number"],
                condition=models.Q(superseded_at=None),
                name="one_current_search_line_of_a_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


class LineRun(models.Model):
    """A run of a line: its hits and the day. records: keys of the records found in this library,
    at most queries.library_runs.MOST_RECORDS; empty for other sources.
    """

    line = models.ForeignKey(SearchLine, models.CASCADE, related_name="runs")
    on = models.DateField()
    hits = models.PositiveIntegerField()
    records = models.JSONField(default=list)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["line", "recorded_at", "pk"]

    def __str__(self) -> str:
        return f"run {self.pk}: {self.hits}"


class SearchResult(models.Model):
    """A publication that was chosen. key: of a record of this library, "" for one from elsewhere.

    citation, url: as they were when it was chosen. note: why it was chosen, what it says.
    """

    search = models.ForeignKey(LiteratureSearch, models.CASCADE, related_name="results")
    number = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=200, blank=True)
    citation = models.CharField(max_length=1_000)
    url = models.CharField(max_length=500, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["search", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["search", "key"],
                condition=~models.Q(key=""),
                name="one_search_result_of_a_record",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.citation}"
