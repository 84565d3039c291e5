"""Earlier versions of a PDF that are still in its file (no Django).

Many editors append what changed and leave all that was there before. A name that was removed so can
be read by whoever cuts the file off where the earlier version ends.
"""

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2

from waymark.core.errors import FileRefused
from waymark.documents.parsers.pdf_files.preflight import check_pdf
from waymark.documents.reading.shown_words import ShownWords
from waymark.documents.reading.values import REVISION, ConcealedText, ReadingLimits

# A version ends with the place of its table of objects. A file made for the web has a second such
# end near its start, with the place 0.
END = re.compile(rb"startxref\s+0*([1-9]\d*)\s+%%EOF[\r\n]{0,2}")
OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
MOST_VERSIONS = 8
LONGEST = 2_000  # characters of the lines of one page
CAUSE = "an earlier version of the file, which is still in it, shows it"


def words_of_earlier_versions(
    path: Path, shown_words: ShownWords, limits: ReadingLimits
) -> Iterator[ConcealedText]:
    """The lines of earlier versions with words that the pages do not show now, the newest first."""
    listed: set[tuple[int, str]] = set()
    for content in _earlier_versions(path.read_bytes()):
        for page, text in _lines_of_version(content, shown_words, limits):
            if (page, text) not in listed:
                listed.add((page, text))
                yield ConcealedText(page, text, CAUSE, REVISION)


def _earlier_versions(content: bytes) -> Iterator[bytes]:
    ends = [match.end() for match in END.finditer(content)]
    # Without a new object a version shows what the one before it shows: Word writes two tables.
    changed = [end for end, following in pairwise(ends) if OBJECT.search(content, end, following)]
    for end in reversed(changed[-MOST_VERSIONS:]):
        yield content[:end]


def _lines_of_version(
    content: bytes, shown_words: ShownWords, limits: ReadingLimits
) -> Iterator[tuple[int, str]]:
    try:
        check_pdf(io.BytesIO(content), "an earlier version", limits)
        document = pypdfium2.PdfDocument(content)
    except (FileRefused, pypdfium2.PdfiumError):
        return  # not a version that any reader would open
    try:
        for number in range(len(document)):
            lines = _text_of_page(document, number).splitlines()
            text = " ".join(line for line in lines if not shown_words.include(line))
            if any(map(str.isalnum, text)):
                yield number + 1, " ".join(text.split())[:LONGEST]
    finally:
        document.close()


def _text_of_page(document: Any, number: int) -> str:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return ""
    layer = page.get_textpage()
    text = str(layer.get_text_range()).replace("\ufffe", "")
    layer.close()
    page.close()
    return text
