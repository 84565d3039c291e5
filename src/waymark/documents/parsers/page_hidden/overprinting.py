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
    letters = np.flatnonzero(np.fromiter(map(str.isalnum, text), bool, len(text)))
    if not _any_overlap(places[letters], (height, width)):
        return shared
    owner = np.full((height, width), NO_OWNER, np.int32)
    for index in letters.tolist():
        x0, y0, x1, y1 = places[index].tolist()
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


def _any_overlap(places: NDArray[np.int64], shape: tuple[int, int]) -> bool:
    """True if the middle of a box is in the inner part of an earlier one: rare, so asked at once.

    All cells are claimed in one assignment, from the last box to the first: the last assignment
    to a cell stays, so it belongs to the first box that claims it.
    """
    x0, y0, x1, y1 = places[::-1].T.astype(np.int32)  # half the size, twice the speed
    inset = (y1 - y0) // 4
    top, rows = y0 + inset, np.maximum(y1 - y0 + 1 - 2 * inset, 0)
    columns = np.maximum(x1 - x0 - 1, 0)
    sizes = rows * columns
    if sizes.sum(dtype=np.float64) > MOST_POINTS:
        return True  # many letters as large as the page: one after the other, in little memory
    number = np.repeat(np.arange(sizes.size, dtype=np.int32), sizes)
    within = np.arange(number.size, dtype=np.int32)
    within -= np.repeat(np.cumsum(sizes, dtype=np.int32) - sizes, sizes)
    down, along = np.divmod(within, columns[number])
    owner = np.full(shape, len(places), np.int32)
    cells = (top[number] + down) * shape[1] + x0[number] + 1 + along
    owner.ravel()[cells] = len(places) - 1 - number
    first = owner[(places[:, 1] + places[:, 3]) // 2, (places[:, 0] + places[:, 2]) // 2]
    return bool((first < np.arange(len(places))).any())


@contextmanager
def without_objects(objects: NDArray[np.uint64], indices: set[int]) -> Iterator[NDArray[np.bool_]]:
    """Draw the page without the text objects of some characters, for a while.

    objects: (n,) the address of each character's object. Yields (n,) True for all characters of
    the objects left out.
    """
    left_out = set(objects[list(indices)].tolist()) - {0}
    _set_active(left_out, active=False)
    try:
        yield np.isin(objects, list(left_out))
    finally:
        _set_active(left_out, active=True)


def _set_active(objects: set[int], *, active: bool) -> None:
    for address in objects:
        pdfium.FPDFPageObj_SetIsActive(
            ctypes.cast(ctypes.c_void_p(address), pdfium.FPDF_PAGEOBJECT), active
        )
