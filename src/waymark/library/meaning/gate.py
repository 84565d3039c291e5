"""The gate of search by meaning: whether it helps, by judged queries of the collection itself.

nDCG of each query by words alone and with meaning, and a paired permutation test of the
differences: under the hypothesis that both are alike, each difference might as well have the other
sign. The p-value is the share of draws of signs whose sum is at least the one that was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log2
from typing import TYPE_CHECKING, Any

from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import numpy as np
else:
    np = LaterModule("numpy")

PLACES = 10
DRAWS = 20_000
SEED = 20261130
MOST_LIKELY_CHANCE = 0.05
FEWEST_QUERIES = 20
"""Of fewer, some lucky ones could pass the gate: five that are all better have p = 0.03."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the judged queries say. words, fused: mean nDCG at PLACES. chance: the p-value.

    better, worse: numbers of queries. model: SHA-256. at: when, in ISO 8601.
    """

    queries: int
    words: float
    fused: float
    better: int
    worse: int
    chance: float
    model: str
    at: str

    @property
    def helps(self) -> bool:
        """True if meaning is better, not by chance, and of enough queries."""
        return (
            self.queries >= FEWEST_QUERIES
            and self.fused > self.words
            and self.chance < MOST_LIKELY_CHANCE
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "helps": self.helps}


def gate_result(pairs: Sequence[tuple[float, float]], *, model: str, at: str) -> GateResult:
    """The result for queries, each with its nDCG by words alone and with meaning."""
    words, meaning = (np.array(column) for column in zip(*pairs, strict=True))
    differences = meaning - words
    return GateResult(
        queries=len(pairs),
        words=round(float(words.mean()), 4),
        fused=round(float(meaning.mean()), 4),
        better=int((differences > 0).sum()),
        worse=int((differences < 0).sum()),
        chance=round(chance_of(differences.tolist()), 5),
        model=model,
        at=at,
    )


def chance_of(differences: Sequence[float]) -> float:
    """The p-value (one-sided) of paired differences; always the same for the same ones."""
    values = np.array([one for one in differences if one])
    if not len(values):
        return 1.0
    signs = np.random.default_rng(SEED).integers(2, size=(DRAWS, len(values)), dtype=np.int8)
    sums = (signs * np.float64(2) - 1) @ values
    # What was found is one of the draws, so that the p-value is never 0.
    return float((np.count_nonzero(sums >= values.sum() - 1e-12) + 1) / (DRAWS + 1))


def ndcg(order: Sequence[str], grades: Mapping[str, int]) -> float:
    """How near the first PLACES of an order come to the best one there is, from 0 to 1.

    Gain of a grade: 2^grade - 1, divided by log2(place + 1); what is not judged has grade 0.
    """
    best = _gain(sorted(grades.values(), reverse=True))
    return _gain([grades.get(name, 0) for name in order]) / best if best else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 2) for place, grade in enumerate(grades[:PLACES]))
