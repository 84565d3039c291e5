"""PDF -> a report with pages, word boxes, paragraphs and headings.

Runs in the disposable child (documents/isolation): pdfium stops the whole process on some damaged
files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2

from waymark.core.errors import FileRefused
from waymark.documents.parsers import columns, preflight
from waymark.documents.parsers.furniture import running_lines
from waymark.documents.parsers.hidden import UnseenWords, unseen_words
from waymark.documents.parsers.lines import lines_of
from waymark.documents.parsers.pdf_text import PageLines, assemble_text, passages_of, title_of
from waymark.documents.parsers.pdf_words import TextLayer, without_unseen, words_of
from waymark.documents.parsers.scans import is_scanned
from waymark.documents.reading.heading_marks import mark_headings
from waymark.documents.reading.page_breaks import bring_halves_together, join_columns, join_halves
from waymark.documents.reading.segment import blocks_of, measure_type
from waymark.documents.reading.values import (
    ReadingLimits,
    ReadReport,
    RunningLine,
    hidden_warnings,
)

MEDIA_TYPE = "application/pdf"
EXTRACTOR = "waymark-pdf/3"
FEWEST_CHARACTERS = 5  # for each page: with fewer, the words are stamps on a scan


def read_pdf(path: Path, file_name: str, limits: ReadingLimits) -> ReadReport:
    """Read a PDF. Raises FileRefused with what is wrong and what to do."""
    checked = preflight.check_pdf(path, file_name, limits)
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise FileRefused(
            file_name, "is damaged: its pages cannot be read", "Ask for another copy"
        ) from error
    try:
        _check_pages_open(document, file_name)
        unseen = unseen_words(document)
        pages = _read_pages(document, unseen, may_be_scans=checked.large_images)
        stated = str(document.get_metadata_dict().get("Title") or "")
    finally:
        document.close()
    _refuse_without_text(pages, file_name)
    whole = assemble_text(pages)
    hidden = tuple(words.concealed for words in unseen)
    return ReadReport(
        media_type=MEDIA_TYPE,
        extractor=EXTRACTOR,
        title=title_of(whole, pages, stated),
        text=whole.text,
        pages=tuple(whole.pages),
        passages=tuple(passages_of(whole)),
        running_lines=tuple(_running_lines(pages)),
        hidden=hidden,
        warnings=(*hidden_warnings(hidden), *checked.warnings, *_reading_warnings(pages)),
    )


def _check_pages_open(document: Any, file_name: str) -> None:
    for number in range(len(document)):
        try:
            document[number].close()
        except pypdfium2.PdfiumError as error:
            raise FileRefused(
                file_name, f"is damaged: page {number + 1} cannot be read", "Ask for another copy"
            ) from error


def _read_pages(document: Any, unseen: list[UnseenWords], *, may_be_scans: bool) -> list[PageLines]:
    """The words and lines of every page, furniture set apart, the rest in reading order."""
    left_out: dict[int, set[int]] = {}
    for hidden in unseen:
        left_out.setdefault(hidden.concealed.page - 1, set()).update(hidden.characters)
    pages: list[PageLines] = []
    for number in range(len(document)):
        page = document[number]
        with TextLayer(page) as layer:
            words = without_unseen(words_of(layer), left_out.get(number, set()))
            scanned = may_be_scans and bool(words.tokens) and is_scanned(page, layer)
            lines = lines_of(words, layer)
            for line in lines:
                longest = max(line.words, key=words.lengths.__getitem__)
                line.size = layer.size(words.at[longest]) or line.height
                x0, _, x1, _ = words.boxes[line.words[0]].tolist()
                line.first_width = x1 - x0
                line.broken = bool(words.hyphen[line.words[-1]])
            pages.append(PageLines(words, lines, scanned=scanned))
        page.close()
    # Before the reading order: a running header between two columns would seem to divide them. It
    # is known only when all pages are read, as a line that repeats.
    _set_furniture_apart(pages)
    for page in pages:
        page.lines = columns.reading_order(page.lines)
    usual = measure_type([page.lines for page in pages])
    for number, page in enumerate(pages):
        page.blocks = join_columns(blocks_of(page.lines, number, usual), usual)
    join_halves([page.blocks for page in pages], usual)
    mark_headings([block for page in pages for block in page.blocks], usual)
    for page in pages:
        page.blocks = bring_halves_together(page.blocks)
    return pages


def _set_furniture_apart(pages: list[PageLines]) -> None:
    furniture = running_lines([page.lines for page in pages], [page.words.height for page in pages])
    for number, page in enumerate(pages):
        middle = page.words.height / 2
        lines, page.lines = page.lines, []
        for place, line in enumerate(lines):
            if (number, place) not in furniture:
                page.lines.append(line)
            elif line.y0 < middle:
                page.top.append(line)
            else:
                page.bottom.append(line)


def _running_lines(pages: list[PageLines]) -> Iterator[RunningLine]:
    for number, page in enumerate(pages, start=1):
        for line in [*page.top, *page.bottom]:
            boxes = page.words.boxes[list(line.words)]
            (x0, y0), (x1, y1) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
            x0, y0, x1, y1 = (round(float(edge), 2) for edge in (x0, y0, x1, y1))
            yield RunningLine(number, line.text, (x0, y0, x1, y1))


def _refuse_without_text(pages: list[PageLines], file_name: str) -> None:
    characters = sum(len(line.text) for page in pages for line in page.lines)
    if characters < FEWEST_CHARACTERS * len(pages):
        raise FileRefused(
            file_name,
            "has no text, only images of pages",
            "Run text recognition (OCR) on it and upload the result",
        )


def _reading_warnings(pages: list[PageLines]) -> Iterator[str]:
    scans = [number for number, page in enumerate(pages, start=1) if page.scanned]
    if scans:
        yield (
            f"the words come from a text layer under a scanned image ({_page_list(scans)}): "
            "recognised words may be wrong"
        )
    empty = [number for number, page in enumerate(pages, start=1) if not page.words.tokens]
    if empty:
        yield f"no text on {_page_list(empty)}"
    outside = sum(page.words.outside for page in pages)
    if outside:
        yield f"{outside} words are outside the visible page and were left out"


def _page_list(numbers: list[int]) -> str:
    if len(numbers) > 12:
        return f"{len(numbers)} pages"
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
