"""Report of a literature search as a document. Pure: the same nodes as overviews and briefings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.enquiries.search_strategy import ScreeningCounts
from waymark.publishing.document.nodes import (
    CaseTable,
    HeadingNode,
    Node,
    ParagraphNode,
    PointList,
    ReportDocument,
    StyledText,
    WebLink,
    Words,
)

SUBTITLE = "Literature search"
LIMITS_OF_SEARCH = (
    "A search finds what its sources describe with its words, on its day. It may miss "
    "publications, and what is listed was not checked for quality. Repeat it before you rely on "
    "it for a decision."
)


@dataclass(frozen=True, slots=True)
class ReportedLine:
    """A line of a strategy. hits: None if it was not run; on: the day of the run."""

    number: int
    text: str
    hits: int | None
    on: date | None


@dataclass(frozen=True, slots=True)
class ReportedSource:
    """A source with its strategy."""

    label: str
    is_library: bool
    lines: tuple[ReportedLine, ...]


@dataclass(frozen=True, slots=True)
class ReportedResult:
    """A chosen publication. address: whole address of its page, "" for none."""

    citation: str
    address: str
    note: str


@dataclass(frozen=True, slots=True)
class SearchReport:
    """All that a report of a search says. dated: when it was finished, else when it was read.

    facts: name and words of what the search is about, without empty ones.
    """

    title: str
    question: str
    facts: tuple[tuple[str, str], ...]
    summary: str
    sources: tuple[ReportedSource, ...]
    counts: ScreeningCounts
    results: tuple[ReportedResult, ...]
    service: str
    dated: datetime
    is_finished: bool


def compose_search_report(report: SearchReport) -> ReportDocument:
    """The report of a search as a document."""
    day = date_in_words(uk_date(report.dated))
    return ReportDocument(
        title=report.title,
        subtitle=SUBTITLE,
        scope=report.service,
        edition=f"Finished on {day}" if report.is_finished else f"Draft of {day}",
        dated=report.dated,
        nodes=tuple(_nodes(report)),
    )


def _nodes(report: SearchReport) -> Iterator[Node]:
    yield HeadingNode(2, "Question", "question")
    yield ParagraphNode((report.question,))
    for name, words in report.facts:
        yield ParagraphNode((StyledText(f"{name}: ", strong=True), words))
    if report.summary:
        yield HeadingNode(2, "What was found", "found")
        yield from _paragraphs(report.summary)
    yield HeadingNode(2, "Results", "results")
    yield from _results(report.results)
    yield HeadingNode(2, "How the results were chosen", "screening")
    yield PointList(tuple((line,) for line in screening_lines(report.counts)))
    yield HeadingNode(2, "Search strategy", "strategy")
    for number, source in enumerate(report.sources, start=1):
        yield from _strategy(source, number)
    yield HeadingNode(2, "Limits of this search", "limits")
    yield ParagraphNode((LIMITS_OF_SEARCH,))


def _paragraphs(text: str) -> Iterator[ParagraphNode]:
    for paragraph in text.split("\n\n"):
        if words := " ".join(paragraph.split()):
            yield ParagraphNode((words,))


def _results(results: Sequence[ReportedResult]) -> Iterator[Node]:
    if not results:
        yield ParagraphNode(("No publication was chosen.",))
    else:
        yield PointList(tuple(map(_result, results)), ordered=True)


def _result(result: ReportedResult) -> Words:
    words: Words = (result.citation,)
    if result.address and result.address not in result.citation:
        words += (" ", WebLink(result.address, result.address))
    if note := " ".join(result.note.split()):
        words += (" ", StyledText(note, strong=False))
    return words


def _strategy(source: ReportedSource, number: int) -> Iterator[Node]:
    yield HeadingNode(3, source.label, f"source-{number}")
    if not source.lines:
        yield ParagraphNode(("Not searched.",))
        return
    rows = tuple((str(line.number), line.text, hits_in_words(line)) for line in source.lines)
    yield CaseTable(f"Strategy in {source.label}", ("Line", "Search", "Hits"), rows)


def hits_in_words(line: ReportedLine) -> str:
    """ "1,204 on 3 May 2026"; "not run" without a run."""
    if line.hits is None or line.on is None:
        return "not run"
    return f"{line.hits:,} on {date_in_words(line.on)}"


def screening_lines(counts: ScreeningCounts) -> list[str]:
    """The numbers of records at each step that was recorded, in their order."""
    lines = [f"Found in all sources together, by the last line of each: {counts.identified:,}"]
    for name, value in (
        ("Removed as duplicates", counts.duplicates),
        ("Screened by title and summary", counts.screened),
        ("Read in full", counts.read_full),
    ):
        if value is not None:
            lines.append(f"{name}: {value:,}")
    return [*lines, f"Chosen: {counts.chosen:,}"]
