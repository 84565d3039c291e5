"""The one rule of intervals of agreement: what is drawn, how often, and from how much.

Documents are drawn with replacement, because units of one depend on one another. Where there are
too few of them single units are drawn instead, and the answer says so; spans have no such units,
so there they have no interval. A figure that is not defined in a draw drops out of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from waymark.coding.agreement.ratings import Floats
else:
    np = LaterModule("numpy")

FEWEST_REVIEWS = 20
"""With at least so many double-coded documents, an interval is drawn from them, not from units."""
FEWEST_UNITS = 10
"""An interval of fewer units or spans would mostly tell of chance."""
LEVEL = 0.95
ROUNDS = 2_000
SEED = 20080
"""The same codings always give the same interval."""
DRAWN_AT_A_TIME = 1_000_000
"""Draws of documents or units in memory at a time, over several rounds."""


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """Lower and upper bound of a confidence interval."""

    lower: float
    upper: float


def drawn_times(size: int, rounds: int = ROUNDS, seed: int = SEED) -> Iterator[Floats]:
    """How often each of so many documents or units is drawn: parts of shape (some rounds, size).

    Drawing with replacement is the same as weighting: of 3 documents, the draw 2 0 2 has the
    weights 1 0 2, so that the sums of all draws are one product of matrices.
    """
    random = np.random.default_rng(seed)
    at_a_time = max(1, DRAWN_AT_A_TIME // size)
    for done in range(0, rounds, at_a_time):
        drawn = random.integers(size, size=(min(at_a_time, rounds - done), size))
        yield np.stack([np.bincount(turn, minlength=size) for turn in drawn]).astype(float)


def percentile_interval(
    values: NDArray[np.float64], level: float = LEVEL
) -> ConfidenceInterval | None:
    """Interval of the draws in which a figure is defined; None if those are fewer than half."""
    defined = values[np.isfinite(values)]
    if len(defined) < len(values) / 2:
        return None
    tail = (1 - level) / 2
    lower, upper = np.quantile(defined, [tail, 1 - tail])
    return ConfidenceInterval(float(lower), float(upper))
