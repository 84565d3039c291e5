"""An attacker with its own integer program, written from what is printed and nothing of the engine.

For tables too large to try every one that fits.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

Line = tuple[Mapping[str, int], int]
"""Factors of names, and what they add up to."""


def narrowed(
    printed: Mapping[str, tuple[int, int]],
    hidden: Iterable[str],
    equations: Iterable[Line],
    wanted: Iterable[str],
    *,
    ceiling: int,
) -> dict[str, tuple[int, int]]:
    """The least and the most that each of wanted can be, no number above ceiling.

    printed: name -> least and most it can be by what is printed; hidden: names of which nothing is.
    Raises AssertionError where no table fits: then what was printed contradicts itself.
    """
    bounds = dict(printed) | dict.fromkeys(hidden, (0, ceiling))
    names = list(bounds)
    at = {name: place for place, name in enumerate(names)}
    rows, sums = [], []
    for factors, total in equations:
        row = np.zeros(len(names))
        for name, factor in factors.items():
            row[at[name]] += factor
        rows.append(row)
        sums.append(total)
    low, high = np.array([bounds[name] for name in names], dtype=float).T
    found = {}
    for name in wanted:
        ends = []
        for sign in (1, -1):
            objective = np.zeros(len(names))
            objective[at[name]] = sign
            constraints = [LinearConstraint(np.array(rows), sums, sums)] if rows else []
            best = milp(
                objective,
                constraints=constraints,
                bounds=Bounds(low, high),
                integrality=np.ones(len(names)),
            )
            assert best.status == 0, (name, best.message)
            ends.append(round(best.x[at[name]]))
        found[name] = (ends[0], ends[1])
    return found
