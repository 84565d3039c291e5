"""Checks of a PDF before pdfium opens it, done with pikepdf (qpdf) in the child.

pdfium aborts its process, rather than raise an error, on streams that grow without bound; a file of
4 KB can do it. So the streams are inflated here first, a step at a time, and nothing is kept.
"""

# Example: 132,000 bytes of Flate data can grow to at most 132,000 * 1,032 bytes = 130 MiB, more
# than the limit of 128 MiB, so they are inflated and counted. A stream of 100,000 bytes cannot
# exceed the limit and is not measured. Flate within Flate is always measured: 1,032 * 1,032 times
# is too much.

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf

from waymark.core.errors import FileRefused
from waymark.documents.reading.values import MIB, ReadingLimits

LARGEST_SIDE = 14_400.0  # points: 200 inches, the largest page PDF allows
LONGEST_CHAIN = 4
MOST_INFLATED = 2  # filters of one stream that may inflate, one within the other
MOST_PIXELS = 179_000_000
PAGE_PIXELS = 200_000  # fewer cannot be the scan of a page
MOST_DRAWN = 100_000  # times that forms nested in forms may be drawn
STEP = MIB
DEFLATE_RATIO = 1_032  # the most that one byte of Flate data can grow to
INFLATING = frozenset({"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"})
FLATE = frozenset({"/FlateDecode", "/Fl"})
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
DAMAGED = "Ask for another copy"


class _PdfFault(Exception):
    """The message says what is wrong with the file; the remedy is HOSTILE."""


@dataclass(slots=True)
class CheckedPdf:
    """A PDF that may be read. active: kinds of active content; large_images: it may be a scan."""

    warnings: list[str] = field(default_factory=list)
    active: set[str] = field(default_factory=set)
    large_images: bool = False


def check_pdf(path: Path, file_name: str, limits: ReadingLimits) -> CheckedPdf:
    """Check a PDF; returns its warnings. Raises FileRefused if it must not be read."""
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            _check_pages(pdf, file_name, limits)
            checked = _check_objects(pdf, limits)
            checked.warnings += _pdf_warnings(pdf, checked)
            return checked
    except pikepdf.PasswordError as error:
        raise FileRefused(file_name, "is locked with a password", LOCKED) from error
    except _PdfFault as fault:
        raise FileRefused(file_name, str(fault), HOSTILE) from fault
    except RecursionError as error:
        raise FileRefused(file_name, "nests its parts too deeply", HOSTILE) from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError) as error:
        # pikepdf raises the last four for objects that are not of the type that PDF requires.
        raise FileRefused(file_name, "is damaged or cut short", DAMAGED) from error


def _check_pages(pdf: Any, file_name: str, limits: ReadingLimits) -> None:
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
        left, bottom, right, top = (float(side) for side in page.mediabox)
        if max(abs(right - left), abs(top - bottom)) > LARGEST_SIDE:
            raise _PdfFault(f"has a page ({number}) that is larger than 200 inches")


def _check_objects(pdf: Any, limits: ReadingLimits) -> CheckedPdf:
    """Check the size of every stream and image, and the number of times that forms are drawn."""
    checked = CheckedPdf()
    forms = []
    total = 0
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            continue
        checked.active |= _active_content(item)
        if isinstance(item, pikepdf.Stream):
            keys = item.keys()
            checked.large_images |= _image_pixels(item, keys) >= PAGE_PIXELS
            total += _check_stream(item, keys, limits)
            if "/Resources" in keys and str(item.get("/Subtype")) == "/Form":
                forms.append(item)
    if total > 8 * limits.inflated:
        raise _PdfFault(f"grows to more than {8 * limits.inflated // MIB:,} MiB when unpacked")
    drawn = _FormUses(limits)
    if any(drawn.times(form) > MOST_DRAWN for form in forms):
        raise _PdfFault("draws forms within forms without bound")
    return checked


def _active_content(item: Any) -> set[str]:
    """Kinds of active content in an object, also in direct objects within it."""
    dictionary = item if isinstance(item, pikepdf.Dictionary) else item.stream_dict
    # Written out, an object includes the objects within it.
    return {ACTIVE[name] for name in ACTIVE_NAME.findall(dictionary.unparse(resolved=True))}


def _image_pixels(stream: Any, keys: set[str]) -> int:
    """Pixels of an image, 0 for any other stream. Raises _PdfFault above the limit."""
    if not {"/Width", "/Height"} <= keys:
        return 0
    pixels = int(stream.get("/Width")) * int(stream.get("/Height"))
    if pixels > MOST_PIXELS:
        raise _PdfFault(f"has an image of {pixels:,} pixels")
    return pixels


def _check_stream(stream: Any, keys: set[str], limits: ReadingLimits) -> int:
    """Bytes that a stream inflates to, if it can exceed the limit; else 0. Raises _PdfFault."""
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
    if len(inflating) == 1 and len(raw) * DEFLATE_RATIO <= limits.inflated:
        return 0
    if any(name in FLATE for name in filters):
        return _inflated_size(raw, filters, limits.inflated)
    return 0


def _filter_names(stream: Any) -> list[str]:
    names = stream.get("/Filter")
    if isinstance(names, pikepdf.Array):
        return [str(name) for name in names]
    return [str(names)]


def _inflated_size(raw: bytes, filters: list[str], limit: int) -> int:
    """Bytes after the leading Flate filters. Raises _PdfFault above limit; damage ends it."""
    chain = [zlib.decompressobj() for name in filters if name in FLATE]
    if filters[0] not in FLATE:
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


class _FormUses:
    """Number of times that a form draws forms, all levels together."""

    # Example: form A draws B 10 times, B draws C 10 times. C counts 1, B 1 + 10 * 1 = 11 and A
    # 1 + 10 * 11 = 111. Six such levels draw more than MOST_DRAWN.

    def __init__(self, limits: ReadingLimits) -> None:
        self.limits = limits
        self.known: dict[tuple[int, int], int] = {}

    def times(self, form: Any, above: tuple[tuple[int, int], ...] = ()) -> int:
        number = form.objgen
        # Without this check a form that draws itself would recurse for ever.
        if number in above or len(above) > 100:
            raise _PdfFault("draws a form within itself")
        if number not in self.known:
            self.known[number] = 1 + sum(
                self._uses(form, name) * self.times(inner, (*above, number))
                for name, inner in self._inner(form)
            )
        return self.known[number]

    def _inner(self, form: Any) -> Iterator[tuple[str, Any]]:
        resources = form.get("/Resources")
        objects = resources.get("/XObject") if resources is not None else None
        if objects is None:
            return
        for name, inner in objects.items():
            if isinstance(inner, pikepdf.Stream) and str(inner.get("/Subtype")) == "/Form":
                yield name, inner

    def _uses(self, form: Any, name: str) -> int:
        """Number of times that a form's own content draws the form of that name; at least 1."""
        raw = form.read_raw_bytes()
        filters = _filter_names(form) if "/Filter" in form else []
        if filters and filters[0] in FLATE:
            raw = b"".join(_bounded_steps(raw, zlib.decompressobj(), self.limits.inflated))
        return max(1, len(re.findall(re.escape(name.encode()) + rb"\s+Do\b", raw)))


def _pdf_warnings(pdf: Any, checked: CheckedPdf) -> Iterator[str]:
    if checked.active:
        yield f"active content, which Waymark never runs: {', '.join(sorted(checked.active))}"
    if pdf.is_encrypted and not pdf.allow.extract:
        yield "its author does not allow copying of the text; check that you may use it"
    if author := _stated_author(pdf):
        yield f"the file names its author (“{author}”): remove the name before you share it"
    if pdf.get_warnings():
        yield "the file is damaged and was repaired: compare the pages with the printed report"


def _stated_author(pdf: Any) -> str:
    """The author in its properties: at most 100 characters, "" if nobody is named."""
    about = pdf.trailer.get("/Info")
    author = about.get("/Author") if isinstance(about, pikepdf.Dictionary) else None
    return " ".join(str(author).split())[:100] if isinstance(author, pikepdf.String) else ""
