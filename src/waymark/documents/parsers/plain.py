"""Plain text -> a report: blank lines part paragraphs; lines of a fixed width are joined again."""

# Example: "The panel met nine times between March and\nJuly." is one paragraph, because the first
# line is 42 characters long and so was broken to a width; "Panel members:\nChair" stays two lines.

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from waymark.core.errors import FileRefused
from waymark.documents.parsers.charset import decode_text
from waymark.documents.parsers.flow import (
    FlowPiece,
    bounded_pieces,
    check_length,
    flowing_report,
    tidy_text,
)
from waymark.documents.parsers.layout.lines import MARKER
from waymark.documents.parsers.sniff import UNKNOWN
from waymark.documents.reading.segment import PARAGRAPH_NUMBER
from waymark.documents.reading.values import ReadingLimits, ReadReport

MEDIA_TYPE = "text/plain"
EXTRACTOR = "waymark-plain/2"
WIDEST = 100  # characters of a line that may have been broken to a fixed width
NARROWEST = 40
LONGEST_HEADING = 100
BINARY = re.compile("[\x00-\x08\x0e-\x1f]")


def read_plain(path: Path, file_name: str, limits: ReadingLimits, encoding: str = "") -> ReadReport:
    """Read a text file; it has no hidden parts to check. Raises FileRefused."""
    text, warnings = decode_text(path.read_bytes(), file_name, chosen=encoding)
    if len(BINARY.findall(text)) > len(text) / 50:
        raise FileRefused(file_name, *UNKNOWN)
    check_length(text, file_name, limits)
    return flowing_report(
        bounded_pieces(pieces_of(text), file_name, limits),
        file_name=file_name,
        media_type=MEDIA_TYPE,
        extractor=EXTRACTOR,
        warnings=warnings,
    )


def pieces_of(content: str) -> Iterator[FlowPiece]:
    """The paragraphs, items and headings of a text."""
    # A form feed begins a page: of the next paragraph too, unless a sentence goes on.
    first, *pages = content.split("\f")
    parts = [first]
    for page in pages:
        if page.lstrip()[:1].islower():
            parts[-1] = parts[-1].rstrip()
            parts += ["\n", page.lstrip()]
        else:
            parts += ["\n\n", page]
    text = "".join(parts).strip("\n")
    blocks = [block.split("\n") for block in re.split(r"\n(?:[ \t]*\n)+", text)]
    for lines in blocks:
        for paragraph in _paragraphs_of([line for line in lines if line.strip()]):
            text = tidy_text(paragraph)
            if text:
                yield _piece_of_text(text)


def _paragraphs_of(lines: list[str]) -> Iterator[str]:
    """The lines of a block, joined if they were broken to a width."""
    if not lines:
        return
    parts = [lines[0]]
    for before, line in pairwise(lines):
        if _was_broken(before, line):
            parts.append(line)
        else:
            yield " ".join(parts)
            parts = [line]
    yield " ".join(parts)


def _was_broken(before: str, line: str) -> bool:
    """True if line continues the sentence that before broke off at a fixed width."""
    first = line.split(maxsplit=1)[0]
    if MARKER.fullmatch(first):
        return False
    # A line of 40 to 100 characters was probably broken to a width; a shorter one ends on purpose,
    # unless the next begins with a small letter.
    length = len(before.rstrip())
    return length <= WIDEST and (length >= NARROWEST or line.strip()[:1].islower())


def _piece_of_text(text: str) -> FlowPiece:
    first, _, rest = text.partition(" ")
    # "## Findings" is a heading of level 2; "#hashtag" has no space, and "####### x" has too many.
    if text.startswith("#") and rest and set(first) == {"#"} and len(first) <= 6:
        return FlowPiece(rest.strip("# "), "heading", len(first))
    if text.isupper() and len(text) <= LONGEST_HEADING and any(map(str.isalpha, text)):
        return FlowPiece(text, "heading", 2)
    # "1. Speak to the child" is an item; "1.2 Background" is a numbered heading or paragraph.
    if rest and MARKER.fullmatch(first) and not PARAGRAPH_NUMBER.match(first):
        return FlowPiece(text, "item")
    return FlowPiece(text)
