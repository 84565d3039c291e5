"""Text of a report as HTML: headings, lists, tables and notes, with marks and page numbers.

Written here and not in a template: a report of 300 pages has thousands of passages, for which a
template takes ten times as long. Every word of a report goes through escape().
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from waymark.core.spans import Span
from waymark.documents.reading.arrangement import (
    StretchGroup,
    TextStretch,
    marker_length,
    note_number,
)
from waymark.web.reader.highlighting import TextMarks
from waymark.web.shared.addresses import passage_address

NOTE_MARK = re.compile(r"\[(\d{1,3})\]")
CITED_BEGIN = '<span class="sr">Cited words begin: </span>'
CITED_END = '<span class="sr"> Cited words end.</span>'
CONTINUED = '<span class="sr">Continued from the previous page: </span>'


@dataclass(frozen=True, slots=True)
class PageBreak:
    """Start of a page in the text. html: what is shown there."""

    start: int
    html: str


@dataclass(slots=True)
class ReportWriter:
    """Writes the groups of one text as HTML, each once and in order.

    address_of: citation key -> address to cite the passage. breaks: in order; those within a
    paragraph are written in it. top: level of the outermost headings. notes: numbers of the notes
    that the text has, to which their marks link. stops: the Tab key stops at the link of every
    passage, else only at those of passages with marked words. passages: links written so far.
    """

    marks: TextMarks
    address_of: Callable[[str], str]
    breaks: Sequence[PageBreak] = ()
    top: int = 2
    notes: frozenset[str] = frozenset()
    stops: bool = True
    passages: int = 0
    _next_break: int = 0
    _in_note: bool = False
    _writers: dict[str, Callable[[StretchGroup], str]] = field(init=False)

    def __post_init__(self) -> None:
        self._writers = {"heading": self._heading, "list": self._list, "table": self._table}

    def group_html(self, group: StretchGroup) -> str:
        """HTML of one group."""
        self._in_note = group.kind == "note"
        return self._writers.get(group.kind, self._paragraph)(group)

    def breaks_before(self, position: int) -> str:
        """What is shown of the pages that begin at a position or before it, each page once."""
        first = self._next_break
        while self._next_break < len(self.breaks) and (
            self.breaks[self._next_break].start <= position
        ):
            self._next_break += 1
        return "".join(page.html for page in self.breaks[first : self._next_break])

    def _heading(self, group: StretchGroup) -> str:
        (stretch,) = group.stretches
        level = min(group.level + self.top - 1, 6)
        words = self._words(stretch, 0, len(stretch.text))
        return f'<h{level} class="heading" id="s-{stretch.start}">{words}</h{level}>\n'

    def _paragraph(self, group: StretchGroup) -> str:
        (stretch,) = group.stretches
        kind, attributes = group.kind, ""
        if group.kind == "note":
            number = note_number(stretch.text)
            attributes = f' id="note-{number}" role="note" aria-label="Note {number}"'
        elif not stretch.key:
            kind = "furniture"
        return f'<p class="{kind}"{attributes}>{self._passage(stretch)}</p>\n'

    def _list(self, group: StretchGroup) -> str:
        items = "".join(f"<li>{self._passage(item)}</li>\n" for item in group.stretches)
        return f'<ul class="items">\n{items}</ul>\n'

    def _table(self, group: StretchGroup) -> str:
        columns = max(map(len, group.cells))
        rows = "".join(
            self._row(row, cells, columns)
            for row, cells in zip(group.stretches, group.cells, strict=True)
        )
        return f'<div class="scroll"><table class="cells"><tbody>\n{rows}</tbody></table></div>\n'

    def _row(self, row: TextStretch, spans: Sequence[Span], columns: int) -> str:
        new_page = self.breaks_before(row.start)
        cells = [self._words(row, cell.start, cell.end) for cell in spans]
        cells[0] = new_page + cells[0]
        cells[-1] += self._pin(row)
        *others, last = cells
        spread = f' colspan="{columns - len(others)}"' if len(cells) < columns else ""
        before = "".join(f"<td>{cell}</td>" for cell in others)
        return f"<tr>{before}<td{spread}>{last}</td></tr>\n"

    def _passage(self, stretch: TextStretch) -> str:
        """Words of a stretch, the number or bullet they begin with set apart, and its link."""
        new_page, end = self.breaks_before(stretch.start), len(stretch.text)
        if stretch.continued:
            return new_page + CONTINUED + self._words(stretch, 0, end) + self._pin(stretch)
        length = marker_length(stretch.text)
        # The marker is written first: the pages that begin in the words come in reading order.
        marker = f'<span class="marker">{self._words(stretch, 0, length)}</span>' if length else ""
        return new_page + marker + self._words(stretch, length, end) + self._pin(stretch)

    def _pin(self, stretch: TextStretch) -> str:
        """The link to cite a passage; none for words outside passages."""
        if not stretch.key:
            return ""
        self.passages += 1
        end = stretch.start + len(stretch.text)
        marked = _touching(self.marks.targets, stretch.start, end) or _touching(
            self.marks.hits, stretch.start, end
        )
        skipped = "" if self.stops or marked else ' tabindex="-1"'
        return (
            f' <a class="pin no-print"{skipped} href="{escape(self.address_of(stretch.key))}">cite'
            f'<span class="sr"> passage {self.passages}</span></a>'
        )

    def _words(self, stretch: TextStretch, first: int, last: int) -> str:
        """Words first to last of a stretch, with the cited ones marked."""
        start, end = stretch.start + first, stretch.start + last
        written: list[str] = []
        for number in _touching(self.marks.targets, start, end):
            target = self.marks.targets[number]
            begin, stop = max(target.start, start), min(target.end, end)
            written += [self._found(stretch, start, begin), self.breaks_before(begin)]
            words = self._found(stretch, begin, stop)
            # A link to the cited words moves the focus there, so that speech begins with them.
            anchor = ' id="at" tabindex="-1"' if number == 0 and begin == target.start else ""
            opening = CITED_BEGIN if begin == target.start else ""
            closing = CITED_END if stop == target.end else ""
            written.append(
                f'<span class="cited"{anchor}>{opening}<mark class="target">{words}</mark>'
                f"{closing}</span>"
            )
            start = stop
        return "".join(written) + self._found(stretch, start, end)

    def _found(self, stretch: TextStretch, start: int, end: int) -> str:
        """Words from start to end in the report, with the searched ones marked."""
        written: list[str] = []
        for number in _touching(self.marks.hits, start, end):
            hit = self.marks.hits[number]
            begin, stop = max(hit.start, start), min(hit.end, end)
            written += [self._plain(stretch, start, begin), self.breaks_before(begin)]
            anchor = f' id="hit-{number + 1}" tabindex="-1"' if begin == hit.start else ""
            current = ' class="found now"' if number + 1 == self.marks.current else ' class="found"'
            written.append(f"<mark{current}{anchor}>{self._plain(stretch, begin, stop)}</mark>")
            start = stop
        return "".join(written) + self._plain(stretch, start, end)

    def _plain(self, stretch: TextStretch, start: int, end: int) -> str:
        """Words without marks, with the pages that begin in them."""
        written: list[str] = []
        while self._next_break < len(self.breaks) and (
            (page := self.breaks[self._next_break]).start < end
        ):
            written.append(self._text(stretch, start, max(page.start, start)))
            written.append(page.html)
            start = max(page.start, start)
            self._next_break += 1
        return "".join(written) + self._text(stretch, start, end)

    def _text(self, stretch: TextStretch, start: int, end: int) -> str:
        text = escape(stretch.text[start - stretch.start : end - stretch.start])
        if self._in_note or not self.notes or "[" not in text:
            return text
        return NOTE_MARK.sub(self._note_link, text)

    def _note_link(self, mark: re.Match[str]) -> str:
        if mark[1] not in self.notes:
            return mark[0]
        return f'<a class="note" href="#note-{mark[1]}">{mark[0]}</a>'


def cite_address(key: str) -> str:
    """Address that says how to cite a passage."""
    return f"{passage_address(key)}#cite"


def _touching(spans: Sequence[Span], start: int, end: int) -> range:
    """Numbers of the spans that overlap [start, end); they are in order and apart."""
    first = bisect_right(spans, start, key=lambda span: span.end)
    return range(first, max(first, bisect_left(spans, end, key=lambda span: span.start)))


def notes_in(groups: Iterable[StretchGroup]) -> frozenset[str]:
    """Numbers of the notes among groups."""
    return frozenset(
        note_number(group.stretches[0].text) for group in groups if group.kind == "note"
    )
