"""Words that are in a PDF but cannot be seen on its pages, found by rendering twice (no Django).

A page is drawn, its text objects are taken away, and it is drawn again: a character whose pixels do
not change was not visible, however it was hidden (under a box or an image, white on white, off the
page, clipped). Nothing about the way of hiding needs to be known.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from waymark.documents.parsers.pdf_words import TextLayer, shown_boxes
from waymark.documents.parsers.scans import is_scanned
from waymark.documents.reading import Concealed

SCALE = 1.5  # 108 dots per inch
CHANGED = 10  # of 255: less is noise of the renderer
FEWEST = 2  # letters or digits of a find
MOST_PIXELS = 30_000_000
WHY = "it is in the file but not to be seen on the page"
REDACT = "it lies under a mark for redaction that was never applied"


def concealed_words(document: Any) -> list[Concealed]:
    """The runs of words that cannot be seen, in the order of the pages."""
    found: list[Concealed] = []
    document.init_forms()
    for number in range(len(document)):
        page = document[number]
        found += [Concealed(number + 1, text, why) for text, why in _on_page(page)]
        page.close()
    return found


def _on_page(page: Any) -> Iterator[tuple[str, str]]:
    with TextLayer(page) as layer:
        codes = layer.characters()
        if not codes.size:
            return
        if is_scanned(page, layer):
            return  # the reading warns of the text layer
        boxes = shown_boxes(layer.corners(list(range(len(codes)))), page)
    width, height = page.get_size()
    scale = min(SCALE, (MOST_PIXELS / max(width * height, 1)) ** 0.5)
    before = _drawn(page, scale)
    marks = _redaction_marks(page)
    _take_text_away(page)
    changed = np.abs(before - _drawn(page, scale)).max(axis=2) > CHANGED
    characters = codes.astype("<u4").tobytes().decode("utf-32-le", "replace")
    for text in _unseen(characters, boxes, changed, scale):
        yield text, WHY
    for mark in marks:
        inside = _inside(boxes, mark)
        text = "".join(c for c, within in zip(characters, inside, strict=True) if within)
        if sum(map(str.isalnum, text)) >= FEWEST:
            yield " ".join(text.split()), REDACT


def _drawn(page: Any, scale: float) -> NDArray[np.int16]:
    bitmap = page.render(scale=scale)
    pixels: NDArray[np.int16] = bitmap.to_numpy()[:, :, :3].astype(np.int16)
    bitmap.close()
    return pixels


def _take_text_away(page: Any) -> None:
    for thing in list(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=1)):
        page.remove_obj(thing)
    for form in list(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_FORM], max_depth=1)):
        _take_text_from_form(form.raw, depth=0)


def _take_text_from_form(form: Any, depth: int) -> None:
    for index in reversed(range(pdfium.FPDFFormObj_CountObjects(form))):
        inner = pdfium.FPDFFormObj_GetObject(form, index)
        kind = pdfium.FPDFPageObj_GetType(inner)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            pdfium.FPDFFormObj_RemoveObject(form, inner)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < 8:
            _take_text_from_form(inner, depth + 1)


def _unseen(
    characters: str, boxes: NDArray[np.float64], changed: NDArray[np.bool_], scale: float
) -> Iterator[str]:
    """Runs of characters none of whose pixels changed, with the white space within them."""
    run: list[str] = []
    for character, box in zip(characters, boxes, strict=True):
        if character.isspace() or not character.isprintable():
            if run:
                run.append(" ")
        elif _is_seen(box, changed, scale):
            yield from _worth_telling(run)
            run = []
        else:
            run.append(character)
    yield from _worth_telling(run)


def _is_seen(box: NDArray[np.float64], changed: NDArray[np.bool_], scale: float) -> bool:
    x0, y0, x1, y1 = (box * scale).tolist()
    if x1 <= 0 or y1 <= 0 or (x1 - x0 < 1.5 and y1 - y0 < 1.5):
        return False
    area = changed[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1]
    return bool(area.any())


def _worth_telling(run: list[str]) -> Iterator[str]:
    text = " ".join("".join(run).split())
    if sum(map(str.isalnum, text)) >= FEWEST:
        yield text


def _redaction_marks(page: Any) -> list[tuple[float, float, float, float]]:
    """The places of redaction marks that are still annotations, in points from the top left."""
    marks = []
    for index in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        mark = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if pdfium.FPDFAnnot_GetSubtype(mark) == pdfium.FPDF_ANNOT_REDACT:
            place = pdfium.FS_RECTF()
            pdfium.FPDFAnnot_GetRect(mark, place)
            corners = np.array([[place.left, place.top, place.right, place.bottom]], np.float32)
            x0, y0, x1, y1 = shown_boxes(corners, page)[0].tolist()
            marks.append((x0, y0, x1, y1))
        pdfium.FPDFPage_CloseAnnot(mark)
    return marks


def _inside(
    boxes: NDArray[np.float64], mark: tuple[float, float, float, float]
) -> NDArray[np.bool_]:
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    inside: NDArray[np.bool_] = (mark[0] <= x) & (x <= mark[2]) & (mark[1] <= y) & (y <= mark[3])
    return inside
