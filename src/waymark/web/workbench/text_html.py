"""Text of one part of a report as HTML for coding: positions, coded words, stripes in the margin.

Written here and not in a template, as the reader does: an act of a coder answers with the parts it
changed. Every word of a report and of a coder goes through escape().

An element with data-s contains the words of the report from that position on and nothing else, so
a browser finds the position of any word by counting code points.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from urllib.parse import urlencode

from waymark.coding.models import Coding
from waymark.core.spans import Span
from waymark.documents.reading.arrangement import StretchGroup, TextStretch

TONES = 6
HAS_MEMO = '<span class="has-memo" aria-hidden="true">✎</span><span class="sr">, with a memo</span>'
FIRST_WORDS = 60
"""Characters of a passage in the name of its link."""


def place_name(coding: Coding) -> str:
    """Name of a coding at its desk: its words and its code, as "12-40:prac.early"."""
    return f"{coding.start}-{coding.end}:{coding.code.code}"


def tone_of(coding: Coding) -> int:
    """Number of the colour of a code, the same everywhere in its framework."""
    return coding.code.order % TONES


@dataclass(slots=True)
class CodedTextWriter:
    """Writes the groups of one part. codings: that touch it, in reading order.

    address: of the workbench at this part. veiled: tells if a passage is hidden until it is shown.
    chosen: place_name() of the coding that is open in the panel.
    """

    codings: Sequence[Coding]
    address: str
    veiled: Callable[[str], bool]
    chosen: str = ""
    top: int = 3
    _writers: Mapping[str, Callable[[StretchGroup], str]] = field(init=False)

    def __post_init__(self) -> None:
        self._writers = {"heading": self._heading, "list": self._list, "table": self._table}

    def html(self, groups: Iterable[StretchGroup]) -> str:
        """HTML of all groups."""
        return "".join(self._writers.get(group.kind, self._paragraph)(group) for group in groups)

    def _heading(self, group: StretchGroup) -> str:
        (stretch,) = group.stretches
        level = min(group.level + self.top - 1, 6)
        words = (
            f'<h{level} class="heading" data-s="{stretch.start}">{self._words(stretch)}</h{level}>'
        )
        return self._block(stretch, words)

    def _paragraph(self, group: StretchGroup) -> str:
        (stretch,) = group.stretches
        kind = group.kind if stretch.key else "furniture"
        words = f'<p class="{kind}" data-s="{stretch.start}">{self._words(stretch)}</p>'
        return self._veil([stretch], self._block(stretch, words))

    def _list(self, group: StretchGroup) -> str:
        items = "".join(
            "<li>"
            + self._veil(
                [item],
                self._block(item, f'<p data-s="{item.start}">{self._words(item)}</p>'),
            )
            + "</li>\n"
            for item in group.stretches
        )
        return f'<ul class="items">\n{items}</ul>\n'

    def _table(self, group: StretchGroup) -> str:
        columns = max(map(len, group.cells))
        rows = "".join(
            self._row(row, cells, columns)
            for row, cells in zip(group.stretches, group.cells, strict=True)
        )
        table = f'<div class="scroll"><table class="cells"><tbody>\n{rows}</tbody></table></div>\n'
        return self._veil(group.stretches, table)

    def _row(self, row: TextStretch, spans: Sequence[Span], columns: int) -> str:
        cells = "".join(
            f'<td><span data-s="{row.start + cell.start}">'
            f"{self._words(row, cell.start, cell.end)}</span></td>"
            for cell in spans
        )
        empty = "<td></td>" * (columns - len(spans))
        return f"<tr>{cells}{empty}<td>{self._beside(row)}</td></tr>\n"

    def _block(self, stretch: TextStretch, words: str) -> str:
        return f'<div class="coded">{words}{self._beside(stretch)}</div>\n'

    def _veil(self, stretches: Sequence[TextStretch], html: str) -> str:
        if not any(self.veiled(stretch.text) for stretch in stretches):
            return html
        return (
            '<details class="veil"><summary>Hidden passage: it may be distressing.'
            f" <span>Show it</span></summary>{html}</details>\n"
        )

    # ---- beside the words ----

    def _beside(self, stretch: TextStretch) -> str:
        """Link to choose a passage, and its codings."""
        here = self._touching(stretch.start, stretch.end)
        stripes = "".join(self._stripe(coding, stretch) for coding in here)
        listed = (
            f'<ul class="stripes" aria-label="Codings of this passage">{stripes}</ul>'
            if here
            else ""
        )
        if not stretch.key:
            return listed
        query = urlencode({"from": stretch.start, "to": stretch.end})
        first = stretch.text[:FIRST_WORDS]
        return (
            f'<a class="pick no-print" href="{escape(self.address)}&amp;{escape(query)}#chosen"'
            f' data-from="{stretch.start}" data-to="{stretch.end}">Choose'
            f'<span class="sr"> the passage: {escape(first)}</span></a>{listed}'
        )

    def _stripe(self, coding: Coding, stretch: TextStretch) -> str:
        name = place_name(coding)
        query = urlencode({"coding": name})
        data = {
            "coding": name,
            "code": coding.code.code,
            "from": coding.start,
            "to": coding.end,
            "memo": coding.memo,
            "qualifiers": json.dumps(coding.qualifiers),
        }
        written = "".join(f' data-{key}="{escape(str(value))}"' for key, value in data.items())
        current = ' aria-current="true"' if name == self.chosen else ""
        goes_on = coding.start < stretch.start
        about = f": {escape(coding.exact[:FIRST_WORDS])}"
        return (
            f'<li class="stripe tone-{tone_of(coding)}{" on" if goes_on else ""}"><a'
            f' href="{escape(self.address)}&amp;{escape(query)}#coding"{written}{current}>'
            f"{escape(coding.code.name)}{HAS_MEMO if coding.memo else ''}"
            f'<span class="sr">{", continued" if goes_on else about}</span></a></li>'
        )

    # ---- the words ----

    def _words(self, stretch: TextStretch, first: int = 0, last: int | None = None) -> str:
        """Words of a stretch, with the coded ones marked by how many codes they have."""
        start = stretch.start + first
        end = stretch.end if last is None else stretch.start + last
        here = self._touching(start, end)
        # Example: codings of [0, 9) and [5, 12) cut the words [0, 20) at 5, 9 and 12.
        cuts = sorted(
            {start, end}
            | {max(coding.start, start) for coding in here}
            | {min(coding.end, end) for coding in here}
        )
        written = []
        for begin, stop in pairwise(cuts):
            text = escape(stretch.text[begin - stretch.start : stop - stretch.start], quote=False)
            on = [coding for coding in here if coding.start < stop and begin < coding.end]
            if on:
                chosen = " open" if any(place_name(coding) == self.chosen for coding in on) else ""
                text = f'<mark class="code code-{min(len(on), 3)}{chosen}">{text}</mark>'
            written.append(text)
        return "".join(written)

    def _touching(self, start: int, end: int) -> list[Coding]:
        return [coding for coding in self.codings if coding.start < end and start < coding.end]
