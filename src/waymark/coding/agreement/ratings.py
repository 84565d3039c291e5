"""Ratings: the values that any number of coders gave to units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from waymark.core.errors import RuleError
from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
else:
    np = LaterModule("numpy")

MISSING = -1
SET_MARK = "|"
"""Between the members of a set of values: "neglect|emotional abuse"."""


class RatingScale(StrEnum):
    """How far two values of a scale are apart.

    NOMINAL: different or not. LINEAR, QUADRATIC: by their places in the order of the scale, as in
    weighted kappa and in alpha for intervals. SETS: each value is a set, compared by MASI.
    """

    NOMINAL = "nominal"
    LINEAR = "linear"
    QUADRATIC = "quadratic"
    SETS = "sets"


@dataclass(frozen=True, slots=True)
class Rating:
    """A value that a coder gave to a unit. document: of the unit, "" if that is not known."""

    unit: str
    coder: str
    value: str
    document: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Values of units by coders.

    values: the scale in its order, also values that nobody gave. places: shape (units, coders),
    the place of each value in the scale, MISSING where a coder gave none. documents: shape
    (units,), a number for the document of each unit; None if documents are not known.
    """

    values: tuple[str, ...]
    coders: tuple[str, ...]
    places: NDArray[np.intp]
    documents: NDArray[np.intp] | None

    @property
    def paired(self) -> int:
        """Number of units that at least two coders rated."""
        return int(((self.places != MISSING).sum(axis=1) >= 2).sum())


def collect_ratings(rows: Iterable[Rating], scale: Sequence[str] = ()) -> Ratings:
    """The ratings of units, in the order of their first row.

    scale: all values in their order; without it the values given, sorted as numbers if all are.
    Raises RuleError if a coder rated a unit twice, a value is not of the scale, or there are fewer
    than two coders.
    """
    values_of_units: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        unit = values_of_units.setdefault((row.document, row.unit), {})
        if row.coder in unit:
            raise RuleError(f"{row.coder} rated the unit {row.unit!r} twice")
        unit[row.coder] = row.value
    coders = tuple(sorted({coder for unit in values_of_units.values() for coder in unit}))
    if len(coders) < 2:
        raise RuleError("agreement needs the ratings of at least two coders")
    values = tuple(scale) or _in_order(
        {value for unit in values_of_units.values() for value in unit.values()}
    )
    place_of = {value: place for place, value in enumerate(values)}
    places = np.full((len(values_of_units), len(coders)), MISSING, dtype=np.intp)
    for number, unit in enumerate(values_of_units.values()):
        for coder, value in unit.items():
            if value not in place_of:
                raise RuleError(f"{value!r} is not a value of the scale: {', '.join(values)}")
            places[number, coders.index(coder)] = place_of[value]
    names = [document for document, _ in values_of_units]
    known = len(set(names)) > 1
    documents = np.unique(names, return_inverse=True)[1].astype(np.intp) if known else None
    return Ratings(values, coders, places, documents)


def _in_order(values: set[str]) -> tuple[str, ...]:
    try:
        return tuple(sorted(values, key=float))
    except ValueError:
        return tuple(sorted(values))


def agreement_weights(values: Sequence[str], scale: RatingScale) -> Floats:
    """How far each two values agree, from 0 (not at all) to 1 (the same): shape (q, q)."""
    size = len(values)
    if scale is RatingScale.NOMINAL or size == 1:
        return np.eye(size)
    if scale is RatingScale.SETS:
        sets = [set_of(value) for value in values]
        return np.array([[1 - masi_distance(a, b) for b in sets] for a in sets])
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / (size - 1)
    weights: Floats = 1 - (apart if scale is RatingScale.LINEAR else apart**2)
    return weights


def set_of(value: str) -> frozenset[str]:
    """The members of a set written as "a|b"; an empty value is the empty set."""
    return frozenset(member.strip() for member in value.split(SET_MARK) if member.strip())


def masi_distance(first: frozenset[str], second: frozenset[str]) -> float:
    """MASI distance in [0, 1] of two sets: one minus their Jaccard index times how they overlap.

    The overlap counts 1 if they are equal, 2/3 if one holds the other, 1/3 if each has members
    that the other lacks, and 0 if they share none. Source: Passonneau 2006.
    """
    if first == second:
        return 0.0
    shared = len(first & second)
    overlap = 0.0 if not shared else 2 / 3 if first < second or second < first else 1 / 3
    return 1 - shared / len(first | second) * overlap
