"""Read RIS, in the forms in which programs and people write it, so that each fault has its line.

A reference looks like this; a line without a tag continues the line above it:

    TY  - RPRT          begins a reference; its value is the type
    TI  - Title
    ER  -               ends the reference

Read too: tags with tabs or one space, without a space after the hyphen, indented as a whole, TY
after other tags, and references without an end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from waymark.documents.parsers.charset import decode_text
from waymark.library.exchange.readers.reference import (
    ReferenceFields,
    ReferenceForm,
    candidate_of,
    written_here,
)
from waymark.library.exchange.readers.result import LONGEST, ReadCollector, ReadResult
from waymark.library.exchange.record import ARTICLE

TAG = re.compile(r"([A-Z][A-Z0-9])(?:[ \t]{1,2}-(?:[ \t]+|$)|  -(?=\S))")
INDENTED = re.compile(r"\s*?^([ \t]+)[A-Z][A-Z0-9][ \t]{1,2}-", re.MULTILINE)
NO_END = "has no line ER  - : we took it to end where the next one begins, or the file ends"
SEVERAL = frozenset({"AU", "A1", "A2", "A3", "A4", "ED", "KW"})
"""Tags of which each line below is another value, as EndNote writes keywords."""
RIS = ReferenceForm(
    names={
        "type": ("TY",),
        "kind": ("M3",),
        "title": ("TI", "T1", "CT", "BT"),
        "short_title": ("ST",),
        "authors": ("AU", "A1"),
        "editors": ("A2", "ED", "A3", "A4"),
        "journal": ("JF", "JO", "SO", "JA", "J1", "J2"),
        "second_title": ("T2",),
        "series": ("T3",),
        "publisher": ("PB",),
        "place": ("CY", "PP"),
        "volume": ("VL",),
        "issue_or_number": ("IS",),
        "number": ("M1", "SE"),
        "first_page": ("SP",),
        "last_page": ("EP",),
        "edition": ("ET",),
        "dates": ("PY", "Y1", "DA"),
        "accessed": ("Y2",),
        "isbn_or_issn": ("SN",),
        "doi": ("DO",),
        "url": ("UR", "LK", "L2"),
        "abstract": ("AB", "N2"),
        "keywords": ("KW",),
        "language": ("LA",),
        "notes": ("N1",),
    },
    kinds={
        **dict.fromkeys(("jour", "ejour", "mgzn", "news", "inpr", "abst"), ARTICLE),
        **dict.fromkeys(("book", "ebook", "edbook", "whole"), "book"),
        **dict.fromkeys(("chap", "echap"), "book-chapter"),
        "thes": "thesis",
        **dict.fromkeys(("stat", "bill", "legal"), "legislation"),
        **dict.fromkeys(("elec", "web", "blog", "icomm"), "web-page"),
        "data": "statistics",
        **dict.fromkeys(("mpct", "video", "sound", "advs", "multi"), "recording"),
    },
    # The number of the reference in a program, and where the program found it.
    silent=frozenset({"ID", "ER", "DB", "DP", "C8"}),
    keyword_signs=r";|\n(?!\s)",
)


@dataclass(slots=True)
class _Lines:
    """The fields of one reference while its lines are read. start: of its first line, from 1."""

    start: int
    pairs: list[tuple[str, list[str]]] = field(default_factory=list)
    typed: bool = False

    def values(self) -> Iterator[tuple[str, str]]:
        """(tag, value) of each field; lines below a tag of SEVERAL stay lines."""
        return ((tag, "\n".join(lines)[:LONGEST]) for tag, lines in self.pairs)


def read_ris(content: bytes) -> ReadResult:
    """Read a RIS file."""
    gathered = ReadCollector()
    text, warnings = decode_text(content)
    gathered.notes += warnings
    literal = written_here(text)
    for lines, ended in _references(text, gathered):
        if gathered.full:
            break
        place = f"line {lines.start}"
        candidate = candidate_of(
            ReferenceFields(lines.values(), literal=literal), RIS, place, literal=literal
        )
        gathered.add(candidate if ended else candidate.with_note(NO_END))
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", "contains no references: each begins with a line TY  - RPRT")
    return gathered.result()


def _references(text: str, gathered: ReadCollector) -> Iterator[tuple[_Lines, bool]]:
    """(its lines, has it an end?) of each reference."""
    indent = match[1] if (match := INDENTED.match(text)) else ""
    reference: _Lines | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        raw = line.removeprefix(indent)
        match = TAG.match(raw)
        tag = match[1] if match else ""
        if match is None:
            _add_line(reference, raw, number, gathered)
        elif tag == "ER":
            if reference is not None and reference.typed:
                yield reference, True
            reference = None
        else:
            if tag == "TY" and reference is not None and reference.typed:
                yield reference, False
                reference = None
            reference = reference or _Lines(number)
            reference.typed = reference.typed or tag == "TY"
            reference.pairs.append((tag, [raw[match.end() :]]))
    if reference is not None and reference.typed:
        yield reference, False
    elif reference is not None:
        gathered.fault(f"line {reference.start}", "is outside a reference: it has no line TY  - ")


def _add_line(reference: _Lines | None, raw: str, number: int, gathered: ReadCollector) -> None:
    """Add a line without a tag to the field above it."""
    if reference is not None:
        tag, lines = reference.pairs[-1]
        if raw.strip() or tag not in SEVERAL:
            lines.append(raw)
    # Some programs number the references.
    elif raw.strip() and not raw.strip().rstrip(".").isdigit():
        gathered.fault(f"line {number}", f"is outside a reference: {raw[:60]!r}")
