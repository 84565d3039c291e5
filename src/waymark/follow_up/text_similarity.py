"""Similarity of short texts by the words they share, each weighted by how rare it is (no Django).

A text is a vector: each stem weighs (1 + ln n) * (1 + ln((1 + N) / (1 + N_s))), where n is how
often the text has it, N_s how many of the N texts have it; the vector has length 1. The similarity
of two texts is the cosine of their vectors, from 0 (no word in common) to 1 (the same words).

Example: of two texts, "train staff" and "train police", the word "train" is in both and weighs 1,
the others 1 + ln 1.5 = 1.41. Their similarity is 1 / (1 + 1.41 ** 2) = 0.34.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from waymark.core.extras import LaterModule
from waymark.library.language.analyser import analyse_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy import sparse
else:
    np = LaterModule("numpy")
    sparse = LaterModule("scipy.sparse")

Stems = Callable[[str], Iterable[str]]
LEAST = 0.6
"""Least similarity that is shown. Of 30 pairs from 0.6 to 0.8 that people judged, 21 said the same;
below it 11 of 50 did (benchmarks/said_before.py)."""
CLOSE = 0.8
"""From here on nearly all say the same: 26 of 26."""
MOST = 5
"""Recommendations that are shown beside another."""
BLOCK = 4_000
"""Texts that are compared with all others at a time: what a block takes stays below 500 MB."""
CANDIDATES = 200_000
"""Pairs whose similarity is computed at a time."""
SHARE_LEFT_OUT = 0.8
"""Share of the least similarity that the commonest words of a text may make up."""


def stems_of(text: str) -> list[str]:
    """The stems of a text."""
    return analyse_text(text)[1].split()


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two texts by their position, first < second, and their similarity from 0 to 1."""

    first: int
    second: int
    similarity: float


class TextVectors:
    """Vectors of texts, in their order. Texts can be added; the weights stay those of the start."""

    def __init__(self, texts: Iterable[str], stems: Stems) -> None:
        self._stems = stems
        self._columns: dict[str, int] = {}
        counts = self._counts(texts)
        self._size = int(counts.shape[0])
        frequency = np.bincount(counts.indices, minlength=len(self._columns))
        self._weights = self._weight_of(frequency)
        self._matrix = self._weighted(counts)

    def __len__(self) -> int:
        return int(self._matrix.shape[0])

    @property
    def outgrown(self) -> bool:
        """True once so many texts were added that the weights should be computed anew."""
        return len(self) > 100 + 1.2 * self._size

    def add(self, texts: Sequence[str]) -> None:
        """Add texts after the others. A word that is new weighs as one that no text has."""
        counts = self._counts(texts)
        new = len(self._columns) - len(self._weights)
        self._weights = np.concatenate([self._weights, self._weight_of(np.zeros(new))])
        earlier = self._matrix.copy()
        earlier.resize(earlier.shape[0], len(self._columns))
        self._matrix = sparse.vstack([earlier, self._weighted(counts)], format="csr")

    def nearest(self, text: str, *, least: float, most: int) -> list[tuple[int, float]]:
        """Positions and similarities of the most similar texts, the most similar first."""
        counts = Counter(self._stems(text))
        vector = np.zeros(len(self._columns), np.float32)
        unknown = 0.0
        rarest = float(self._weight_of(np.zeros(1))[0])
        for stem, number in counts.items():
            weight = 1 + np.log(number)
            column = self._columns.get(stem)
            if column is None:
                unknown += float(weight * rarest) ** 2
            else:
                vector[column] = weight * self._weights[column]
        length = np.sqrt(float(vector @ vector) + unknown)
        if not length:
            return []
        scores = (self._matrix @ vector) / length
        positions = np.flatnonzero(scores >= least)
        positions = positions[np.argsort(-scores[positions], kind="stable")][:most]
        return [(int(at), min(float(scores[at]), 1.0)) for at in positions]

    def pairs(self, *, least: float) -> Iterator[SimilarPair]:
        """All pairs at least so similar, in no order. least: more than 0."""
        matrix = self._rare_first()
        weights, left_out = _without_common(matrix, least * SHARE_LEFT_OUT)
        # A pair can share words that only one of its texts keeps: with x' and y' left out, and x'
        # the commoner of them, x.y is at most kept_x.kept_y + |y'|, and |y'| is below left_out.
        threshold = least - left_out
        columns = weights.T.tocsr()
        for start in range(0, len(self), BLOCK):
            products = (weights[start : start + BLOCK] @ columns[:, start:]).tocoo()
            chosen = (products.data >= threshold) & (products.row < products.col)
            firsts, seconds = products.row[chosen] + start, products.col[chosen] + start
            for at in range(0, len(firsts), CANDIDATES):
                yield from _exact_pairs(
                    matrix, firsts[at : at + CANDIDATES], seconds[at : at + CANDIDATES], least
                )

    def _counts(self, texts: Iterable[str]) -> sparse.csr_matrix:
        columns = self._columns
        indices: list[int] = []
        numbers: list[int] = []
        ends = [0]
        for text in texts:
            for stem, number in Counter(self._stems(text)).items():
                indices.append(columns.setdefault(stem, len(columns)))
                numbers.append(number)
            ends.append(len(indices))
        return sparse.csr_matrix(
            (np.array(numbers, np.float32), np.array(indices, np.int32), np.array(ends, np.int64)),
            shape=(len(ends) - 1, len(columns)),
        )

    def _weight_of(self, frequency: NDArray[np.generic]) -> NDArray[np.float32]:
        weights = 1 + np.log((1 + self._size) / (1 + frequency.astype(np.float64)))
        return np.asarray(weights, np.float32)

    def _weighted(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        counts.data = (1 + np.log(counts.data)) * self._weights[counts.indices]
        return _scaled(counts)

    def _rare_first(self) -> sparse.csr_matrix:
        """The vectors with the words in the order of how many texts have them, rarest last."""
        frequency = np.bincount(self._matrix.indices, minlength=self._matrix.shape[1])
        rank = np.empty(len(frequency), np.int32)
        rank[np.argsort(-frequency, kind="stable")] = np.arange(len(frequency), dtype=np.int32)
        matrix = sparse.csr_matrix(
            (self._matrix.data.copy(), rank[self._matrix.indices], self._matrix.indptr),
            shape=self._matrix.shape,
        )
        matrix.sort_indices()
        return matrix


def _scaled(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows of length 1; a row without words stays empty."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    lengths = np.sqrt(
        np.bincount(rows, weights=matrix.data.astype(np.float64) ** 2, minlength=matrix.shape[0])
    )
    matrix.data = (matrix.data / lengths[rows]).astype(np.float32)
    return matrix


def _without_common(matrix: sparse.csr_matrix, most: float) -> tuple[sparse.csr_matrix, float]:
    """The vectors without their commonest words, whose part is shorter than most, and its length.

    Common words are in so many texts that they cause nearly all of the work, and weigh least.
    """
    squares = np.cumsum(matrix.data.astype(np.float64) ** 2)
    before = np.concatenate([[0.0], squares])[matrix.indptr[:-1]]
    part = np.sqrt(np.maximum(squares - np.repeat(before, np.diff(matrix.indptr)), 0))
    rare = matrix.copy()
    rare.data = np.where(part >= most, matrix.data, 0).astype(np.float32)
    rare.eliminate_zeros()
    return rare, most


def _exact_pairs(
    matrix: sparse.csr_matrix,
    firsts: NDArray[np.integer],
    seconds: NDArray[np.integer],
    least: float,
) -> Iterator[SimilarPair]:
    scores = np.asarray(matrix[firsts].multiply(matrix[seconds]).sum(axis=1)).ravel()
    for at in np.flatnonzero(scores >= least):
        similarity = min(float(scores[at]), 1.0)
        yield SimilarPair(int(firsts[at]), int(seconds[at]), similarity)
