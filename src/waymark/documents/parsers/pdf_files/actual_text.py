"""Text that a PDF gives out in place of what it paints: /ActualText of marked content (no Django).

pdfium reads it as if it were shown, so a name under "[name removed]" would become part of the text.
Where it differs from the letters that are painted, these are read instead, and the replacement is
hidden text. Where it only completes them, as with ligatures whose font does not say what they are,
it is read.
"""

# Example: painted "oce" for "office" is completed by it: the letters that are missing, "ffi", are a
# ligature. Painted "A" for "Ann" is not: "nn" is no ligature.

import ctypes
import re
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import pikepdf
import pypdfium2.raw as pdfium

from waymark.documents.parsers.pdf_files.drawn_objects import content_of
from waymark.documents.parsers.pdf_files.off_page import OffPageText
from waymark.documents.reading.shown_words import letters_of
from waymark.documents.reading.values import ALTERNATE

KEY = re.compile(rb"/" + rb"".join(rb"(?:%c|#%02x)" % (code, code) for code in b"ActualText"))
SET_ASIDE = "ActualT3xt"
LIGATURES = frozenset(("ff", "fi", "fl", "ffi", "ffl", "fj", "ft", "st", "ct", "tt", "ti", "th"))
LONGEST = 4_000  # bytes of one replacement
DEEPEST = 8  # forms within forms
CAUSE = "programs read it in place of the words that are painted"


def has_actual_text(stream: Any) -> bool:
    """True if the content of a stream replaces text."""
    return KEY.search(content_of(stream)) is not None


def set_replacements_aside(pages: set[int] | None = None) -> Callable[[Any], None]:
    """A change to an open file after which pdfium reads what is painted. pages: all for None."""

    def change(pdf: Any) -> None:
        streams = [
            part
            for number, page in enumerate(pdf.pages, start=1)
            if pages is None or number in pages
            for part in _parts_of(page.obj.get("/Contents"))
        ]
        for item in pdf.objects:
            if isinstance(item, pikepdf.Stream) and str(item.get("/Subtype")) == "/Form":
                streams.append(item)
            elif isinstance(item, pikepdf.Dictionary) and "/S" not in item:
                _rename_key(item)  # a list of properties that content refers to
        for stream in streams:
            content = content_of(stream)
            if KEY.search(content):
                stream.write(KEY.sub(f"/{SET_ASIDE}".encode(), content))

    return change


def _parts_of(contents: Any) -> list[Any]:
    parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return [part for part in parts if isinstance(part, pikepdf.Stream)]


def _rename_key(item: Any) -> None:
    if "/ActualText" in item:
        item[f"/{SET_ASIDE}"] = item["/ActualText"]
        del item["/ActualText"]


def differing_replacements(document: Any) -> Iterator[OffPageText]:
    """The replacements, set aside in this open file, that differ from what is painted."""
    for number in range(len(document)):
        page = document[number]
        layer = page.get_textpage()
        objects = list(_text_objects(page.raw, page=True))
        for text, group in groupby(objects, key=_replacement_of):
            items = list(group) if text else []
            painted = "".join(_painted_text(item, layer.raw) for item in items)
            if text and not _completes(text, painted):
                bounds = [_bounds_of(item) for item in items]
                rect = (
                    min(box[0] for box in bounds),
                    min(box[1] for box in bounds),
                    max(box[2] for box in bounds),
                    max(box[3] for box in bounds),
                )
                yield OffPageText(ALTERNATE, text, CAUSE, number + 1, rect)
        layer.close()
        page.close()


def _text_objects(owner: Any, *, page: bool, depth: int = 0) -> Iterator[Any]:
    """The text objects of a page, or of a form on it, in the order of painting."""
    count = pdfium.FPDFPage_CountObjects if page else pdfium.FPDFFormObj_CountObjects
    get = pdfium.FPDFPage_GetObject if page else pdfium.FPDFFormObj_GetObject
    for index in range(count(owner)):
        item = get(owner, index)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            yield item
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < DEEPEST:
            yield from _text_objects(item, page=False, depth=depth + 1)


def _replacement_of(item: Any) -> str:
    """The replacement of a text object; "" if it has none, or none with letters."""
    for index in range(pdfium.FPDFPageObj_CountMarks(item)):
        mark = pdfium.FPDFPageObj_GetMark(item, index)
        room, size = (ctypes.c_ushort * (LONGEST // 2))(), ctypes.c_ulong()
        key = SET_ASIDE.encode()
        if pdfium.FPDFPageObjMark_GetParamStringValue(mark, key, room, LONGEST, size):
            text = bytes(room)[: size.value].decode("utf-16-le", "replace").rstrip("\0")
            if letters_of(text):
                return text
    return ""


def _painted_text(item: Any, layer: Any) -> str:
    room = (ctypes.c_ushort * LONGEST)()
    size = pdfium.FPDFTextObj_GetText(item, layer, room, LONGEST)
    return bytes(room)[: 2 * size].decode("utf-16-le", "replace").rstrip("\0")


def _bounds_of(item: Any) -> tuple[float, float, float, float]:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    return left.value, bottom.value, right.value, top.value


def _completes(text: str, painted: str) -> bool:
    """True if a replacement says what is painted, letters of ligatures aside."""
    letters = letters_of(painted)
    if not letters:
        return True  # a font that does not say what its letters are
    rest, before = letters_of(text), ""
    for letter in letters:
        missing, separator, rest = rest.partition(letter)
        if not separator or not _is_of_ligature(before, missing):
            return False
        before = letter
    return _is_of_ligature(before, rest)


def _is_of_ligature(before: str, missing: str) -> bool:
    """True if no letters are missing after a letter, or those of a ligature."""
    return not missing or missing in LIGATURES or before + missing in LIGATURES
