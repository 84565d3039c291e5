"""Agreement of two coders on several codes, with the chance of each code apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from waymark.coding.agreement.draws import (
    FEWEST_REVIEWS,
    ROUNDS,
    SEED,
    ConfidenceInterval,
    percentile_interval,
)
from waymark.coding.agreement.two_coders import (
    CHANCE_OF,
    Pair,
    Statistic,
    count_tables,
    drawn_from,
    resampled_tables,
    scale_of,
)
from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from waymark.coding.agreement.two_coders import Tables
else:
    np = LaterModule("numpy")


@dataclass(frozen=True, slots=True)
class WithinCodes:
    """Agreement beyond the chance of each code. together: over all codes; mean: of the codes' own.

    None where it is not defined, because both coders gave every unit the same value.
    """

    together: float | None
    mean: float | None
    interval: ConfidenceInterval | None


def agreement_within_codes(
    statistic: Statistic,
    codings: Sequence[Sequence[Pair]],
    *,
    values: Sequence[str] = (),
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> WithinCodes:
    """A statistic over several codes, with the chance of each code apart.

    Pooled, kappa takes for agreement beyond chance that both coders know which codes are common.
    Within codes it adds up, over codes, what was agreed beyond the chance of that code, and what
    that chance leaves. codings: of each code, as for bootstrap_interval.

    Two codes of 10 units. All agree on the first, 5 yes: raw 1, chance 0.5. On the second both say
    yes once, each to another unit: raw 0.8, chance (1 + 81) / 100 = 0.82, kappa -0.11. Within codes
    kappa is (1 + 0.8 - 0.5 - 0.82) / (2 - 0.5 - 0.82) = 0.71; the mean is (1 - 0.11) / 2 = 0.44.
    """
    coded = [pairs for pairs in codings if any(first for first, _ in pairs)]
    if not coded:
        return WithinCodes(None, None, None)
    scale = scale_of((pair for pairs in coded for pair in pairs), values)
    tables = [count_tables(pairs, scale).sum(axis=0)[None] for pairs in coded]
    together = _within(statistic, tables)[0]
    own = [_within(statistic, [table])[0] for table in tables]
    defined = [float(value) for value in own if np.isfinite(value)]
    if not np.isfinite(together):
        return WithinCodes(None, None, None)
    return WithinCodes(
        float(together),
        float(np.mean(defined)),
        _within_interval(statistic, coded, scale, rounds, seed),
    )


def _within(statistic: Statistic, tables: Sequence[Tables]) -> NDArray[np.float64]:
    """tables: of each code, n tables -> n values; not a number where chance leaves nothing."""
    units = [table.sum(axis=(1, 2)) for table in tables]
    agreed = sum(np.einsum("nii->n", table) for table in tables)
    chance = sum(
        size * CHANCE_OF[statistic](table) for size, table in zip(units, tables, strict=True)
    )
    left = np.asarray(sum(units) - chance)
    beyond: NDArray[np.float64] = np.divide(
        agreed - chance, left, out=np.full_like(left, np.nan), where=left > 1e-9
    )
    return beyond


def _within_interval(
    statistic: Statistic,
    coded: Sequence[Sequence[Pair]],
    scale: Sequence[str],
    rounds: int,
    seed: int,
) -> ConfidenceInterval | None:
    """Drawn from reviews, the same of every code; from units of each code apart if they are few."""
    totals = []
    for place, pairs in enumerate(coded):
        few = len(pairs) < FEWEST_REVIEWS
        drawn = resampled_tables([drawn_from(pairs)], scale, rounds, seed + place * few)
        totals.append(drawn[:, 0])
    return percentile_interval(_within(statistic, totals))
