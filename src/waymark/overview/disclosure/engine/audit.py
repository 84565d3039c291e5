"""Audit bounds: the least and the most of each suppressed count, in whole numbers.

The independent check of a pattern. It shares no arithmetic with the search for one: it works from
the printed counts, the equations and the suppressed keys; true values of suppressed counts only set
the number from which on a bound is "no limit".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from waymark.core.errors import RuleError
from waymark.core.extras import LaterModule
from waymark.overview.disclosure.engine.cells import Count, CountSystem

if TYPE_CHECKING:
    import numpy as np
    import scipy
    from numpy.typing import NDArray
else:
    np = LaterModule("numpy")
    scipy = LaterModule("scipy")

NODES = 100_000
"""An audit that would take longer has not been passed."""


@dataclass(frozen=True, slots=True)
class AuditBounds:
    """The audit bounds of a count; most None: no limit."""

    least: int
    most: int | None

    def protects(self, k: int, *, least: int = 0) -> bool:
        """Return True if the count may be 0 (or `least`, or fewer), and may be k or more.

        [0, 5] protects at k = 5, not at 6; [1, 9] protects only if least is 1 or more.
        """
        return self.least <= least and (self.most is None or self.most >= k)

    def __str__(self) -> str:
        return f"[{self.least}, {'no limit' if self.most is None else self.most}]"


class AuditProgram:
    """The withheld counts as unknowns, with the equations as the attacker can write them.

    a + b + 9 = 14 with a and b withheld becomes the row a + b = 5: known counts move to the sum.
    """

    def __init__(self, system: CountSystem, withheld: Iterable[str], limit: int) -> None:
        hidden = set(withheld)
        # A latent count is never printed, so to an attacker it is as unknown as a withheld one.
        hidden |= {count.key for count in system.counts if count.exposure == "latent"}
        self.keys = [count.key for count in system.counts if count.key in hidden]
        self.at = {key: place for place, key in enumerate(self.keys)}
        printed = {c.key: c.value for c in system.counts if c.key not in hidden}
        rows = [equation for equation in system.equations if self._unknown(equation.terms)]
        matrix = scipy.sparse.lil_matrix((len(rows), len(self.keys)))
        self.sums = np.zeros(len(rows))
        # a + b + 9 = 14 with a and b withheld becomes a + b = 5: printed numbers move to the right
        # side. Written with factors: all - a - b - c = 0 with all = 14 and c = 9 becomes -a - b =
        # -5.
        for number, equation in enumerate(rows):
            self.sums[number] = equation.constant
            for key, factor in equation.terms:
                if key in self.at:
                    matrix[number, self.at[key]] = factor
                else:
                    self.sums[number] -= factor * printed[key]
        self.matrix = matrix.tocsr()
        # No count can reach this by the equations; a most of the limit therefore means "no limit".
        self.limit = float(sum(printed.values()) + limit)

    def _unknown(self, terms: Iterable[tuple[str, int]]) -> bool:
        return any(key in self.at for key, _ in terms)

    def solve(self, objective: NDArray[np.float64]) -> NDArray[np.float64]:
        """A table of whole numbers with the least objective. Raises RuleError if there is none."""
        constraints = (
            [scipy.optimize.LinearConstraint(self.matrix, self.sums, self.sums)]
            if len(self.sums)
            else []
        )
        solution = scipy.optimize.milp(
            objective,
            constraints=constraints,
            bounds=scipy.optimize.Bounds(0.0, self.limit),
            integrality=np.ones(len(self.keys)),
            options={"node_limit": NODES, "mip_rel_gap": 0.0},
        )
        if solution.status != 0:
            raise RuleError(f"the audit could not be carried out: {solution.message}")
        return np.asarray(np.round(solution.x), dtype=np.float64)

    def extreme(self, key: str, *, sign: int) -> NDArray[np.float64]:
        """A table in which a count is least (sign 1) or most (sign -1)."""
        objective = np.zeros(len(self.keys))
        objective[self.at[key]] = sign
        return self.solve(objective)


def _programs_for(
    system: CountSystem, withheld: Iterable[str], keys: Iterable[str], k: int
) -> list[tuple[AuditProgram, list[str]]]:
    """One program for each group of unknowns that share equations with each other alone."""
    hidden = set(withheld) | {c.key for c in system.counts if c.exposure == "latent"}
    inside_keys = set(keys)
    programs = []
    for group in unknown_groups(system, hidden):
        inside = [key for key in group if key in inside_keys]
        if inside:
            programs.append(
                (AuditProgram(system.restricted(group), group, _upper_limit(system, k)), inside)
            )
    return programs


def _upper_limit(system: CountSystem, k: int) -> int:
    return 2 * sum(count.value for count in system.counts) + 4 * k


def _is_printed(count: Count, withheld: set[str]) -> bool:
    return count.exposure != "latent" and count.key not in withheld


def unknown_groups(system: CountSystem, unknown: Iterable[str]) -> list[list[str]]:
    """Unknown counts that share equations, directly or through others; each group in order.

    a + b = 5, b + c = 7, d + e = 3: the groups are a, b, c and d, e.
    """
    parent = {key: key for key in unknown}

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for equation in system.equations:
        inside = [key for key, _ in equation.terms if key in parent]
        for key in inside[1:]:
            parent[root(key)] = root(inside[0])
    by_root: dict[str, list[str]] = {}
    for count in system.counts:
        if count.key in parent:
            by_root.setdefault(root(count.key), []).append(count.key)
    return list(by_root.values())


def audit_bounds(
    system: CountSystem, withheld: Iterable[str], keys: Sequence[str], *, k: int = 1
) -> dict[str, AuditBounds]:
    """The exact audit bounds of each of these withheld counts, in whole numbers."""
    bounds: dict[str, AuditBounds] = {}
    for program, inside in _programs_for(system, withheld, keys, k):
        for key in inside:
            at = program.at[key]
            least = int(program.extreme(key, sign=1)[at])
            most = int(program.extreme(key, sign=-1)[at])
            bounds[key] = AuditBounds(least, None if most >= program.limit else most)
    return {key: bounds[key] for key in keys}


def exposed_counts(
    system: CountSystem, withheld: Iterable[str], keys: Sequence[str], *, k: int, low: int = 0
) -> dict[str, AuditBounds]:
    """Those of these counts whose bounds do not contain 0 (or low, or less) or do not reach k.

    The bounds of a printed count are its value. A table that is solved for one count also bounds
    the others, so most need no solution of their own.
    """
    suppressed = set(withheld)
    printed = [system.count(key) for key in keys if _is_printed(system.count(key), suppressed)]
    bounds = {count.key: AuditBounds(count.value, count.value) for count in printed}
    for program, inside in _programs_for(system, suppressed, keys, k):
        least = np.full(len(program.keys), np.inf)
        most = np.full(len(program.keys), -np.inf)
        for key in inside:
            at = program.at[key]
            for sign in (1, -1):
                # A table solved for an earlier key may already have this one at 0, or at k.
                if (least[at] > low) if sign > 0 else (most[at] < k):
                    table = program.extreme(key, sign=sign)
                    least, most = np.minimum(least, table), np.maximum(most, table)
            interval = AuditBounds(int(least[at]), int(most[at]))
            if not interval.protects(k, least=low):
                bounds[key] = interval
    return bounds


def exposed_to_insiders(
    system: CountSystem, withheld: Iterable[str], insiders: Mapping[str, Sequence[str]], *, k: int
) -> dict[str, AuditBounds]:
    """Counts exposed to a person who is the only one in a withheld count, and so knows it is 1.

    insiders: the key of each such count -> the keys of the others. The bounds of each of these must
    contain 1 or less, and k or more. a and b are withheld, a + b = 3 and a = 1: the person in a
    knows that b is 2.
    """
    suppressed = set(withheld)
    bounds: dict[str, AuditBounds] = {}
    for known, others in insiders.items():
        seen = CountSystem(
            tuple(
                replace(count, exposure="known") if count.key == known else count
                for count in system.counts
            ),
            system.equations,
        )
        bounds |= exposed_counts(seen, suppressed - {known}, others, k=k, low=1)
    return bounds
