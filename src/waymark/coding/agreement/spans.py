"""Agreement on where codes were put: spans of text, marked by any number of coders.

Three figures, for three questions. Alpha-U asks how far the marked and unmarked stretches can be
relied on as data, and can rise when an exact match becomes a partial one. Gamma pairs each span
with its likely counterparts and asks how near they are, in place and in code. F1 asks which share
of the marked characters both marked; it knows no chance.

Sources: Krippendorff 1995 and 2004 (alpha-U); Mathet, Widlöcher and Métivier 2015 (gamma).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from waymark.core.errors import RuleError
from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Stretches = NDArray[np.float64]
    """Starts and lengths: shape (n, 2)."""
else:
    np = LaterModule("numpy")


@dataclass(frozen=True, slots=True)
class CodedSpan:
    """A span to which a coder gave a code. start, end: characters from 0, end not included."""

    document: str
    coder: str
    code: str
    start: float
    end: float

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise RuleError(f"a span from {self.start:g} to {self.end:g} is empty or before 0")


def merge_stretches(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans (start, end) with those that overlap or touch as one, in order."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


# ---- characters ----


def character_f1(spans: Sequence[CodedSpan], coders: Sequence[str]) -> float | None:
    """Share in [0, 1] of the characters marked by two coders that both marked with the same code.

    2 * both / (first + second), added up over codes and documents; the mean over each two coders.
    None if nobody marked anything.
    """
    marked: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = defaultdict(dict)
    for key, group in _grouped(spans).items():
        document, coder, code = key
        marked[document, code][coder] = merge_stretches(group)
    figures = []
    for first, second in combinations(coders, 2):
        both = sum(_shared(of.get(first, []), of.get(second, [])) for of in marked.values())
        either = sum(
            end - start
            for of in marked.values()
            for coder in (first, second)
            for start, end in of.get(coder, [])
        )
        if either:
            figures.append(2 * both / either)
    return float(np.mean(figures)) if figures else None


def _grouped(spans: Iterable[CodedSpan]) -> dict[tuple[str, str, str], list[tuple[float, float]]]:
    groups: dict[tuple[str, str, str], list[tuple[float, float]]] = defaultdict(list)
    for span in spans:
        groups[span.document, span.coder, span.code].append((span.start, span.end))
    return groups


def _shared(first: list[tuple[float, float]], second: list[tuple[float, float]]) -> float:
    """Number of characters in both of two lists of merged stretches."""
    shared, place = 0.0, 0
    for start, end in first:
        while place < len(second) and second[place][1] <= start:
            place += 1
        at = place
        while at < len(second) and second[at][0] < end:
            shared += min(end, second[at][1]) - max(start, second[at][0])
            at += 1
    return shared


# ---- alpha-U ----


@dataclass(frozen=True, slots=True)
class UnitizedDisagreement:
    """Disagreement on the stretches of a code, and what chance would give."""

    observed: float
    expected: float

    @property
    def alpha(self) -> float | None:
        """Alpha-U; None if nobody marked anything."""
        return 1 - self.observed / self.expected if self.expected else None


def unitized_disagreement(
    spans: Sequence[CodedSpan], coders: Sequence[str], lengths: dict[str, float]
) -> UnitizedDisagreement:
    """Disagreement of coders on the stretches of one code in all documents, read as one text.

    lengths: document -> characters. Spans of a coder that overlap or touch count as one. For
    several codes add up their disagreements: alpha-U of all is 1 - observed / expected.
    """
    begins, reached = {}, 0.0
    for document, length in lengths.items():
        begins[document] = reached
        reached += length
    own = {
        coder: np.array(
            merge_stretches(
                (begins[span.document] + span.start, begins[span.document] + span.end)
                for span in spans
                if span.coder == coder
            )
        ).reshape(-1, 2)
        for coder in coders
    }
    marked = {coder: _with_lengths(ends) for coder, ends in own.items()}
    gaps = {coder: _gaps(ends, reached) for coder, ends in own.items()}
    observed = sum(
        2 * _between_units(marked[first], marked[second])
        + 2 * _units_in_gaps(marked[first], gaps[second])
        + 2 * _units_in_gaps(marked[second], gaps[first])
        for first, second in combinations(coders, 2)
    )
    m = len(coders)
    units = np.concatenate([stretches[:, 1] for stretches in marked.values()])
    empty = np.concatenate([stretches[:, 1] for stretches in gaps.values()])
    room = np.maximum(empty[None, :] - units[:, None] + 1, 0).sum(axis=1)
    chance = ((len(units) - 1) / 3 * (2 * units**3 - 3 * units**2 + units) + units**2 * room).sum()
    pairs = m * reached * (m * reached - 1) - (units * (units - 1)).sum()
    return UnitizedDisagreement(
        observed / (m * (m - 1) * reached**2) if reached else 0.0,
        float(2 / reached * chance / pairs) if reached else 0.0,
    )


def _with_lengths(ends: Stretches) -> Stretches:
    return np.column_stack([ends[:, 0], ends[:, 1] - ends[:, 0]])


def _gaps(ends: Stretches, length: float) -> Stretches:
    starts = np.concatenate([[0.0], ends[:, 1]])
    until = np.concatenate([ends[:, 0], [length]])
    gaps = np.column_stack([starts, until - starts])
    return gaps[gaps[:, 1] > 0]


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


def lengths_of(spans: Iterable[CodedSpan]) -> dict[str, float]:
    """Document -> end of its last span, for documents whose length is not known."""
    lengths: dict[str, float] = {}
    for span in spans:
        lengths[span.document] = max(span.end, lengths.get(span.document, 0))
    return lengths
