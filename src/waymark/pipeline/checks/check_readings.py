"""Checks of the doctor: pages, passages and quotations are in the text of their reading."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, islice

from django.db.models import Exists, F, OuterRef, QuerySet

from waymark.coding.models import Coding, Suggestion
from waymark.core.evidence import reading_of_key
from waymark.core.spans import Span
from waymark.documents.keys import span_key, text_key
from waymark.documents.models import (
    Page,
    Passage,
    Reading,
    ReadingState,
    Report,
    ReportText,
    TextAnchor,
)
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
TEXTS = 50
"""Texts that are in memory together."""


def passage_faults() -> Iterator[str]:
    """Pages and passages that leave their text, or are out of order."""
    reports = Report.objects.order_by("pk").values_list("pk", "key", "reading", "text__content")
    remaining = reports.iterator(chunk_size=TEXTS)
    while batch := list(islice(remaining, TEXTS)):
        numbers = [row[0] for row in batch]
        pages = _spans_by_report(Page.objects.filter(report__in=numbers).order_by("number"))
        listed = Passage.objects.filter(report__in=numbers).order_by("ordinal")
        passages = _spans_by_report(listed)
        for number, key, reading, content in batch:
            length, name = len(content), text_key(key, reading)
            yield from _page_span_faults(pages[number], key, length)
            yield from _passage_span_faults(passages[number], key, name, length)


def _spans_by_report(
    rows: QuerySet[Page] | QuerySet[Passage],
) -> dict[int, list[tuple[str, int, int]]]:
    """Number of a report -> name, start and end of its pages or passages, in order."""
    name = "number" if rows.model is Page else "key"
    spans: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for report, *span in rows.values_list("report_id", name, "start", "end"):
        spans[report].append((span[0], span[1], span[2]))
    return spans


# Pages must follow one another; passages too, but text between them (running headers) is in none.
# Example: passages (0, 40) and (40, 90) are sound, (0, 40) and (39, 90) are not.
def _page_span_faults(pages: list[tuple[str, int, int]], key: str, length: int) -> Iterator[str]:
    at = 0
    for number, start, end in pages:
        if not at <= start <= end <= length:
            yield f"page {number} of report {key} is outside its text"
        at = end


def _passage_span_faults(
    passages: list[tuple[str, int, int]], key: str, name: str, length: int
) -> Iterator[str]:
    at = 0
    for passage, start, end in passages:
        if not at <= start < end <= length or passage != span_key(name, Span(start, end)):
            yield f"passage {passage} of report {key} is outside its text or out of order"
        at = max(at, end)


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
    current = ReportText.objects.filter(report__original__erased_at=None)
    older = Reading.objects.filter(state=ReadingState.OLDER)
    rows = chain(
        current.values_list("report", "report__reading", "content").iterator(chunk_size=TEXTS),
        older.values_list("report", "number", "content").iterator(chunk_size=TEXTS),
    )
    # A query for each kind and batch: one for each report took most of the time.
    while batch := list(islice(rows, TEXTS)):
        texts = {(report, reading): text for report, reading, text in batch}
        for model in ANCHORED:
            yield from _misquoted(model, texts)
    kept_readings = older.filter(report=OuterRef("report"), number=OuterRef("reading"))
    for model in ANCHORED:
        quoting = model._default_manager.filter(report__original__erased_at=None)
        astray = quoting.exclude(reading=F("report__reading")).exclude(Exists(kept_readings))
        for key in astray.values_list("key", flat=True):
            yield f"{model._meta.verbose_name} {key} is in a reading that does not exist"


def _misquoted(model: type[TextAnchor], texts: dict[tuple[int, int], str]) -> Iterator[str]:
    """Faults of the rows of a kind in these texts. texts: report and reading -> text."""
    reports = {report for report, _ in texts}
    placed = model._default_manager.filter(report__in=reports).order_by("report", "pk")
    columns = ("key", "report_id", "reading", "start", "end", "exact")
    for key, report, reading, start, end, exact in placed.values_list(*columns).iterator():
        text = texts.get((report, reading))
        # A report with several readings is in more than one batch.
        if text is None:
            continue
        if text[start:end] != exact or reading_of_key(key) != reading:
            yield f"{model._meta.verbose_name} {key} is not in the text of its report"


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
