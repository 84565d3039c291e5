"""Agreement on where codes were put: spans of text, marked by any number of coders.

Three figures, for three questions. Alpha-U asks how far the marked and unmarked stretches can be
relied on as data, and can rise when an exact match becomes a partial one. Gamma pairs each span
with its likely counterparts and asks how near they are, in place and in code. F1 asks which share
of the marked characters both marked; it knows no chance.

The first is in `alpha_u.py`, the second in `gamma.py`.
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

    from waymark.coding.agreement.ratings import Floats
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


@dataclass(frozen=True, slots=True, eq=False)
class MarkedCharacters:
    """Characters that each two coders marked with the same code: shape (documents, pairs) each.

    both: that both marked; either: of the first and of the second, added up.
    """

    both: Floats
    either: Floats

    def f1(self, times: Floats | None = None) -> Floats:
        """Shares in [0, 1] of the characters marked by two coders that both marked.

        2 * both / (first + second), the mean over each two coders who marked any; not a number
        where nobody did. times: how often each draw has each document, shape (n, documents);
        without it the documents themselves, n = 1.
        """
        counts = np.ones((1, len(self.both))) if times is None else times
        both, either = counts @ self.both, counts @ self.either
        defined = either > 0
        shares = np.divide(2 * both, either, out=np.zeros_like(both), where=defined)
        pairs = defined.sum(axis=1)
        means: Floats = np.divide(
            shares.sum(axis=1), pairs, out=np.full(len(pairs), np.nan), where=pairs > 0
        )
        return means


def marked_characters(
    spans: Sequence[CodedSpan], coders: Sequence[str], documents: Iterable[str]
) -> MarkedCharacters:
    """The characters that each two coders marked in each document, added up over codes."""
    rows = {document: row for row, document in enumerate(documents)}
    pairs = list(combinations(coders, 2))
    both, either = (np.zeros((len(rows), len(pairs))) for _ in range(2))
    marked: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = defaultdict(dict)
    for (document, coder, code), group in _grouped(spans).items():
        marked[document, code][coder] = merge_stretches(group)
    for (document, _), of in marked.items():
        sizes = {coder: sum(end - start for start, end in ends) for coder, ends in of.items()}
        for column, (first, second) in enumerate(pairs):
            both[rows[document], column] += _shared(of.get(first, []), of.get(second, []))
            either[rows[document], column] += sizes.get(first, 0) + sizes.get(second, 0)
    return MarkedCharacters(both, either)


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


def lengths_of(spans: Iterable[CodedSpan]) -> dict[str, float]:
    """Document -> end of its last span, for documents whose length is not known."""
    lengths: dict[str, float] = {}
    for span in spans:
        lengths[span.document] = max(span.end, lengths.get(span.document, 0))
    return lengths
