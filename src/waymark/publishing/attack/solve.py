"""The least and the most that a count can be, in whole numbers, by HiGHS."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from waymark.publishing.attack.equations import Equation, Name, Unknowns

ENDLESS = 1e6


class Contradiction(Exception):
    """No whole numbers fit what is printed."""


class Solver:
    """Integer programs over all counts of a folder. certain: leave out what words only suggest."""

    def __init__(self, unknowns: Unknowns, *, certain: bool = False) -> None:
        self.names = list(unknowns.low)
        self.at = {name: place for place, name in enumerate(self.names)}
        low = np.array([unknowns.low[name] for name in self.names])
        high = np.array([min(unknowns.high[name], ENDLESS) for name in self.names])
        if (low > high).any():
            raise Contradiction
        self.bounds = Bounds(low, high)
        held = [one for one in unknowns.equations if not (certain and one.guessed)]
        self.constraints = [self._constraint(held)] if held else []

    def _constraint(self, equations: Sequence[Equation]) -> LinearConstraint:
        entries = [
            (factor, row, self.at[name])
            for row, one in enumerate(equations)
            for name, factor in one.terms
        ]
        factors, rows, places = zip(*entries, strict=True)
        matrix = csr_matrix(
            (np.array(factors, dtype=np.float64), (rows, places)),
            shape=(len(equations), len(self.names)),
        )
        return LinearConstraint(
            matrix, [one.low for one in equations], [one.high for one in equations]
        )

    def interval(self, name: Name) -> tuple[int, int | None]:
        """The least and the most of one count; None: without end. Raises Contradiction."""
        ends = []
        for sign in (1.0, -1.0):
            objective = np.zeros(len(self.names))
            objective[self.at[name]] = sign
            found = milp(
                objective,
                constraints=self.constraints,
                bounds=self.bounds,
                integrality=np.ones(len(self.names)),
            )
            if found.x is None:
                raise Contradiction
            ends.append(round(float(found.x[self.at[name]])))
        return ends[0], ends[1] if ends[1] < ENDLESS else None
