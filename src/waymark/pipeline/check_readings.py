"""Checks of the doctor: quotations are in the text of their reading, and readings are sound."""

from collections.abc import Iterator
from itertools import chain

from django.db.models import Exists, F, OuterRef

from waymark.coding.models import Coding, Suggestion
from waymark.core.evidence import reading_of_key
from waymark.documents.models import Reading, ReadingState, ReportText, TextAnchor
from waymark.documents.queries.readings import pending_readings, reports_with_open_moves
from waymark.library.models import AbstractPlace
from waymark.profiles.models import JudgementQuote
from waymark.recommendations.models import Recommendation

ANCHORED: tuple[type[TextAnchor], ...] = (
    Coding,
    JudgementQuote,
    Suggestion,
    Recommendation,
    AbstractPlace,
)
"""Every kind of row that quotes a report."""


def reading_faults() -> Iterator[str]:
    """Older and pending readings whose pages or passages do not fit their own text."""
    for reading in Reading.objects.select_related("report").iterator(chunk_size=20):
        report, length = reading.report, len(reading.content)
        name = f"reading {reading.number} of report {report.key}"
        spans = [*reading.pages.values_list("start", "end"), *(row[:2] for row in reading.passages)]
        if any(not 0 <= start <= end <= length for start, end in spans):
            yield f"a page or passage of {name} is outside its text"
        newer = reading.number == report.reading + 1
        if newer != (reading.state == ReadingState.PENDING) or reading.number == report.reading:
            yield f"{name} is {reading.state}, and reading {report.reading} is the current one"


def quotation_faults() -> Iterator[str]:
    """Quotations that are not word for word in the reading that they name."""
    texts = ReportText.objects.filter(report__original__erased_at=None)
    older = Reading.objects.filter(state=ReadingState.OLDER)
    for report, reading, text in chain(
        texts.values_list("report", "report__reading", "content").iterator(chunk_size=50),
        older.values_list("report", "number", "content").iterator(chunk_size=50),
    ):
        for model in ANCHORED:
            placed = model._default_manager.filter(report=report, reading=reading)
            for key, start, end, exact in placed.values_list("key", "start", "end", "exact"):
                if text[start:end] != exact or reading_of_key(key) != reading:
                    yield f"{model._meta.verbose_name} {key} is not in the text of its report"
    kept = older.filter(report=OuterRef("report"), number=OuterRef("reading"))
    for model in ANCHORED:
        rows = model._default_manager.filter(report__original__erased_at=None)
        astray = rows.exclude(reading=F("report__reading")).exclude(Exists(kept))
        for key in astray.values_list("key", flat=True):
            yield f"{model._meta.verbose_name} {key} is in a reading that does not exist"


def reading_notes() -> Iterator[str]:
    """What waits for a person since reports were read again. None of it is a fault."""
    for pending in pending_readings(None):
        yield (
            f"report {pending.report.key} has been read again: check its newer text at Workspace, "
            f"Newer texts, or run waymark reports accept {pending.report.key}"
        )
    for report, count in reports_with_open_moves(None):
        yield (
            f"{count} quotations of report {report.key} were not found for certain in its current "
            "text: they stay in the older one; decide at Workspace, Newer texts"
        )
