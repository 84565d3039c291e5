"""PDF -> a report with pages, word boxes, paragraphs and headings.

Runs in the disposable child (documents/isolation): pdfium stops the whole process on some damaged
files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2

from waymark.core.errors import FileRefused
from waymark.documents.parsers.form_fields import DrawnFields, draw_fields, write_ticks
from waymark.documents.parsers.layout import columns
from waymark.documents.parsers.layout.furniture import running_lines
from waymark.documents.parsers.layout.lines import lines_of
from waymark.documents.parsers.layout.pdf_text import (
    PageLines,
    assemble_text,
    passages_of,
    title_of,
)
from waymark.documents.parsers.layout.pdf_words import (
    PageWords,
    TextLayer,
    shown_boxes,
    without_unseen,
    words_of,
)
from waymark.documents.parsers.page_hidden.hidden import UnseenWords, unseen_words
from waymark.documents.parsers.pdf_files import preflight
from waymark.documents.parsers.pdf_files.actual_text import (
    differing_replacements,
    set_replacements_aside,
)
from waymark.documents.parsers.pdf_files.off_page import OffPageText
from waymark.documents.parsers.pdf_files.opening import changed_copy, open_pdf
from waymark.documents.parsers.pdf_files.revisions import words_of_earlier_versions
from waymark.documents.parsers.scanned.recognised_words import (
    NoFonts,
    boxes_on_page,
    has_more_words,
    recognised_words,
    upright_size,
)
from waymark.documents.parsers.scanned.scans import is_pictured, is_scanned
from waymark.documents.parsers.scanned.unread import has_ink, is_garbled, is_unread
from waymark.documents.reading.heading_marks import mark_headings
from waymark.documents.reading.page_breaks import bring_halves_together, join_columns, join_halves
from waymark.documents.reading.recognised import LOW_CONFIDENCE, RecognisedPage
from waymark.documents.reading.segment import blocks_of, measure_type
from waymark.documents.reading.shown_words import ShownWords
from waymark.documents.reading.values import (
    ALTERNATE,
    ATTACHMENT,
    FROM_FILE,
    FROM_LAYER,
    FROM_POOR_SCAN,
    FROM_SCAN,
    ConcealedText,
    ReadingLimits,
    ReadReport,
    RunningLine,
    hidden_warnings,
)

MEDIA_TYPE = "application/pdf"
EXTRACTOR = "waymark-pdf/3"
PRINT = "Open it in Adobe Reader, print it to PDF and upload that"
FEWEST_CHARACTERS = 5  # for each page: with fewer, the words are stamps on a scan


def read_pdf(
    path: Path,
    file_name: str,
    limits: ReadingLimits,
    recognised: Mapping[int, RecognisedPage] | None = None,
) -> ReadReport:
    """Read a PDF. Raises FileRefused with what is wrong and what to do.

    recognised: pages, by number, whose words were recognised in their image.
    """
    checked = preflight.check_pdf(path, file_name, limits)
    if checked.only_in_reader:
        raise FileRefused(file_name, "is a form that only Adobe Reader shows (XFA)", PRINT)
    try:
        document, replaced = _open_as_painted(path, checked)
    except (pypdfium2.PdfiumError, pikepdf.PdfError) as error:
        raise FileRefused(
            file_name, "is damaged: its pages cannot be read", "Ask for another copy"
        ) from error
    try:
        _check_pages_open(document, file_name)
        document.init_forms()
        fields = draw_fields(document, checked.filled)
        unseen = unseen_words(document, fields.marks)
        pages = _read_pages(document, unseen, recognised or {}, may_be_scans=checked.large_images)
        if not any(page.words.tokens or page.unread for page in pages):
            _look_for_ink(document, pages, file_name, repaired=checked.repaired)
        stated = str(document.get_metadata_dict().get("Title") or "")
        whole = assemble_text(pages)
        shown_words = ShownWords([whole.text, *(" ".join(page.words.tokens) for page in pages)])
        hidden = (
            *(words.concealed for words in unseen),
            *words_of_earlier_versions(path, shown_words, limits),
            *_off_page_finds(document, [*replaced, *checked.off_page], shown_words),
        )
    finally:
        document.close()
    notes = *checked.warnings, *_field_warnings(fields), *_reading_warnings(pages)
    return ReadReport(
        MEDIA_TYPE,
        EXTRACTOR,
        title_of(whole, pages, stated),
        whole.text,
        tuple(whole.pages),
        tuple(passages_of(whole)),
        running_lines=tuple(_running_lines(pages)),
        hidden=hidden,
        warnings=(*hidden_warnings(hidden), *notes),
        unread=_numbers_of(pages, lambda page: page.unread),
    )


def _open_as_painted(path: Path, checked: preflight.CheckedPdf) -> tuple[Any, list[OffPageText]]:
    """The open document, read as its pages are painted, and the text that it gives out instead."""
    ticks = [write_ticks] if checked.ticks else []
    if checked.replaces:
        painted = changed_copy(path, *ticks, set_replacements_aside())
        replaced = list(differing_replacements(painted))
        painted.close()
        if replaced:
            pages = {words.page for words in replaced}
            return changed_copy(path, *ticks, set_replacements_aside(pages)), replaced
    return changed_copy(path, *ticks) if ticks else open_pdf(path), []


def _off_page_finds(
    document: Any, texts: list[OffPageText], shown_words: ShownWords
) -> Iterator[ConcealedText]:
    """The words outside the content of the pages that no page shows, each once."""
    for words in {(words.kind, words.text): words for words in reversed(texts)}.values():
        piece = words.kind == ALTERNATE and shown_words.include_piece(words.text)
        if words.kind == ATTACHMENT or not (piece or shown_words.include(words.text)):
            box = None
            if words.page and words.rect:
                left, bottom, right, top = words.rect
                corners = np.array([[left, top, right, bottom]], np.float32)
                x0, y0, x1, y1 = shown_boxes(corners, document[words.page - 1])[0].tolist()
                box = (x0, y0, x1, y1)
            yield words.as_find(box)


def _check_pages_open(document: Any, file_name: str) -> None:
    for number in range(len(document)):
        try:
            document[number].close()
        except pypdfium2.PdfiumError as error:
            raise FileRefused(
                file_name, f"is damaged: page {number + 1} cannot be read", "Ask for another copy"
            ) from error


def _read_pages(
    document: Any,
    unseen: list[UnseenWords],
    recognised: Mapping[int, RecognisedPage],
    *,
    may_be_scans: bool,
) -> list[PageLines]:
    """The words and lines of every page, furniture set apart, the rest in reading order."""
    left_out: dict[int, set[int]] = {}
    for hidden in unseen:
        left_out.setdefault(hidden.concealed.page - 1, set()).update(hidden.characters)
    pages: list[PageLines] = []
    for number in range(len(document)):
        page = document[number]
        with TextLayer(page) as layer:
            words = without_unseen(words_of(layer), left_out.get(number, set()))
            scan = recognised.get(number + 1)
            if scan is not None and _reads_more(scan, words):
                pages.append(_recognised_page(scan, page.get_size()))
            else:
                pages.append(_own_page(page, layer, words, may_be_scan=may_be_scans))
                pages[-1].unread &= scan is None
        page.close()
    # Before the reading order: a running header between two columns would seem to divide them. It
    # is known only when all pages are read, as a line that repeats.
    _set_furniture_apart(document, pages)
    for page in pages:
        page.lines = columns.reading_order(page.lines)
    usual = measure_type([page.lines for page in pages])
    for number, page in enumerate(pages):
        page.blocks = join_columns(blocks_of(page.lines, number, usual), usual)
    join_halves([page.blocks for page in pages], usual)
    mark_headings([block for page in pages for block in page.blocks], usual)
    for page in pages:
        page.blocks = bring_halves_together(page.blocks)
    _return_boxes_to_page(pages, recognised)
    return pages


def _return_boxes_to_page(pages: list[PageLines], recognised: Mapping[int, RecognisedPage]) -> None:
    """Turn the boxes of recognised words back from the straightened page to the page as it is."""
    for number, scan in recognised.items():
        page = pages[number - 1]
        if page.source in {FROM_SCAN, FROM_POOR_SCAN}:
            words = page.words
            size = words.width, words.height
            words.boxes = boxes_on_page(words.boxes, scan.angle, size, scan.turn)
            words.width, words.height = upright_size(scan.turn, size)


def _own_page(page: Any, layer: TextLayer, words: PageWords, *, may_be_scan: bool) -> PageLines:
    """A page with the words that the file itself has."""
    scanned = may_be_scan and bool(words.tokens) and is_scanned(page, layer)
    return PageLines(
        words,
        lines_of(words, layer),
        source=FROM_LAYER if scanned else FROM_FILE,
        unread=is_unread(page, words, may_be_scan=may_be_scan),
    )


def _reads_more(scan: RecognisedPage, words: PageWords) -> bool:
    """True if a page is better read in its image than by the words that the file itself has."""
    return scan.chosen or has_more_words(scan, words) or is_garbled(words.tokens)


def _recognised_page(scan: RecognisedPage, size: tuple[float, float]) -> PageLines:
    """A page with the words recognised in its image, on the straightened page."""
    words = recognised_words(scan, upright_size(scan.turn, size))
    source = FROM_POOR_SCAN if scan.confidence < LOW_CONFIDENCE else FROM_SCAN
    return PageLines(words, lines_of(words, NoFonts()), source=source)


def _set_furniture_apart(document: Any, pages: list[PageLines]) -> None:
    furniture = running_lines([page.lines for page in pages], [page.words.height for page in pages])
    if _is_all_text(document, pages, furniture):
        return
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


def _is_all_text(document: Any, pages: list[PageLines], furniture: set[tuple[int, int]]) -> bool:
    """True if lines that repeat are the text: pages alike but for a number, and no scans."""
    rest = sum(
        len(line.text)
        for number, page in enumerate(pages)
        for place, line in enumerate(page.lines)
        if (number, place) not in furniture
    )
    return rest < FEWEST_CHARACTERS * len(pages) and not any(map(is_pictured, document))


def _running_lines(pages: list[PageLines]) -> Iterator[RunningLine]:
    for number, page in enumerate(pages, start=1):
        for line in [*page.top, *page.bottom]:
            boxes = page.words.boxes[list(line.words)]
            (x0, y0), (x1, y1) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
            x0, y0, x1, y1 = (round(float(edge), 2) for edge in (x0, y0, x1, y1))
            yield RunningLine(number, line.text, (x0, y0, x1, y1))


def _look_for_ink(document: Any, pages: list[PageLines], file_name: str, *, repaired: bool) -> None:
    """Mark the pages of a file without words on which something is drawn as unread.

    Raises FileRefused if there is none.
    """
    for number, page in enumerate(pages):
        opened = document[number]
        page.unread = page.source == FROM_FILE and has_ink(opened)
        opened.close()
    if any(page.unread or page.source for page in pages):
        return
    if repaired:
        # Its pages were found again, but nothing that stood on them.
        raise FileRefused(file_name, "is damaged or cut short", "Ask for another copy")
    raise FileRefused(file_name, "has only empty pages", "Check that it is the right file")


def _field_warnings(fields: DrawnFields) -> Iterator[str]:
    if fields.words:
        count = sum(fields.words.values())
        yield (
            f"{count} word{'s come' if count > 1 else ' comes'} from form fields or notes typed on "
            f"the page ({_page_list([*fields.words])})"
        )


LAYER = "the words come from a text layer under a scanned image ({}): recognised words may be wrong"
POOR = (
    "low quality scan or a form ({}): many words may be wrong or missing, compare them with the "
    "page image"
)
PAGE_WARNINGS: tuple[tuple[str, Callable[[PageLines], bool]], ...] = (
    (LAYER, lambda page: page.source == FROM_LAYER),
    (
        "the words were recognised from a scan ({}): check quotations",
        lambda page: page.source in {FROM_SCAN, FROM_POOR_SCAN},
    ),
    (POOR, lambda page: page.source == FROM_POOR_SCAN),
    ("the text of scanned pages is not recognised ({})", lambda page: page.unread),
    ("no text on {}", lambda page: not page.words.tokens and not page.unread),
)
"""A warning with a place for the numbers of pages, and which pages it is about."""


def _reading_warnings(pages: list[PageLines]) -> Iterator[str]:
    for warning, concerns in PAGE_WARNINGS:
        if numbers := _numbers_of(pages, concerns):
            yield warning.format(_page_list(numbers))
    outside = sum(page.words.outside for page in pages)
    if outside:
        yield f"{outside} words are outside the visible page and were left out"


def _numbers_of(pages: list[PageLines], concerns: Callable[[PageLines], bool]) -> tuple[int, ...]:
    return tuple(number for number, page in enumerate(pages, start=1) if concerns(page))


def _page_list(numbers: Sequence[int]) -> str:
    if len(numbers) > 12:
        return f"{len(numbers)} pages"
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
