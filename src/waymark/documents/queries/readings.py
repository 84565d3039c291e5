"""Texts of a report by the number of the reading: the current one, and older ones.

Nobody can cite a reading that waits for a person: it is only in the queries for staff, at the end.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db.models import Count, F, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotFound
from waymark.core.spans import Span
from waymark.documents.keys import span_key, text_key
from waymark.documents.models import (
    AnchorMove,
    MoveDecision,
    MoveOutcome,
    Page,
    Passage,
    Reading,
    ReadingPage,
    ReadingState,
    RejectedReading,
    Report,
    ReportText,
)
from waymark.documents.reader_versions import is_older
from waymark.documents.reading.relocate import SearchableText, relocate

AnyPage = Page | ReadingPage


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """A passage of any reading, without its words."""

    key: str
    start: int
    end: int
    heading: str
    kind: str


def older_reading(report: Report, number: int, *columns: str) -> Reading:
    """An older reading of a report, with these columns alone. Raises NotFound."""
    # Its text and its passages can be megabytes each: they are read only where they are needed.
    rows = report.readings.filter(number=number, state=ReadingState.OLDER)
    reading = rows.only("report", *columns).first()
    if reading is None:
        raise NotFound(f"the report {report.key} has no reading {number}")
    return reading


def older_numbers(report: Report) -> list[int]:
    """Numbers of the older readings of a report."""
    older = report.readings.filter(state=ReadingState.OLDER)
    return list(older.values_list("number", flat=True))


def content_of(report: Report, number: int) -> str:
    """The whole text of a reading. Raises NotFound."""
    if number == report.reading:
        return ReportText.objects.values_list("content", flat=True).get(report=report)
    return older_reading(report, number, "content").content


ReadingKey = tuple[int, int]
"""Primary key of a report, and number of one of its readings."""


def contents_and_pages(
    readings: Iterable[tuple[Report, int]],
) -> dict[ReadingKey, tuple[str, Sequence[AnyPage]]]:
    """Text and pages of readings, without word boxes: two queries for all current ones.

    Readings that do not exist are left out.
    """
    report_of_reading = {(report.pk, number): report for report, number in readings}
    current = {pk for (pk, number), report in report_of_reading.items() if number == report.reading}
    texts = dict(ReportText.objects.filter(report__in=current).values_list("report", "content"))
    pages: dict[int, list[AnyPage]] = defaultdict(list)
    if current:
        for page in Page.objects.filter(report__in=current).defer("words"):
            pages[page.report_id].append(page)
    contents: dict[ReadingKey, tuple[str, Sequence[AnyPage]]] = {}
    for (pk, number), report in report_of_reading.items():
        if number != report.reading:
            with suppress(NotFound):
                contents[pk, number] = content_of(report, number), pages_of(report, number)
        elif pk in texts:
            contents[pk, number] = texts[pk], pages[pk]
    return contents


def pages_of(report: Report, number: int) -> Sequence[AnyPage]:
    """The pages of a reading in order, without their word boxes. Raises NotFound."""
    if number == report.reading:
        return list(Page.objects.filter(report=report).defer("words"))
    return list(older_reading(report, number).pages.defer("words"))


def pages_over(report: Report, number: int, span: Span) -> Sequence[AnyPage]:
    """The pages of a reading that share a character with a span, in order, without word boxes.

    Raises NotFound for a reading that does not exist.
    """
    here = {"start__lt": span.end, "end__gt": span.start}
    if number == report.reading:
        return list(Page.objects.filter(report=report, **here).defer("words"))
    return list(older_reading(report, number).pages.filter(**here).defer("words"))


def page_of(report: Report, number: int, page: int) -> AnyPage:
    """A page of a reading. Raises NotFound."""
    row: AnyPage | None
    if number == report.reading:
        row = Page.objects.filter(report=report, number=page).first()
    else:
        row = older_reading(report, number).pages.filter(number=page).first()
    if row is None:
        raise NotFound(f"the report has no page {page}")
    return row


def word_boxes_of(report: Report, number: int) -> dict[int, bytes]:
    """Number -> packed word boxes of the pages of a reading that have an image."""
    rows: QuerySet[Page] | QuerySet[ReadingPage]
    if number == report.reading:
        rows = Page.objects.filter(report=report)
    else:
        rows = older_reading(report, number).pages.all()
    packed = rows.filter(has_image=True).values_list("number", "words")
    return {page: bytes(words) for page, words in packed if words}


def passage_spans(report: Report, number: int, within: Span) -> list[PassageSpan]:
    """The passages of a reading that share a character with a span, in order. Raises NotFound."""
    if number == report.reading:
        rows = Passage.objects.filter(report=report, start__lt=within.end, end__gt=within.start)
        columns = ("key", "start", "end", "heading", "kind")
        return [PassageSpan(*row) for row in rows.order_by("start").values_list(*columns)]
    text = text_key(report.key, number)
    return [
        PassageSpan(span_key(text, Span(start, end)), start, end, heading, kind)
        for start, end, _, _, heading, kind in older_reading(report, number, "passages").passages
        if start < within.end and within.start < end
    ]


def running_lines_of(report: Report, number: int) -> list[tuple[int, str]]:
    """Page and words of each running header and footer beside the text of a reading."""
    if number == report.reading:
        lines = report.text.running_lines
    else:
        lines = older_reading(report, number, "running_lines").running_lines
    return [(line["page"], line["text"]) for line in lines]


def furniture_of(report: Report, number: int) -> list[list[int]]:
    """Spans of running headers and footers in the text of a reading. Raises NotFound."""
    if number == report.reading:
        return list(report.text.furniture)
    return list(older_reading(report, number, "furniture").furniture)


# ---- newer readings, for staff ----


def reports_to_read_again(person: Actor) -> list[Report]:
    """Reports whose text an older version of its reader made, by number.

    Without erased ones and those with a newer text that waits or was rejected. Raises NotPermitted.
    """
    require_permission(person, "add reports")
    stored = Report.objects.filter(original__erased_at=None)
    used = stored.order_by().values_list("extractor", flat=True).distinct()
    older = [extractor for extractor in used if is_older(extractor)]
    pending = Reading.objects.filter(state=ReadingState.PENDING)
    proposed = (*pending.values_list("report", "extractor"),)
    rejected = (*RejectedReading.objects.values_list("report", "extractor"),)
    up_to_date = [report for report, extractor in (*proposed, *rejected) if not is_older(extractor)]
    rows = stored.filter(extractor__in=older).exclude(pk__in=up_to_date)
    return list(rows.select_related("review").order_by("pk"))


def pending_readings(person: Actor) -> QuerySet[Reading]:
    """Newer readings that wait for a person, the oldest first. Raises NotPermitted."""
    require_permission(person, "add reports")
    rows = Reading.objects.filter(state=ReadingState.PENDING)
    return rows.select_related("report__review").order_by("read_at", "pk")


def readings_to_accept(person: Actor) -> QuerySet[Reading]:
    """Those of reports that staff can read. Raises NotPermitted."""
    return pending_readings(person).filter(
        report__state__in=OPEN_TO_STAFF, report__review__state__in=OPEN_TO_STAFF
    )


def rejected_readings(person: Actor) -> list[RejectedReading]:
    """Newer readings that people rejected, the latest first. Raises NotPermitted."""
    require_permission(person, "add reports")
    rows = RejectedReading.objects.select_related("report__review", "rejected_by")
    return list(rows.order_by("-rejected_at", "-pk"))


@dataclass(frozen=True, slots=True)
class MoveCounts:
    """Number of places in a newer reading, by whether their words are there."""

    moved: int
    unsure: int
    lost: int


def move_counts(readings: Collection[Reading]) -> dict[int, MoveCounts]:
    """Primary key of a pending reading -> count of the places of its report: one query."""
    moves = AnchorMove.objects.filter(report__in={reading.report_id for reading in readings})
    rows = moves.order_by().values_list("report", "reading", "outcome").annotate(Count("pk"))
    counts = {tuple(key): number for *key, number in rows}
    return {
        reading.pk: MoveCounts(
            **{
                outcome: counts.get((reading.report_id, reading.number, outcome), 0)
                for outcome in MoveOutcome.values
            }
        )
        for reading in readings
    }


def pending_reading(report: Report) -> Reading | None:
    """The newer reading of a report that waits for a person."""
    return report.readings.filter(state=ReadingState.PENDING).first()


def text_differences(report: Report, pending: Reading) -> list[tuple[str, str]]:
    """Paragraphs that differ between the current text of a report and a newer one, in order.

    Each with those of the other text at the same place, "" for none.
    """
    earlier, newer = report.text.content.split("\n"), pending.content.split("\n")
    matcher = SequenceMatcher(None, earlier, newer)
    return [
        ("\n".join(earlier[i1:i2]), "\n".join(newer[j1:j2]))
        for kind, i1, i2, j1, j2 in matcher.get_opcodes()
        if kind != "equal"
    ]


def listed_moves(report: Report, person: Actor) -> list[AnchorMove]:
    """Places of a report in its pending reading or, if none is pending, in its current one.

    Those that wait for a decision come first. Raises NotPermitted.
    """
    require_permission(person, "add reports")
    pending = pending_reading(report)
    number = pending.number if pending else report.reading
    moves = report.moves.filter(reading=number).select_related("decided_by").order_by("pk")
    return sorted(moves, key=lambda move: move.outcome == MoveOutcome.MOVED or bool(move.decision))


def open_moves() -> QuerySet[AnchorMove]:
    """Places in older readings that nobody has decided on since the newer one was accepted."""
    return AnchorMove.objects.filter(reading=F("report__reading"), decision="").exclude(
        outcome=MoveOutcome.MOVED
    )


def reports_with_open_moves(person: Actor) -> list[tuple[Report, int]]:
    """Reports with such places, and how many each has. Raises NotPermitted."""
    require_permission(person, "add reports")
    counts = dict(open_moves().order_by().values_list("report").annotate(Count("pk")))
    reports = Report.objects.filter(pk__in=counts, original__erased_at=None)
    return [(report, counts[report.pk]) for report in reports.select_related("review")]


def move_of(report: Report, key: str, person: Actor) -> AnchorMove:
    """The listed place of an old citation key. Raises NotPermitted, NotFound."""
    for move in listed_moves(report, person):
        if move.key == key:
            return move
    raise NotFound(f"the report {report.key} has no place {key} to decide on")


def newer_text(move: AnchorMove) -> str:
    """The text of the newer reading that a listed place leads to."""
    pending = pending_reading(move.report)
    if pending is not None and pending.number == move.reading:
        return pending.content
    return content_of(move.report, move.reading)


class ReadingComparison:
    """The readings of one report, to find words of one in another; each is read once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._texts: dict[int, SearchableText] = {}

    def words_in(self, reading: int, span: Span, other: int) -> Span | None:
        """Where words of a reading are in another one; None unless that is certain.

        Raises NotFound for a reading that does not exist.
        """
        there = relocate(span, self._text(reading), self._text(other))
        return there.span if there.outcome == "moved" else None

    def _text(self, number: int) -> SearchableText:
        if number not in self._texts:
            content = content_of(self.report, number)
            self._texts[number] = SearchableText(content, furniture_of(self.report, number))
        return self._texts[number]


def words_now(report: Report, reading: int, span: Span) -> Span | None:
    """Where words of an older reading are in the current text; None unless that is certain.

    A person's decision comes first; without one the words are looked for.
    """
    key = span_key(text_key(report.key, reading), span)
    move = report.moves.filter(key=key, reading=report.reading).first()
    if move is not None and move.decision:
        return move.span if move.decision == MoveDecision.MOVE else None
    return ReadingComparison(report).words_in(reading, span, report.reading)


def with_earlier_keys(report: Report, keys: Iterable[str]) -> list[str]:
    """Citation keys with those of the same quotations in earlier texts, from which they moved.

    Editions count the keys of the text that was current when their data was frozen.
    """
    came_from: dict[str, list[str]] = defaultdict(list)
    for move in report.moves.filter(decision=MoveDecision.MOVE):
        if move.span:
            newer = span_key(text_key(report.key, move.reading), move.span)
            came_from[newer].append(move.key)
    every = dict.fromkeys(keys)
    waiting = list(every)
    while waiting:
        earlier = [key for key in came_from[waiting.pop()] if key not in every]
        every |= dict.fromkeys(earlier)
        waiting += earlier
    return list(every)
