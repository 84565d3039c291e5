"""Words of a PDF page in the same place as others, as under the label on a black box (no Django).

If all text objects are removed at once, the pixels of a label change and the words below it seem
to have been seen. So words that share a place are removed separately: first one side of each pair,
then the other. Example: "[name removed]" in white over a black box over "Ann Oak": without the
label its pixels change, without "Ann Oak" nothing does: "Ann Oak" is hidden.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

NO_OWNER = -1
MOST_POINTS = 30_000_000


@dataclass(slots=True)
class OverlappingCharacters:
    """Characters that share their place with another one. lower, upper: the sides of each pair.

    doubled: sharing it with the same character, as when words are printed twice to look bold.
    """

    lower: set[int] = field(default_factory=set)
    upper: set[int] = field(default_factory=set)
    doubled: set[int] = field(default_factory=set)


def overlapping_characters(text: str, boxes: NDArray[np.float64]) -> OverlappingCharacters:
    """The letters and digits over the middle of another one. boxes: (n, 4) in points."""
    shared = OverlappingCharacters()
    places = np.clip(np.nan_to_num(boxes), 0, None).astype(int)
    width, height = (int(places[:, side].max(initial=0)) + 1 for side in (2, 3))
    if width * height > MOST_POINTS:
        return shared
    owner = np.full((height, width), NO_OWNER, np.int32)
    for index, (x0, y0, x1, y1) in enumerate(places.tolist()):
        if not text[index].isalnum():
            continue
        # owner is the page in points; each cell has the index of the character drawn there last.
        other = int(owner[(y0 + y1) // 2, (x0 + x1) // 2])
        if other != NO_OWNER and text[other] == text[index]:
            shared.doubled.update((index, other))
        elif other != NO_OWNER:
            shared.lower.add(other)
            shared.upper.add(index)
        # Boxes of neighbouring lines and letters touch: the inner part alone is claimed.
        inset = (y1 - y0) // 4
        owner[y0 + inset : y1 - inset + 1, x0 + 1 : x1] = index
    return shared


@contextmanager
def without_objects(layer: Any, indices: set[int]) -> Iterator[list[int]]:
    """Draw the page without the text objects of some characters, for a while.

    layer: pdfium's text page. Yields the indices of all characters of these objects.
    """
    objects = {_object_of(layer, index) for index in indices} - {0}
    every = range(pdfium.FPDFText_CountChars(layer)) if objects else ()
    _set_active(objects, active=False)
    try:
        yield [index for index in every if _object_of(layer, index) in objects]
    finally:
        _set_active(objects, active=True)


def _object_of(layer: Any, index: int) -> int:
    item = pdfium.FPDFText_GetTextObject(layer, index)
    return ctypes.cast(item, ctypes.c_void_p).value or 0


def _set_active(objects: set[int], *, active: bool) -> None:
    for address in objects:
        pdfium.FPDFPageObj_SetIsActive(
            ctypes.cast(ctypes.c_void_p(address), pdfium.FPDF_PAGEOBJECT), active
        )
