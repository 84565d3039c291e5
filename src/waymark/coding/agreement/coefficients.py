"""Coefficients of agreement for any number of coders, with values missing.

Everything is computed from sums over units. Documents have one row of sums each, so that an
interval over documents adds up rows instead of counting units anew.

Sources: Fleiss 1971; Gwet 2008 and 2014 (also for missing values); Krippendorff 2004; Cohen 1960.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from waymark.coding.agreement.draws import ROUNDS, SEED, drawn_times
from waymark.coding.agreement.ratings import MISSING, Ratings
from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from waymark.coding.agreement.ratings import Floats
else:
    np = LaterModule("numpy")


@dataclass(frozen=True, slots=True, eq=False)
class RatingSums:
    """Sums over units, n rows: of one document each, of one draw each, or of everything.

    units: with a value. paired: with values of two coders or more. alike: of the paired, the
    agreement of each two of their values, on average. shares: (n, q), of each unit the share of its
    coders that gave each value. coincidences: (n, q, q), Krippendorff's. table: (n, q, q), of the
    units that the first two coders rated, the value of the first by that of the second.
    """

    units: Floats
    paired: Floats
    alike: Floats
    shares: Floats
    coincidences: Floats
    table: Floats


Coefficient = Callable[["RatingSums", "Floats"], "Floats"]
"""Sums of n rows and the weights of agreement of the values, (q, q) -> n coefficients; not a
number where it is not defined because all values are the same."""


def unit_sums(ratings: Ratings, weights: Floats) -> RatingSums:
    """The sums of each single unit. weights: as agreement_weights."""
    size = len(ratings.values)
    is_rated = ratings.places != MISSING
    counts = np.zeros((len(is_rated), size))
    unit, coder = np.nonzero(is_rated)
    np.add.at(counts, (unit, ratings.places[unit, coder]), 1)
    coders = counts.sum(axis=1)
    paired = coders >= 2
    pairs = np.where(paired, coders * (coders - 1), 1)
    # Of a unit with counts 2 and 1: the first value meets itself twice and the second twice.
    together = counts[:, :, None] * counts[:, None, :]
    together[:, np.arange(size), np.arange(size)] -= counts
    together *= paired[:, None, None]
    table = np.zeros((len(is_rated), size, size))
    both = np.flatnonzero(is_rated[:, 0] & is_rated[:, 1])
    table[both, ratings.places[both, 0], ratings.places[both, 1]] = 1
    return RatingSums(
        units=(coders > 0).astype(float),
        paired=paired.astype(float),
        alike=np.einsum("nij,ij->n", together, weights) / pairs,
        shares=counts / np.maximum(coders, 1)[:, None],
        coincidences=together / np.maximum(coders - 1, 1)[:, None, None],
        table=table,
    )


def total(sums: RatingSums, groups: NDArray[np.intp] | None = None) -> RatingSums:
    """The sums of all rows in one row, or of each group (numbered from 0) in a row of its own."""
    groups = np.zeros(len(sums.units), dtype=np.intp) if groups is None else groups
    size = int(groups.max(initial=-1)) + 1

    def grouped(values: Floats) -> Floats:
        added = np.zeros((size, *values.shape[1:]))
        np.add.at(added, groups, values)
        return added

    return RatingSums(*(grouped(getattr(sums, field.name)) for field in fields(sums)))


def raw(sums: RatingSums, weights: Floats) -> Floats:
    """Share of pairs of values that agree, each unit counting once."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums.alike / sums.paired


def fleiss_kappa(sums: RatingSums, weights: Floats) -> Floats:
    """Fleiss' kappa in [-1, 1]: coders who guess take values as often as all coders together."""
    return beyond_chance(*fleiss_parts(sums, weights))


def fleiss_parts(sums: RatingSums, weights: Floats) -> tuple[Floats, Floats]:
    """Agreement of all coders, and what chance gives with the frequencies of all together."""
    shares = _mean_shares(sums)
    return raw(sums, weights), np.einsum("ni,ij,nj->n", shares, weights, shares)


def gwet_ac(sums: RatingSums, weights: Floats) -> Floats:
    """Gwet's AC1, with weights AC2, in [-1, 1]: stable where one value is rare.

    Chance counts all values of the scale, also those that nobody gave.
    """
    size = weights.shape[0]
    if size == 1:
        return np.ones_like(sums.units)
    shares = _mean_shares(sums)
    spread = (shares * (1 - shares)).sum(axis=1)
    return beyond_chance(raw(sums, weights), weights.sum() / (size * (size - 1)) * spread)


def krippendorff_alpha(sums: RatingSums, weights: Floats) -> Floats:
    """Krippendorff's alpha in [-1, 1]; units that only one coder rated count for nothing."""
    apart = 1 - weights
    observed = np.einsum("nij,ij->n", sums.coincidences, apart)
    each = sums.coincidences.sum(axis=2)
    values = each.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.einsum("ni,ij,nj->n", each, apart, each) / (values - 1)
        return np.where(expected > 0, 1 - observed / expected, np.nan)


def cohen_kappa(sums: RatingSums, weights: Floats) -> Floats:
    """Cohen's kappa, or with weights weighted kappa, in [-1, 1], of the first two coders."""
    return beyond_chance(*cohen_parts(sums, weights))


def cohen_parts(sums: RatingSums, weights: Floats) -> tuple[Floats, Floats]:
    """Agreement of the first two coders, and what chance gives if each keeps to his or her own
    frequencies."""
    units = sums.table.sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        table = sums.table / units[:, None, None]
    observed = np.einsum("nij,ij->n", table, weights)
    chance = np.einsum("ni,ij,nj->n", table.sum(axis=2), weights, table.sum(axis=1))
    return observed, chance


def _mean_shares(sums: RatingSums) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums.shares / sums.units[:, None]


def beyond_chance(observed: Floats, chance: Floats) -> Floats:
    """(observed - chance) / (1 - chance); not a number where chance alone agrees on everything."""
    left = 1 - chance
    # Chance that misses certainty by a rounding error only leaves nothing to explain.
    defined = left > 1e-12
    return np.divide(observed - chance, left, out=np.full_like(observed, np.nan), where=defined)


def draw_sums(sums: RatingSums, rounds: int = ROUNDS, seed: int = SEED) -> RatingSums:
    """The sums of so many rows drawn with replacement, in each of the rounds: rounds rows.

    sums: one row for each document, or for each unit if there are too few documents.
    """
    parts: dict[str, list[Floats]] = {field.name: [] for field in fields(sums)}
    for times in drawn_times(len(sums.units), rounds, seed):
        for name, added in parts.items():
            values: Floats = getattr(sums, name)
            flat = values.reshape(len(values), -1)
            added.append((times @ flat).reshape(len(times), *values.shape[1:]))
    return RatingSums(**{name: np.concatenate(added) for name, added in parts.items()})
