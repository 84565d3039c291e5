"""Checks of a PDF before pdfium opens it, done with pikepdf (qpdf) in the child.

pdfium aborts its process, rather than raise an error, on streams that grow without bound; a file of
4 KB can do it. So the streams are inflated here first, a step at a time, and nothing is kept.
"""

# Example: 132,000 bytes of Flate data can grow to at most 132,000 * 1,032 bytes = 130 MiB, more
# than the limit of 128 MiB, so they are inflated and counted. A stream of 100,000 bytes cannot
# exceed the limit and is not measured. Flate within Flate is always measured: 1,032 * 1,032 times
# is too much.

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf

from waymark.core.errors import FileRefused
from waymark.documents.parsers.form_fields import is_tick_box
from waymark.documents.parsers.pdf_files.actual_text import has_actual_text
from waymark.documents.parsers.pdf_files.drawn_objects import DrawnObjects, EndlessDrawing
from waymark.documents.parsers.pdf_files.off_page import (
    OffPageText,
    names_of_destinations,
    words_of_object,
    words_of_properties,
)
from waymark.documents.reading.values import ACTIVE_CONTENT, ATTACHMENT, MIB, ReadingLimits

LARGEST_SIDE = 14_400.0  # points: 200 inches, the largest page PDF allows
LONGEST_CHAIN = 4
MOST_INFLATED = 2  # filters of one stream that may inflate, one within the other
MOST_PIXELS = 179_000_000  # of grey or colour, of an image that a page draws
MOST_DOTS = 8 * MOST_PIXELS  # of black or white, as in the scan of a map
PAGE_PIXELS = 200_000  # fewer cannot be the scan of a page
MOST_DRAWN = 250_000  # times that a page or a form may draw forms, all levels together
STEP = MIB
DEFLATE_RATIO = 1_032  # the most that one byte of Flate data can grow to
INFLATING = frozenset({"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"})
FLATE = frozenset({"/FlateDecode", "/Fl"})
ASCII = frozenset({"/ASCII85Decode", "/A85", "/ASCIIHexDecode", "/AHx"})
ACTIVE = {
    b"JS": "JavaScript",
    b"JavaScript": "JavaScript",
    b"Launch": "a command that starts programs",
    b"EmbeddedFile": "attached files",
    b"EmbeddedFiles": "attached files",
    b"RichMedia": "rich media",
    b"XFA": "an XFA form",
    b"SubmitForm": "a form that sends data",
    b"ImportData": "a form that reads data",
}
ACTIVE_NAME = re.compile(rb"/(%s)(?![\w.-])" % b"|".join(ACTIVE))
HOSTILE = "Ask for another copy: this file may be malicious, or is badly damaged"
LOCKED = "Save a copy without the password and upload that"
SMALLER = "Save a copy with smaller images and upload that"
OPEN_WORDS = re.compile(rb"/St[mr]F\s*/Identity\b")
TYPED = frozenset({"/Widget", "/FreeText", "/Stamp"})
ENCRYPTION = re.compile(rb"/Encrypt(?=\s*(?:\d|<<))")
PAGES_STATED = re.compile(
    rb"/Type\s*/Pages\b[^>]{,40}/Count\s+(\d{1,6})|/Count\s+(\d{1,6})[^>]{,40}/Type\s*/Pages\b"
)
"""Number of pages in a branch of the page tree, as the file states it."""
DAMAGED = "Ask for another copy"


class _PdfFault(Exception):
    """The message says what is wrong with the file."""

    def __init__(self, message: str, remedy: str = HOSTILE) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(slots=True)
class CheckedPdf:
    """A PDF that may be read. active: kinds of active content; large_images: it may be a scan.

    oversized: numbers of the images over the limit, which nobody minds unless a page draws them.
    off_page: words outside the content of the pages. page_of: number of an object -> its page.
    filled: pages with form fields or typed notes; ticks: some of them are check boxes.
    replaces: some content gives out other text than it paints. only_in_reader: a form that is not
    on its pages. repaired: qpdf found damage, so that words or pages may be missing.
    """

    warnings: list[str] = field(default_factory=list)
    active: set[str] = field(default_factory=set)
    large_images: bool = False
    forms: list[Any] = field(default_factory=list)
    oversized: set[tuple[int, int]] = field(default_factory=set)
    off_page: list[OffPageText] = field(default_factory=list)
    page_of: dict[tuple[int, int], int] = field(default_factory=dict)
    filled: set[int] = field(default_factory=set)
    ticks: bool = False
    replaces: bool = False
    only_in_reader: bool = False
    repaired: bool = False


def check_pdf(source: Path | io.BytesIO, file_name: str, limits: ReadingLimits) -> CheckedPdf:
    """Check a PDF; returns its warnings. Raises FileRefused if it must not be read."""
    try:
        with open_with_qpdf(source) as pdf:
            checked = CheckedPdf(repaired=bool(pdf.get_warnings()))
            _check_for_lost_pages(source, pdf, checked)
            _check_pages(pdf, file_name, limits, checked)
            _check_objects(pdf, limits, checked)
            _check_drawing(pdf, checked)
            checked.replaces = any(map(has_actual_text, [*checked.forms, *_page_streams(pdf)]))
            checked.only_in_reader = pdf.Root.get("/NeedsRendering") is True
            checked.off_page += [*words_of_properties(pdf), *names_of_destinations(pdf)]
            # qpdf hands out each warning once, and damage of a stream is only found in reading it.
            checked.repaired |= bool(pdf.get_warnings())
            checked.warnings += _pdf_warnings(pdf, checked)
            return checked
    except pikepdf.PasswordError as error:
        raise FileRefused(file_name, "is locked with a password", LOCKED) from error
    except _PdfFault as fault:
        raise FileRefused(file_name, str(fault), fault.remedy) from fault
    except EndlessDrawing as fault:
        raise FileRefused(file_name, "draws a form within itself", HOSTILE) from fault
    except RecursionError as error:
        raise FileRefused(file_name, "nests its parts too deeply", HOSTILE) from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError) as error:
        if "encryption" in str(error):
            raise FileRefused(
                file_name, "is encrypted in a way that Waymark cannot read", LOCKED
            ) from error
        # pikepdf raises the last four for objects that are not of the type that PDF requires.
        raise FileRefused(file_name, "is damaged or cut short", DAMAGED) from error


def open_with_qpdf(source: Path | io.BytesIO) -> Any:
    """Open a PDF with qpdf, also if only its attachments need a password. Raises PdfError."""
    try:
        return pikepdf.open(source, suppress_warnings=True)
    except pikepdf.PasswordError:
        content = _content_of(source)
        if len(OPEN_WORDS.findall(content)) < 2:
            raise
        # Streams and strings are in clear: without the mark of encryption qpdf reads them.
        return pikepdf.open(
            io.BytesIO(ENCRYPTION.sub(b"/NoCrypt", content)), suppress_warnings=True
        )


def _content_of(source: Path | io.BytesIO) -> bytes:
    return source.read_bytes() if isinstance(source, Path) else source.getvalue()


def _check_for_lost_pages(source: Path | io.BytesIO, pdf: Any, checked: CheckedPdf) -> None:
    """Refuse a damaged file that states more pages than qpdf could find again."""
    if not checked.repaired:
        return
    content = _content_of(source)
    if content.count(b"startxref") > 1:
        return  # an edited file: an earlier version of it may have had more pages
    stated = max((int(one or other) for one, other in PAGES_STATED.findall(content)), default=0)
    lost = stated - len(pdf.pages)
    if lost > 0:
        are = "is" if lost == 1 else "are"
        raise _PdfFault(f"is cut short: {lost:,} of its {stated:,} pages {are} missing", DAMAGED)


def _check_pages(pdf: Any, file_name: str, limits: ReadingLimits, checked: CheckedPdf) -> None:
    count = len(pdf.pages)
    if count == 0:
        raise FileRefused(file_name, "is damaged: it has no pages", DAMAGED)
    if count > limits.pages:
        raise FileRefused(
            file_name,
            f"has {count:,} pages; the limit is {limits.pages:,}",
            "Split it, or raise WAYMARK_MAX_PAGES",
        )
    for number, page in enumerate(pdf.pages, start=1):
        if max(_page_sides(page)) > LARGEST_SIDE:
            raise _PdfFault(f"has a page ({number}) that is larger than 200 inches")
        checked.page_of[page.obj.objgen] = number
        notes = page.obj.get("/Annots", [])
        checked.page_of[getattr(notes, "objgen", (0, 0))] = number
        for note in list(notes):
            checked.page_of[note.objgen] = number
            if isinstance(note, pikepdf.Dictionary) and str(note.get("/Subtype")) in TYPED:
                checked.filled.add(number)
                checked.ticks |= is_tick_box(note)


def _page_streams(pdf: Any) -> Iterator[Any]:
    for page in pdf.pages:
        contents = page.obj.get("/Contents")
        parts = contents if isinstance(contents, pikepdf.Array) else [contents]
        yield from (part for part in parts if isinstance(part, pikepdf.Stream))


def _page_sides(page: Any) -> tuple[float, float]:
    """Width and height; 0 where the page states no size, so that readers take a usual one."""
    try:
        left, bottom, right, top = (float(side) for side in page.mediabox)
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0.0, 0.0
    return abs(right - left), abs(top - bottom)


def _check_objects(pdf: Any, limits: ReadingLimits, checked: CheckedPdf) -> None:
    """Check the size of every stream, and collect words, forms and images over the limit."""
    total = 0
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
            continue
        # An array may have dictionaries in it that are no objects of their own.
        dictionary = item.stream_dict if isinstance(item, pikepdf.Stream) else item
        # Written out, an object includes the objects within it.
        written = dictionary.unparse(resolved=True)
        checked.active |= {ACTIVE[name] for name in ACTIVE_NAME.findall(written)}
        checked.off_page += words_of_object(item, written, checked.page_of.get(item.objgen, 0))
        if isinstance(item, pikepdf.Stream):
            keys = item.keys()
            pixels = image_pixels(item)
            checked.large_images |= pixels >= PAGE_PIXELS
            if pixels > MOST_PIXELS:
                checked.oversized.add(item.objgen)
            total += _check_stream(item, keys, limits)
            if str(item.get("/Subtype")) == "/Form":
                checked.forms.append(item)
    if total > 8 * limits.inflated:
        raise _PdfFault(f"grows to more than {8 * limits.inflated // MIB:,} MiB when unpacked")


def _check_drawing(pdf: Any, checked: CheckedPdf) -> None:
    """Check how often forms are drawn, and the size of the images that are drawn."""
    drawn = DrawnObjects()
    # Annotations and patterns draw forms too, so each form is checked, drawn by a page or not.
    if any(drawn.forms_drawn_by(form) > MOST_DRAWN for form in checked.forms) or (
        checked.forms and any(drawn.forms_drawn_by_page(page) > MOST_DRAWN for page in pdf.pages)
    ):
        raise _PdfFault("draws forms within forms without bound")
    for number, page in enumerate(pdf.pages if checked.oversized else (), start=1):
        for image in drawn.images_of(page):
            if image_pixels(image) > (MOST_DOTS if _has_one_bit(image) else MOST_PIXELS):
                raise _PdfFault(
                    f"has an image of {image_pixels(image):,} pixels on page {number}; "
                    f"the limit is {MOST_PIXELS:,}",
                    SMALLER,
                )


def image_pixels(stream: Any) -> int:
    """Pixels of an image, 0 for any other stream."""
    return max(0, _whole_number(stream, "/Width") * _whole_number(stream, "/Height"))


def _has_one_bit(image: Any) -> bool:
    return _whole_number(image, "/BitsPerComponent") == 1 or image.get("/ImageMask") is True


def _whole_number(stream: Any, key: str) -> int:
    value = stream.get(key)
    return value if isinstance(value, int) else 0


def _image_bytes(stream: Any) -> int:
    """The most bytes that an image can need when unpacked, 0 for any other stream."""
    bits = 1 if _has_one_bit(stream) else max(8, _whole_number(stream, "/BitsPerComponent"))
    # Four colours, or three and a filter's mark at the start of each row.
    return image_pixels(stream) * 4 * bits // 8


def _check_stream(stream: Any, keys: set[str], limits: ReadingLimits) -> int:
    """Bytes that a stream inflates to, if it can exceed the limit; else 0. Raises _PdfFault.

    An image may be as large as its sides say, and is not counted: pages are drawn one at a time.
    """
    if "/Filter" not in keys:
        return 0
    filters = _filter_names(stream)
    inflating = [name for name in filters if name in INFLATING]
    if len(filters) > LONGEST_CHAIN or len(inflating) > MOST_INFLATED:
        raise _PdfFault(f"compresses one part {len(filters)} times over")
    if not inflating:
        return 0
    raw = stream.read_raw_bytes()
    # Deflate makes data at most about 1,032 times smaller. 1 MiB raw can thus become no more than
    # about 1 GiB: if that is within the limit, there is no need to inflate it to know.
    declared = _image_bytes(stream) if len(inflating) == 1 else 0
    limit = max(limits.inflated, min(declared, 4 * MOST_PIXELS))
    if len(inflating) == 1 and len(raw) * DEFLATE_RATIO <= limit:
        return 0
    if any(name in FLATE for name in filters):
        try:
            size = _inflated_size(_without_ascii(raw, filters), filters, limit)
        except _PdfFault as fault:
            # Of an image as large as it says, "may be malicious" would be wrong.
            raise _PdfFault(str(fault), SMALLER if declared > limit else HOSTILE) from fault
        return size if size > declared else 0
    return 0


def _without_ascii(raw: bytes, filters: list[str]) -> bytes:
    """The bytes after the leading filters that only write them as text; removes these filters."""
    while filters and filters[0] in ASCII:
        with pikepdf.new() as scratch:
            raw = scratch.make_stream(raw, Filter=pikepdf.Name(filters.pop(0))).read_bytes()
    return raw


def _filter_names(stream: Any) -> list[str]:
    names = stream.get("/Filter")
    if isinstance(names, pikepdf.Array):
        return [str(name) for name in names]
    return [str(names)]


def _inflated_size(raw: bytes, filters: list[str], limit: int) -> int:
    """Bytes after the leading Flate filters. Raises _PdfFault above limit; damage ends it."""
    chain = [zlib.decompressobj() for name in filters if name in FLATE]
    if not filters or filters[0] not in FLATE:
        return 0
    size = 0
    for step in _inflated_steps(iter([raw]), chain[0]):
        size += len(step)
        if size > limit:
            raise _PdfFault(
                f"has a part that grows to more than {limit // MIB:,} MiB when unpacked"
            )
        if len(chain) > 1:
            size += sum(len(inner) for inner in _bounded_steps(step, chain[1], limit))
    return size


def _inflated_steps(source: Iterator[bytes], inflater: Any) -> Iterator[bytes]:
    """The inflated source, in steps of at most STEP bytes; damaged data ends it."""
    for data in source:
        rest = data
        while rest and not inflater.eof:
            try:
                step = inflater.decompress(rest, STEP)
            except zlib.error:
                return
            yield step
            rest = inflater.unconsumed_tail


def _bounded_steps(data: bytes, inflater: Any, limit: int) -> Iterator[bytes]:
    size = 0
    for step in _inflated_steps(iter([data]), inflater):
        size += len(step)
        if size > limit:
            raise _PdfFault(
                f"has a part that grows to more than {limit // MIB:,} MiB when unpacked"
            )
        yield step


def _pdf_warnings(pdf: Any, checked: CheckedPdf) -> Iterator[str]:
    files = sum(words.kind == ATTACHMENT for words in dict.fromkeys(checked.off_page))
    if files:
        name = "the file is a portfolio: the" if "/Collection" in pdf.Root else "the"
        yield f"{name} files attached to it ({files}) are not read: upload them separately"
    if "an XFA form" in checked.active:
        yield "it has an XFA form: compare its fields with what Adobe Reader shows"
    if checked.active:
        yield f"{ACTIVE_CONTENT}: {', '.join(sorted(checked.active))}"
    if pdf.is_encrypted and not pdf.allow.extract:
        yield "its author does not allow copying of the text; check that you may use it"
    if checked.repaired:
        yield (
            "the file is damaged and was repaired: words or pages may be missing, compare it with "
            "the printed report"
        )
