"""How far two coders agree, counted on their independent work before anything was settled.

Own arithmetic because the packages for it are wrong, unmaintained, slow or GPL; the tests compare
it with published examples. Sources: Cohen 1960; Gwet 2008.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from waymark.core.errors import RuleError

Ratings = Sequence[str]
Statistic = Callable[[Ratings, Ratings], float]


def _checked(first: Ratings, second: Ratings) -> int:
    if len(first) != len(second) or not first:
        raise RuleError(f"need two equal, non-empty codings: {len(first)} and {len(second)}")
    return len(first)


def raw_agreement(first: Ratings, second: Ratings) -> float:
    """The share of the n >= 1 units that both rated alike, in [0, 1]. Raises RuleError."""
    n = _checked(first, second)
    return sum(a == b for a, b in zip(first, second, strict=True)) / n


def cohen_kappa(first: Ratings, second: Ratings) -> float:
    """Cohen's kappa in [-1, 1]; 1.0 where both used one same value throughout. Raises RuleError."""
    n = _checked(first, second)
    ours, theirs = Counter(first), Counter(second)
    chance = sum(ours[value] * theirs[value] for value in ours) / n**2
    return 1.0 if chance == 1 else (raw_agreement(first, second) - chance) / (1 - chance)


def gwet_ac1(first: Ratings, second: Ratings) -> float:
    """Gwet's AC1 in [-1, 1], steady where one value is rare. Raises RuleError.

    Chance agreement is the mean over the q values used of p(1 - p), p being the value's mean share.
    """
    n = _checked(first, second)
    both = Counter(first) + Counter(second)
    q = len(both)
    if q == 1:
        return 1.0
    shares = [count / (2 * n) for count in both.values()]
    chance = sum(share * (1 - share) for share in shares) / (q - 1)
    return (raw_agreement(first, second) - chance) / (1 - chance)


# Reviews coded twice from which on reviews, not units, are drawn for an interval.
FEW = 20


@dataclass(frozen=True, slots=True)
class Interval:
    """lower and upper bound, at the level asked for."""

    lower: float
    upper: float


def bootstrap_interval(
    statistic: Statistic,
    clusters: Sequence[tuple[Ratings, Ratings]],
    *,
    level: float = 0.95,
    rounds: int = 2_000,
    seed: int = 20080,
) -> Interval:
    """Percentile interval of a statistic over reviews (clusters) that two people coded.

    Units of one review depend on one another, so whole reviews are drawn with replacement. A
    handful of reviews gives intervals that are far too narrow that way; below FEW reviews single
    units are drawn instead. The seed is fixed: the same codings always give the same interval.
    Raises RuleError under two units.
    """
    drawn_from = clusters if len(clusters) >= FEW else _units(clusters)
    if len(drawn_from) < 2:
        raise RuleError("an interval needs at least two units coded by both")
    random = np.random.default_rng(seed)
    found = np.empty(rounds)
    for turn, drawn in enumerate(random.integers(len(drawn_from), size=(rounds, len(drawn_from)))):
        first = [value for at in drawn for value in drawn_from[at][0]]
        second = [value for at in drawn for value in drawn_from[at][1]]
        found[turn] = statistic(first, second)
    tail = (1 - level) / 2
    lower, upper = np.quantile(found, [tail, 1 - tail])
    return Interval(float(lower), float(upper))


def _units(clusters: Sequence[tuple[Ratings, Ratings]]) -> list[tuple[Ratings, Ratings]]:
    return [([a], [b]) for first, second in clusters for a, b in zip(first, second, strict=True)]
