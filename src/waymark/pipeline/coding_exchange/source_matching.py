"""Which of our reports a source of a project is: by the bytes of its file, or by its text.

A source that is none of them is listed with the reason. Names are never compared: two reports may
have the same one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from waymark.accounts.models import User
from waymark.coding.files.refi.folding import FoldedText, moved_span
from waymark.coding.files.refi.guids import source_guid
from waymark.coding.files.refi.page_boxes import SourcePage
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.keys import text_key
from waymark.documents.models import Page, Report, ReportText
from waymark.documents.queries.reader import open_reports
from waymark.documents.queries.readings import content_of, older_numbers
from waymark.documents.reading.qda_values import QdaSource
from waymark.documents.reading.words import unpack_words

NOT_OURS = "it is not a report here that you can code: its file and its text are unknown"
SEVERAL = "its text is that of several reports"


@dataclass(slots=True)
class MatchedSource:
    """A source that is one of our reports. how: "file" or "text"."""

    source: QdaSource
    report: Report
    reading: int
    how: str
    folded: FoldedText
    own: FoldedText | None = None
    _anchors: ReportAnchors | None = None
    _pages: Mapping[int, SourcePage] | None = field(default=None)

    @property
    def anchors(self) -> ReportAnchors:
        """The anchors of the report's text."""
        if self._anchors is None:
            self._anchors = ReportAnchors(self.report, reading=self.reading)
        return self._anchors

    @property
    def pages(self) -> Mapping[int, SourcePage]:
        """The words of the pages of the report's current text."""
        if self._pages is None:
            self._pages = page_words(self.report)
        return self._pages

    def span_of(self, start: int, end: int) -> Span | None:
        """Code points of the source's text -> span of the report; None if it is not certain."""
        if self.source.text is None or self.own is None:
            return None
        if self.own.fingerprint == self.folded.fingerprint:
            return moved_span(self.own, start, end, self.folded)
        content = self.source.text.content
        return self.folded.find(
            content[start:end], content[max(0, start - 300) : start], content[end : end + 300]
        )


def page_words(report: Report) -> dict[int, SourcePage]:
    """Number of a page -> its words, of a report whose format has pages."""
    return {
        page.number: SourcePage(page.height, tuple(unpack_words(bytes(page.words))))
        for page in Page.objects.filter(report=report, has_image=True)
        if page.words
    }


def match_sources(
    sources: Iterable[QdaSource],
    person: User,
    now: datetime,
    *,
    reviews: Collection[int] | None,
) -> tuple[list[MatchedSource], list[tuple[QdaSource, str]]]:
    """The sources that are reports which the person may see, and the others with the reason.

    reviews: those whose texts are compared, None for all that the person may see.
    """
    finder = _ReportFinder(person, now, reviews)
    matched: list[MatchedSource] = []
    others: list[tuple[QdaSource, str]] = []
    for source in sources:
        match = finder.find(source)
        if isinstance(match, MatchedSource):
            matched.append(match)
        else:
            others.append((source, match))
    return matched, others


class _ReportFinder:
    def __init__(self, person: User, now: datetime, reviews: Collection[int] | None) -> None:
        self.visible = open_reports(person, now).select_related("review")
        self.compared = self.visible if reviews is None else self.visible.filter(review__in=reviews)
        self._by_guid: dict[str, tuple[Report, int]] | None = None
        self._by_text: dict[str, list[Report]] | None = None

    def find(self, source: QdaSource) -> MatchedSource | str:
        own = FoldedText(source.text.content) if source.text else None
        by_file = self.visible.filter(original_id__in=source.hashes).first()
        if by_file is not None:
            return self._match(source, by_file, by_file.reading, "file", own)
        if own is None:
            return f"{NOT_OURS}; {source.problem}" if source.problem else NOT_OURS
        if not own.folded:
            return "its text is empty"
        exported = self._exported(source, own)
        if exported is not None:
            return exported
        reports = self._with_text(own.fingerprint)
        if len(reports) == 1:
            return self._match(source, reports[0], reports[0].reading, "text", own)
        return SEVERAL if reports else NOT_OURS

    def _match(
        self, source: QdaSource, report: Report, reading: int, how: str, own: FoldedText | None
    ) -> MatchedSource:
        folded = FoldedText(content_of(report, reading))
        return MatchedSource(source, report, reading, how, folded, own)

    def _exported(self, source: QdaSource, own: FoldedText) -> MatchedSource | None:
        """The reading of a report that we exported under this GUID, if it has this text."""
        if self._by_guid is None:
            self._by_guid = {
                source_guid(text_key(report.key, number)): (report, number)
                for report in self.compared
                for number in {report.reading, *_older(report)}
            }
        if source.guid not in self._by_guid:
            return None
        report, number = self._by_guid[source.guid]
        match = self._match(source, report, number, "text", own)
        return match if match.folded.fingerprint == own.fingerprint else None

    def _with_text(self, fingerprint: str) -> list[Report]:
        if self._by_text is None:
            self._by_text = {}
            texts = ReportText.objects.filter(report__in=self.compared)
            reports = {report.pk: report for report in self.compared}
            for row in texts.defer("furniture", "running_lines").iterator(chunk_size=50):
                folded = FoldedText(row.content)
                self._by_text.setdefault(folded.fingerprint, []).append(reports[row.pk])
        return self._by_text.get(fingerprint, [])


def _older(report: Report) -> list[int]:
    return older_numbers(report) if report.reading > 1 else []
