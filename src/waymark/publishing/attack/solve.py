"""The least and the most that a count can be, in whole numbers, by HiGHS."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
import scipy

from waymark.publishing.attack.unknowns import BoundedEquation, Name, UnknownCounts

ENDLESS = 1e6


class Contradiction(Exception):
    """No whole numbers fit what is printed."""


class BoundsSolver:
    """Integer programs over all counts. certain: leave out what words only suggest.

    single: with the counts of single reviews and children. Counts that no equation ties, however
    far round, are solved apart: a + b = 5 and c + d = 7 are two programs of two unknowns.
    """

    def __init__(
        self, unknowns: UnknownCounts, *, certain: bool = False, single: bool = False
    ) -> None:
        self.single = single
        self.equations = [
            equation
            for equation in unknowns.equations
            if (single and equation.single)
            or not (equation.single or (certain and equation.guessed))
        ]
        self.low = {name: float(value) for name, value in unknowns.low.items()}
        self.high = {name: min(float(value), ENDLESS) for name, value in unknowns.high.items()}
        # A count of 3 to 2 cannot be: some guessed equation is wrong for this publication.
        if any(self.low[name] > self.high[name] for name in self.low):
            raise Contradiction
        self.part_of = self._parts()

    def _parts(self) -> dict[Name, "_TiedUnknowns"]:
        """The part of each count that is not known."""
        # Known counts tie nothing together: two tables that share only a printed total are apart.
        roots = _roots_of_parts(
            [name for name, _ in equation.terms if self.low[name] < self.high[name]]
            for equation in self.equations
        )
        names: dict[Name, list[Name]] = defaultdict(list)
        for name, root in roots.items():
            names[root].append(name)
        equations: dict[Name, list[BoundedEquation]] = defaultdict(list)
        for equation in self.equations:
            first = next((name for name, _ in equation.terms if name in roots), None)
            if first is None:
                self._check(equation)
            else:
                equations[roots[first]].append(equation)
        parts = {}
        for root, inside in names.items():
            parts.update(dict.fromkeys(inside, _TiedUnknowns(self, inside, equations[root])))
        return parts

    def _check(self, equation: BoundedEquation) -> None:
        """Numbers that are all known must fit as they are."""
        total = sum(factor * self.low[name] for name, factor in equation.terms)
        if not equation.low <= total <= equation.high:
            raise Contradiction

    @cached_property
    def fits(self) -> bool:
        """True where whole numbers fit all that is printed. Raises Contradiction."""
        for part in dict.fromkeys(self.part_of.values()):
            part.least({}, {})
        return True

    def least(
        self, objective: Mapping[Name, float], fixed: Mapping[Name, float] | None = None
    ) -> dict[Name, int]:
        """Whole numbers that fit and make an objective least, of all that is tied to it.

        fixed: numbers that the attacker also knows. Raises Contradiction.
        """
        values = {name: round(self.low[name]) for name in objective}
        values |= {name: round(self.high[name]) for name, weight in objective.items() if weight < 0}
        for part in dict.fromkeys(self.part_of[name] for name in objective if name in self.part_of):
            values |= part.least(objective, fixed or {})
        return values

    def interval(
        self, name: Name, fixed: Mapping[Name, float] | None = None
    ) -> tuple[int, int | None]:
        """The least and the most of one count; None: without end. Raises Contradiction."""
        least = self.least({name: 1.0}, fixed)[name] if self.fits else 0
        most = self.least({name: -1.0}, fixed)[name]
        return least, most if most < ENDLESS else None


class _TiedUnknowns:
    """Counts that are tied to each other and to no others, and are not known.

    a + b + 6 = 9 with 6 known becomes the row a + b = 3 of the program.
    """

    def __init__(
        self, solver: BoundsSolver, names: Sequence[Name], equations: Sequence[BoundedEquation]
    ) -> None:
        self.names = list(names)
        self.at = {name: place for place, name in enumerate(self.names)}
        self.low = np.array([solver.low[name] for name in self.names])
        self.high = np.array([solver.high[name] for name in self.names])
        known = [
            sum(factor * solver.low[name] for name, factor in equation.terms if name not in self.at)
            for equation in equations
        ]
        entries = [
            (factor, row, self.at[name])
            for row, equation in enumerate(equations)
            for name, factor in equation.terms
            if name in self.at
        ]
        # Sparse, in three lists: 2x + y = 5 and y = 1 become factors 2, 1, 1 in rows 0, 0, 1 and
        # places 0, 1, 1. A dense matrix of 3,000 counts by 5,000 equations would take 120 MB.
        factors, rows, places = zip(*entries, strict=True)
        matrix = scipy.sparse.csr_matrix(
            (np.array(factors, dtype=np.float64), (rows, places)),
            shape=(len(equations), len(self.names)),
        )
        low = [equation.low - besides for equation, besides in zip(equations, known, strict=True)]
        high = [equation.high - besides for equation, besides in zip(equations, known, strict=True)]
        self.constraint = scipy.optimize.LinearConstraint(matrix, low, high)

    def least(
        self, objective: Mapping[Name, float], fixed: Mapping[Name, float]
    ) -> dict[Name, int]:
        low, high = self.low.copy(), self.high.copy()
        for name, value in fixed.items():
            if name in self.at:
                low[self.at[name]] = high[self.at[name]] = value
        weights = np.zeros(len(self.names))
        for name, weight in objective.items():
            if name in self.at:
                weights[self.at[name]] = weight
        result = scipy.optimize.milp(
            weights,
            constraints=[self.constraint],
            bounds=scipy.optimize.Bounds(low, high),
            integrality=np.ones(len(self.names)),
        )
        if result.x is None:
            raise Contradiction
        return dict(zip(self.names, np.rint(result.x).astype(int).tolist(), strict=True))


def _roots_of_parts(tied: Iterable[Sequence[Name]]) -> dict[Name, Name]:
    """One of its part for each name, the same for all that are tied to each other."""
    above: dict[Name, Name] = {}

    def root(name: Name) -> Name:
        while above.setdefault(name, name) != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    for names in tied:
        for name in names:
            above[root(name)] = root(names[0])
    return {name: root(name) for name in above}
