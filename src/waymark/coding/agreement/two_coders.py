"""Agreement of two coders on single values. Sources: Cohen 1960; Gwet 2008.

Everything is computed from tables of counts: how many units the first coder gave value i and the
second value j. So an interval of ten thousand reviews costs no more than adding up their tables.

Each coefficient is (raw - chance) / (1 - chance); they differ in the chance agreement:

    kappa   sum over the values of p1 * p2, the shares of the value with each coder
    AC1     sum over the q values of p * (1 - p) / (q - 1), p being the mean of p1 and p2
"""

# Example: 66 units, a rare code; both say yes once, each alone twice, both say no 61 times.
#
#     raw     62 / 66 = 0.939
#     kappa   chance (3*3 + 63*63) / 66**2 = 0.913, so (0.939 - 0.913) / 0.087 = 0.30
#     AC1     p = 3/66: chance 2 * 0.0455 * 0.9545 / 1 = 0.087, so (0.939 - 0.087) / 0.913 = 0.93
#
# Kappa falls because almost all agreement is on "no", which it counts as chance; AC1 does not.

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING

from waymark.coding.agreement.draws import (
    FEWEST_REVIEWS,
    LEVEL,
    ROUNDS,
    SEED,
    ConfidenceInterval,
    drawn_times,
    percentile_interval,
)
from waymark.core.errors import RuleError
from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tables = NDArray[np.float64]
    """n tables of q values by q values, each of at least one unit: shape (n, q, q)."""
else:
    np = LaterModule("numpy")

Ratings = Sequence[str]
Pair = tuple[Ratings, Ratings]
"""The values that the first and the second coder gave to the same units."""
Statistic = Callable[[Ratings, Ratings], float]


def count_tables(coded: Sequence[Pair], values: Sequence[str]) -> Tables:
    """One table for each pair, over these values."""
    # Example: the pair (["y", "n", "n"], ["y", "n", "y"]) over ("n", "y") gives [[1, 1], [0, 1]]:
    # both said no once, the first no and the second yes once, both yes once.
    places = {value: place for place, value in enumerate(values)}
    owners = np.repeat(np.arange(len(coded)), [len(first) for first, _ in coded])
    first, second = (
        np.fromiter((places[value] for pair in coded for value in pair[side]), dtype=np.intp)
        for side in (0, 1)
    )
    tables = np.zeros((len(coded), len(values), len(values)))
    np.add.at(tables, (owners, first, second), 1)  # counts repeated places, as += would not
    return tables


def _checked_table(first: Ratings, second: Ratings, values: Sequence[str] = ()) -> Tables:
    if len(first) != len(second) or not first:
        raise RuleError(f"need two equal, non-empty codings: {len(first)} and {len(second)}")
    return count_tables([(first, second)], scale_of([(first, second)], values))


def scale_of(coded: Iterable[Pair], values: Sequence[str]) -> list[str]:
    """The scale: the values named, or else those given. Raises RuleError for one off the scale."""
    used = {value for pair in coded for value in chain(*pair)}
    if values and (off := sorted(used - set(values))):
        raise RuleError(f"{off[0]!r} is not a value of the scale: {', '.join(values)}")
    return list(dict.fromkeys(values)) or sorted(used)


def raw_agreement(first: Ratings, second: Ratings) -> float:
    """Share of the n >= 1 units that both coders rated alike, in [0, 1]. Raises RuleError."""
    return float(_raw_of_tables(_checked_table(first, second))[0])


def cohen_kappa(first: Ratings, second: Ratings) -> float:
    """Cohen's kappa in [-1, 1]; 1.0 if both coders used a single value. Raises RuleError."""
    kappa = float(_kappa_of_tables(_checked_table(first, second))[0])
    return kappa if isfinite(kappa) else 1.0


def gwet_ac1(first: Ratings, second: Ratings, values: Sequence[str] = ()) -> float:
    """Gwet's AC1 in [-1, 1], which stays stable if one value is rare.

    values: all values of the scale, also those that nobody gave: chance spreads over all of them.
    Without it, the values that were given. Raises RuleError, also for a value off the scale.
    """
    return float(_ac1_of_tables(_checked_table(first, second, values))[0])


def _raw_of_tables(tables: Tables) -> NDArray[np.float64]:
    alike: NDArray[np.float64] = np.einsum("nii->n", tables)
    units: NDArray[np.float64] = tables.sum(axis=(1, 2))
    return alike / units


def _kappa_chance(tables: Tables) -> NDArray[np.float64]:
    units = tables.sum(axis=(1, 2))
    chance: NDArray[np.float64] = (tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1) / units**2
    return chance


def _ac1_chance(tables: Tables) -> NDArray[np.float64]:
    units = tables.sum(axis=(1, 2))
    shares = (tables.sum(axis=2) + tables.sum(axis=1)) / (2 * units[:, None])
    # q is the size of the scale: a draw without a single "yes" had the choice all the same.
    others = max(tables.shape[1] - 1, 1)
    chance: NDArray[np.float64] = (shares * (1 - shares)).sum(axis=1) / others
    return chance


def _kappa_of_tables(tables: Tables) -> NDArray[np.float64]:
    return _beyond_chance(_raw_of_tables(tables), _kappa_chance(tables))


def _ac1_of_tables(tables: Tables) -> NDArray[np.float64]:
    return _beyond_chance(_raw_of_tables(tables), _ac1_chance(tables))


def _beyond_chance(raw: NDArray[np.float64], chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Agreement beyond chance; not a number where chance alone would agree on everything."""
    left = 1 - chance
    return np.divide(raw - chance, left, out=np.full_like(raw, np.nan), where=left > 1e-12)


CHANCE_OF: dict[Statistic, Callable[[Tables], NDArray[np.float64]]] = {
    cohen_kappa: _kappa_chance,
    gwet_ac1: _ac1_chance,
}
"""The agreement that chance gives, of each statistic that takes it away."""
OF_TABLES: dict[Statistic, Callable[[Tables], NDArray[np.float64]]] = {
    raw_agreement: _raw_of_tables,
    cohen_kappa: _kappa_of_tables,
    gwet_ac1: _ac1_of_tables,
}


def bootstrap_interval(
    statistic: Statistic,
    clusters: Sequence[Pair],
    *,
    level: float = LEVEL,
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> ConfidenceInterval:
    """Percentile interval of a statistic of this module over reviews (clusters) coded by two.

    Units of one review depend on one another, so whole reviews are drawn with replacement. Drawn
    from only a few reviews, intervals would be far too narrow; below FEWEST_REVIEWS single units
    are drawn instead. The seed is fixed: the same codings always give the same interval. Raises
    RuleError for fewer than two units.
    """
    ((interval,),) = bootstrap_intervals(
        [statistic], [clusters], level=level, rounds=rounds, seed=seed
    )
    if interval is None:
        raise RuleError("in most draws both coders have a single value: there is no interval")
    return interval


def bootstrap_intervals(
    statistics: Sequence[Statistic],
    codings: Sequence[Sequence[Pair]],
    *,
    values: Sequence[str] = (),
    level: float = LEVEL,
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> list[list[ConfidenceInterval | None]]:
    """The interval of each statistic for each of several codings, such as one for each code.

    Codings of the same number of reviews are drawn together, which is many times faster than one
    by one and gives the same intervals. values: all values of the scale; without it, of each coding
    those that were given. Raises RuleError if one has fewer than two units.
    """
    # Reviews are drawn, not units: codes of one review resemble each other, and units drawn one by
    # one would give intervals that are too short. With few reviews there is nothing to draw from,
    # so each unit counts as one.
    clusters = [drawn_from(pairs) for pairs in codings]
    if any(len(pairs) < 2 for pairs in clusters):
        raise RuleError("an interval needs at least two units coded by both coders")
    places_by_size: dict[tuple[int, tuple[str, ...]], list[int]] = {}
    for place, pairs in enumerate(clusters):
        # Codings of 20, 30 and 20 reviews: sizes 20 -> places 0 and 2, 30 -> place 1. Places of one
        # size use the same 2,000 draws of reviews, so their intervals can be compared with each
        # other. Codings on different scales are drawn apart, because AC1 counts the scale's values.
        scale = tuple(scale_of(pairs, values))
        places_by_size.setdefault((len(pairs), scale), []).append(place)
    intervals: dict[int, list[ConfidenceInterval | None]] = {}
    for (_, scale), places in places_by_size.items():
        totals = resampled_tables([clusters[place] for place in places], scale, rounds, seed)
        for number, place in enumerate(places):
            results = [OF_TABLES[statistic](totals[:, number]) for statistic in statistics]
            intervals[place] = [percentile_interval(values, level) for values in results]
    return [intervals[place] for place in range(len(codings))]


def drawn_from(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Reviews if there are enough of them, else their units, each as if it were a review."""
    return pairs if len(pairs) >= FEWEST_REVIEWS else _single_units(pairs)


def resampled_tables(
    codings: Sequence[Sequence[Pair]], values: Sequence[str], rounds: int, seed: int
) -> NDArray[np.float64]:
    """Summed tables of every round for codings of one size: shape (rounds, codings, q, q)."""
    tables = np.stack([count_tables(pairs, values) for pairs in codings], axis=1)
    flat = tables.reshape(len(tables), -1)
    totals = [times @ flat for times in drawn_times(len(tables), rounds, seed)]
    return np.concatenate(totals).reshape(rounds, *tables.shape[1:])


def _single_units(clusters: Sequence[Pair]) -> list[Pair]:
    return [([a], [b]) for first, second in clusters for a, b in zip(first, second, strict=True)]
