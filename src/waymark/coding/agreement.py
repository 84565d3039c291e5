"""How far two coders agree, counted on their independent work before anything was settled.

Own arithmetic because the packages for it are wrong, unmaintained, slow or GPL; the tests compare
it with published examples. Sources: Cohen 1960; Gwet 2008.

Everything is worked out of tables of counts: how many units the first gave value i and the second
value j. So an interval of ten thousand reviews costs no more than adding up their tables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from waymark.core.errors import RuleError

Ratings = Sequence[str]
Pair = tuple[Ratings, Ratings]
"""What the first and the second coder said of the same units."""
Statistic = Callable[[Ratings, Ratings], float]
Tables = NDArray[np.float64]
"""n tables of q values by q values, each of at least one unit: shape (n, q, q)."""


def _tables(coded: Sequence[Pair], values: Sequence[str]) -> Tables:
    """One table for each pair, over the values given."""
    places = {value: place for place, value in enumerate(values)}
    owners = np.repeat(np.arange(len(coded)), [len(first) for first, _ in coded])
    first, second = (
        np.fromiter((places[value] for pair in coded for value in pair[side]), dtype=np.intp)
        for side in (0, 1)
    )
    made = np.zeros((len(coded), len(values), len(values)))
    np.add.at(made, (owners, first, second), 1)
    return made


def _checked(first: Ratings, second: Ratings) -> Tables:
    if len(first) != len(second) or not first:
        raise RuleError(f"need two equal, non-empty codings: {len(first)} and {len(second)}")
    return _tables([(first, second)], sorted({*first, *second}))


def raw_agreement(first: Ratings, second: Ratings) -> float:
    """The share of the n >= 1 units that both rated alike, in [0, 1]. Raises RuleError."""
    return float(_raw(_checked(first, second))[0])


def cohen_kappa(first: Ratings, second: Ratings) -> float:
    """Cohen's kappa in [-1, 1]; 1.0 where both used one same value throughout. Raises RuleError."""
    return float(_kappa(_checked(first, second))[0])


def gwet_ac1(first: Ratings, second: Ratings) -> float:
    """Gwet's AC1 in [-1, 1], steady where one value is rare. Raises RuleError.

    Chance agreement is the mean over the q values used of p(1 - p), p being the value's mean share.
    """
    return float(_ac1(_checked(first, second))[0])


def _raw(tables: Tables) -> NDArray[np.float64]:
    alike: NDArray[np.float64] = np.einsum("nii->n", tables)
    units: NDArray[np.float64] = tables.sum(axis=(1, 2))
    return alike / units


def _kappa(tables: Tables) -> NDArray[np.float64]:
    units = tables.sum(axis=(1, 2))
    chance = (tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1) / units**2
    return _beyond(_raw(tables), chance)


def _ac1(tables: Tables) -> NDArray[np.float64]:
    units = tables.sum(axis=(1, 2))
    shares = (tables.sum(axis=2) + tables.sum(axis=1)) / (2 * units[:, None])
    others = np.maximum((shares > 0).sum(axis=1) - 1, 1)
    chance = (shares * (1 - shares)).sum(axis=1) / others
    return _beyond(_raw(tables), chance)


def _beyond(raw: NDArray[np.float64], chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Agreement beyond chance; 1 where chance alone would agree on everything."""
    left = 1 - chance
    return np.divide(raw - chance, left, out=np.ones_like(raw), where=left != 0)


OF_TABLES: dict[Statistic, Callable[[Tables], NDArray[np.float64]]] = {
    raw_agreement: _raw,
    cohen_kappa: _kappa,
    gwet_ac1: _ac1,
}

# Reviews coded twice from which on reviews, not units, are drawn for an interval.
FEW = 20
DRAWN_AT_A_TIME = 1_000_000
"""Reviews or units, in all rounds that are held in memory together."""


@dataclass(frozen=True, slots=True)
class Interval:
    """lower and upper bound, at the level asked for."""

    lower: float
    upper: float


def bootstrap_interval(
    statistic: Statistic,
    clusters: Sequence[Pair],
    *,
    level: float = 0.95,
    rounds: int = 2_000,
    seed: int = 20080,
) -> Interval:
    """Percentile interval of a statistic of this module over reviews (clusters) coded by two.

    Units of one review depend on one another, so whole reviews are drawn with replacement. A
    handful of reviews gives intervals that are far too narrow that way; below FEW reviews single
    units are drawn instead. The seed is fixed: the same codings always give the same interval.
    Raises RuleError under two units.
    """
    ((found,),) = bootstrap_intervals(
        [statistic], [clusters], level=level, rounds=rounds, seed=seed
    )
    return found


def bootstrap_intervals(
    statistics: Sequence[Statistic],
    codings: Sequence[Sequence[Pair]],
    *,
    level: float = 0.95,
    rounds: int = 2_000,
    seed: int = 20080,
) -> list[list[Interval]]:
    """Of several codings, as of one code each, the interval of each statistic.

    Those of as many reviews are drawn together, which is many times faster than one by one and
    gives the same intervals. Raises RuleError where one has under two units.
    """
    drawn_from = [one if len(one) >= FEW else _units(one) for one in codings]
    if any(len(one) < 2 for one in drawn_from):
        raise RuleError("an interval needs at least two units coded by both")
    found: dict[int, list[Interval]] = {}
    for size in {len(one) for one in drawn_from}:
        places = [place for place, one in enumerate(drawn_from) if len(one) == size]
        values = sorted(
            {value for at in places for pair in drawn_from[at] for value in chain(*pair)}
        )
        tables = np.stack([_tables(drawn_from[at], values) for at in places], axis=1)
        added = _added(tables, rounds, np.random.default_rng(seed))
        for number, at in enumerate(places):
            every = [OF_TABLES[statistic](added[:, number]) for statistic in statistics]
            found[at] = [_interval(one, level) for one in every]
    return [found[place] for place in range(len(codings))]


def _added(
    tables: NDArray[np.float64], rounds: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """The tables of whatever is drawn in each round, added up.

    tables: shape (drawn from, codings, q, q); gives (rounds, codings, q, q).
    """
    size = len(tables)
    at_a_time = max(1, DRAWN_AT_A_TIME // size)
    made = []
    for done in range(0, rounds, at_a_time):
        drawn = random.integers(size, size=(min(at_a_time, rounds - done), size))
        times = np.stack([np.bincount(turn, minlength=size) for turn in drawn])
        made.append(times.astype(float) @ tables.reshape(size, -1))
    return np.concatenate(made).reshape(rounds, *tables.shape[1:])


def _interval(found: NDArray[np.float64], level: float) -> Interval:
    tail = (1 - level) / 2
    lower, upper = np.quantile(found, [tail, 1 - tail])
    return Interval(float(lower), float(upper))


def _units(clusters: Sequence[Pair]) -> list[Pair]:
    return [([a], [b]) for first, second in clusters for a, b in zip(first, second, strict=True)]
