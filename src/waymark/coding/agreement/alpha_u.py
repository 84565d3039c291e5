"""Alpha-U: how far the marked and unmarked stretches of a text can be relied on as data.

The documents are read as one text. What two coders disagree on lies within documents, so it adds
up; what chance gives rests on all gaps of that text, also those that reach over the end of a
document. Source: Krippendorff 1995 and 2004.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from waymark.coding.agreement.draws import DRAWN_AT_A_TIME
from waymark.coding.agreement.spans import CodedSpan, merge_stretches
from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from waymark.coding.agreement.ratings import Floats

    Places = NDArray[np.intp]
    Stretches = NDArray[np.float64]
    """Starts and lengths: shape (n, 2)."""
else:
    np = LaterModule("numpy")


@dataclass(frozen=True, slots=True, eq=False)
class UnitizedDisagreement:
    """Disagreement on the stretches of a code, and what chance would give: n of each.

    For several codes add up their disagreements.
    """

    observed: Floats
    expected: Floats

    @property
    def alphas(self) -> Floats:
        """n values of alpha-U; not a number where nobody marked anything."""
        unlike = np.divide(
            self.observed,
            self.expected,
            out=np.full_like(self.observed, np.nan),
            where=self.expected > 0,
        )
        alphas: Floats = 1 - unlike
        return alphas


@dataclass(frozen=True, slots=True, eq=False)
class _Gaps:
    """Gaps of a coder. inner: lengths, with the documents of_inner that they are in.

    marked, head, tail: of each document, whether the coder marked anything in it, and what is empty
    before the first and after the last unit.
    """

    inner: Floats
    of_inner: Places
    marked: NDArray[np.bool_]
    head: Floats
    tail: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """Lengths of all units, the shortest first, with the documents of_unit that they are in.

    disagreed: of each document, squared lengths on which coders differ.
    """

    units: Floats
    of_unit: Places
    disagreed: Floats
    gaps: Sequence[_Gaps]


def unitized_disagreement(
    spans: Sequence[CodedSpan],
    coders: Sequence[str],
    lengths: Mapping[str, float],
    times: Floats | None = None,
) -> UnitizedDisagreement:
    """Disagreement of coders on the stretches of one code in all documents, read as one text.

    lengths: document -> characters. Spans of a coder in a document that overlap or touch count as
    one. times: how often each draw has each document, shape (n, documents), each row with as many
    documents as there are; without it the documents themselves, n = 1.
    """
    counts = np.ones((1, len(lengths))) if times is None else times
    texts = np.array(list(lengths.values()), dtype=float)
    units = _units_of(spans, coders, lengths)
    inner = sum(len(gaps.inner) for gaps in units.gaps)
    at_a_time = max(1, DRAWN_AT_A_TIME // (len(units.units) + inner + len(texts)))
    parts = [
        _disagreement(units, texts, counts[done : done + at_a_time])
        for done in range(0, len(counts), at_a_time)
    ]
    return UnitizedDisagreement(
        np.concatenate([part.observed for part in parts]),
        np.concatenate([part.expected for part in parts]),
    )


def _units_of(
    spans: Sequence[CodedSpan], coders: Sequence[str], lengths: Mapping[str, float]
) -> _Units:
    of_pair: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for span in spans:
        of_pair.setdefault((span.document, span.coder), []).append((span.start, span.end))
    marked = {key: np.array(merge_stretches(ends)) for key, ends in of_pair.items()}
    nothing = np.empty((0, 2))
    own = [[marked.get((document, coder), nothing) for document in lengths] for coder in coders]
    texts = list(lengths.values())
    disagreed = [
        sum(_unlike(*two, text) for two in combinations(ends, 2))
        for ends, text in zip(zip(*own, strict=True), texts, strict=True)
    ]
    sizes = [np.concatenate([ends[:, 1] - ends[:, 0] for ends in each]) for each in own]
    places = [_documents_of(each) for each in own]
    units, of_unit = np.concatenate(sizes), np.concatenate(places)
    order = np.argsort(units)
    return _Units(
        units[order],
        of_unit[order],
        2 * np.array(disagreed, dtype=float),
        [_gaps_of(each, texts) for each in own],
    )


def _documents_of(rows: Sequence[Floats]) -> Places:
    return np.repeat(np.arange(len(rows)), [len(each) for each in rows])


def _gaps_of(own: Sequence[Floats], texts: Sequence[float]) -> _Gaps:
    inner = [ends[1:, 0] - ends[:-1, 1] for ends in own]
    reached = [ends[-1, 1] if len(ends) else text for ends, text in zip(own, texts, strict=True)]
    return _Gaps(
        np.concatenate(inner),
        _documents_of(inner),
        np.array([len(ends) > 0 for ends in own]),
        np.array([ends[0, 0] if len(ends) else 0.0 for ends in own]),
        np.array(texts) - np.array(reached),
    )


def _disagreement(units: _Units, texts: Floats, times: Floats) -> UnitizedDisagreement:
    """Of each row of times: what coders disagree on, and what chance would give."""
    coders, size = len(units.gaps), units.units
    length = times @ texts
    weights = times[:, units.of_unit]
    # Of a gap g and a unit u, g - u + 1 places hold the unit; summed over the units that fit in,
    # from sums over all units that are shorter.
    squares, cubes = (
        np.pad(np.cumsum(weights * size**power, axis=1), ((0, 0), (1, 0))) for power in (2, 3)
    )

    def room(gaps: Floats, fitting: Places) -> Floats:
        """Squared lengths by the places that gaps, (n, k), have for the units that fit in."""
        with_room = (gaps + 1) * np.take_along_axis(squares, fitting, axis=1)
        return with_room - np.take_along_axis(cubes, fitting, axis=1)

    chance = (weights.sum(axis=1) - 1) / 3 * (weights @ (2 * size**3 - 3 * size**2 + size))
    for gaps in units.gaps:
        inner = np.broadcast_to(gaps.inner, (len(times), len(gaps.inner)))
        fitting = np.searchsorted(size, inner + 1, side="right")
        chance += (times[:, gaps.of_inner] * room(inner, fitting)).sum(axis=1)
        outer = _gaps_between(gaps, texts, times)
        chance += room(outer, np.searchsorted(size, outer + 1, side="right")).sum(axis=1)
    pairs = coders * length * (coders * length - 1) - weights @ (size * (size - 1))
    return UnitizedDisagreement(
        (times @ units.disagreed) / (coders * (coders - 1) * length**2), 2 / length * chance / pairs
    )


def _gaps_between(gaps: _Gaps, texts: Floats, times: Floats) -> Floats:
    """Of each row, the gaps that a coder leaves from a document to the next: (n, documents + 1).

    -1, which has no room for anything, where there is no gap.
    """
    rows, size = times.shape
    repeats = times.astype(int).ravel()
    sequence = np.repeat(np.tile(np.arange(size), rows), repeats).reshape(rows, size)
    ends = np.cumsum(texts[sequence], axis=1)
    marked = gaps.marked[sequence]
    first = ends - texts[sequence] + gaps.head[sequence]
    last = np.where(marked, ends - gaps.tail[sequence], 0.0)
    reached = np.pad(np.maximum.accumulate(last, axis=1), ((0, 0), (1, 0)))
    between = np.where(marked, first - reached[:, :-1], -1.0)
    every = np.column_stack([between, ends[:, -1] - reached[:, -1]])
    return np.where(every > 0, every, -1.0)


def _unlike(first: Floats, second: Floats, text: float) -> float:
    """What two coders disagree on in a document of so many characters."""
    a, b = _with_lengths(first), _with_lengths(second)
    return (
        _between_units(a, b)
        + _units_in_gaps(a, _empty_stretches(second, text))
        + _units_in_gaps(b, _empty_stretches(first, text))
    )


def _with_lengths(ends: Floats) -> Stretches:
    return np.column_stack([ends[:, 0], ends[:, 1] - ends[:, 0]])


def _empty_stretches(ends: Floats, length: float) -> Stretches:
    starts = np.concatenate([[0.0], ends[:, 1]])
    until = np.concatenate([ends[:, 0], [length]])
    return np.column_stack([starts, until - starts])


def _between_units(first: Stretches, second: Stretches) -> float:
    """Of each two stretches that overlap, the squares of how far apart they begin and end."""
    begin = first[:, None, 0] - second[None, :, 0]
    end = begin + first[:, None, 1] - second[None, :, 1]
    overlap = (-first[:, None, 1] < begin) & (begin < second[None, :, 1])
    return float(((begin**2 + end**2) * overlap).sum())


def _units_in_gaps(units: Stretches, gaps: Stretches) -> float:
    """The squared length of each stretch that lies whole in a gap of the other coder."""
    begin = units[:, None, 0] - gaps[None, :, 0]
    inside = (begin >= 0) & (begin <= gaps[None, :, 1] - units[:, None, 1])
    return float((units[:, 1] ** 2 * inside.any(axis=1)).sum())
