"""Words of a PDF page that lie where others lie, as under the label on a black box (no Django).

Where all text objects are removed at once, a label hides that nothing of the words below it was
seen. So words that share a place are removed apart: first the ones, then the others.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

NOBODY = -1
MOST_POINTS = 30_000_000


@dataclass(slots=True)
class Sharing:
    """Characters that share their place with another one. ones, others: a side of each pair.

    doubled: with one like them, as where words are printed twice to look bold.
    """

    ones: set[int] = field(default_factory=set)
    others: set[int] = field(default_factory=set)
    doubled: set[int] = field(default_factory=set)


def sharing(text: str, boxes: NDArray[np.float64]) -> Sharing:
    """The letters and digits that lie over the middle of another one. boxes: (n, 4) in points."""
    found = Sharing()
    places = np.clip(np.nan_to_num(boxes), 0, None).astype(int)
    width, height = (int(places[:, side].max(initial=0)) + 1 for side in (2, 3))
    if width * height > MOST_POINTS:
        return found
    owner = np.full((height, width), NOBODY, np.int32)
    for index, (x0, y0, x1, y1) in enumerate(places.tolist()):
        if not text[index].isalnum():
            continue
        other = int(owner[(y0 + y1) // 2, (x0 + x1) // 2])
        if other != NOBODY and text[other] == text[index]:
            found.doubled.update((index, other))
        elif other != NOBODY:
            found.ones.add(other)
            found.others.add(index)
        inset = (y1 - y0) // 4
        owner[y0 + inset : y1 - inset + 1, x0 + 1 : x1] = index
    return found


@contextmanager
def without_objects(layer: Any, indices: set[int]) -> Iterator[list[int]]:
    """Leave the text objects of some characters out of the page as it is drawn.

    layer: pdfium's text page. Gives the indices of all characters of these objects.
    """
    objects = {_object_of(layer, index) for index in indices} - {0}
    every = range(pdfium.FPDFText_CountChars(layer)) if objects else ()
    _set_active(objects, active=False)
    try:
        yield [index for index in every if _object_of(layer, index) in objects]
    finally:
        _set_active(objects, active=True)


def _object_of(layer: Any, index: int) -> int:
    thing = pdfium.FPDFText_GetTextObject(layer, index)
    return ctypes.cast(thing, ctypes.c_void_p).value or 0


def _set_active(objects: set[int], *, active: bool) -> None:
    for address in objects:
        pdfium.FPDFPageObj_SetIsActive(
            ctypes.cast(ctypes.c_void_p(address), pdfium.FPDF_PAGEOBJECT), active
        )
