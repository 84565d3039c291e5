"""Comparison of one vector with many: by their signs with all, by their numbers with the nearest.

Vectors whose signs differ from those of a question in few places are likely to be near it. Signs
are an eighth of the bytes of the numbers and are compared by counting bits, so that all vectors can
be compared at each search. Exact in all but the choice of the CANDIDATES.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from waymark.core.extras import LaterModule
from waymark.library.meaning.embedder import DIMENSIONS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from waymark.library.meaning.embedder import Vectors
else:
    np = LaterModule("numpy")

CANDIDATES = 5_000
"""Vectors that are compared by their numbers."""
WORDS = DIMENSIONS // 64
"""Numbers of 64 bits that the signs of a vector take: 6."""
SIGNS_AT_ONCE = 4_096
"""Vectors whose signs are compared at a time: they fit into the memory of the processor."""
VECTORS_AT_ONCE = 256
"""Vectors that are multiplied at a time. Of more, numpy makes several threads, which wait for each
other longer than the product takes."""
Column = Any
"""An array, mapped or in memory."""


def signs_of(values: Vectors) -> npt.NDArray[np.uint64]:
    """One bit for each number: whether it is above 0. Shape: WORDS in place of DIMENSIONS."""
    return np.packbits(values > 0, axis=-1).view(np.uint64)


def nearest_by_signs(signs: Column, question: Vectors) -> npt.NDArray[np.intp]:
    """The places of the CANDIDATES rows whose signs differ in the fewest places; all, if fewer.

    Where several are as far as the last of them, all of these are candidates.
    """
    if len(signs) <= CANDIDATES:
        return np.arange(len(signs))
    distances = _differing_signs(signs, signs_of(question))
    limit = np.partition(distances, CANDIDATES - 1)[CANDIDATES - 1]
    return np.flatnonzero(distances <= limit)


def _differing_signs(signs: Column, asked: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint16]:
    """For each row the number of its signs that are other than those asked."""
    distances = np.empty(len(signs), np.uint16)
    # One long row of numbers: for rows of six, numpy would begin anew each time.
    repeated = np.tile(asked, SIGNS_AT_ONCE)
    for start in range(0, len(signs), SIGNS_AT_ONCE):
        block = signs[start : start + SIGNS_AT_ONCE]
        bits = np.bitwise_count(block.reshape(-1) ^ repeated[: block.size])
        # Two counts are added at once, one in each byte of a pair: three of 64 are at most 192.
        pairs = bits.view(np.uint16).reshape(len(block), WORDS // 2)
        total = pairs[:, 0] + pairs[:, 1] + pairs[:, 2]
        distances[start : start + SIGNS_AT_ONCE] = (total & 0xFF) + (total >> 8)
    return distances


def products_at(
    values: Column, places: npt.NDArray[np.intp], question: Vectors
) -> npt.NDArray[np.float32]:
    """The inner product of a question with the vector at each of some places."""
    asked = question.astype(np.float32)
    products = np.empty(len(places), np.float32)
    for start in range(0, len(places), VECTORS_AT_ONCE):
        some = slice(start, start + VECTORS_AT_ONCE)
        products[some] = values[places[some]].astype(np.float32) @ asked
    return products
