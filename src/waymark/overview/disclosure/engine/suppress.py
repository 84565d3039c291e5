"""Cell suppression: primary and secondary, then always an audit.

2, 3, 9 and all 14 at k = 3: 2 is small (primary). Alone it would follow as 14 - 3 - 9, so a second
count goes with it (secondary), the cheapest: 3. The audit then bounds both by [0, 5]: each may be
0, and may be 3 or more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from waymark.core.errors import RuleError, UnprotectableCount
from waymark.core.extras import LaterModule
from waymark.overview.disclosure.engine.audit import (
    AuditBounds,
    audit_bounds,
    exposed_counts,
    exposed_to_insiders,
    unknown_groups,
)
from waymark.overview.disclosure.engine.augment import augmented_pattern
from waymark.overview.disclosure.engine.cells import CountSystem
from waymark.overview.disclosure.engine.cuts import (
    SuppressionProblem,
    cheapest_pattern,
    insiders_of,
    needs_of,
    others_of,
)

if TYPE_CHECKING:
    import numpy as np

    from waymark.overview.disclosure.engine.attacker import Mask
else:
    np = LaterModule("numpy")

Method = Literal["nothing to do", "cuts", "augmentation"]
MOST_CELLS = 150
MOST_PRIMARIES = 30
REPAIRS = 25


@dataclass(frozen=True, slots=True)
class SuppressionPattern:
    """The counts withheld from a system, audited.

    primaries: primary suppressions. withheld: these and the secondary ones. cost: of all withheld.
    method: "cuts" if every part is proven cheapest.
    """

    system: CountSystem
    k: int
    primaries: frozenset[str]
    withheld: frozenset[str]
    cost: int
    method: Method

    def intervals(self) -> dict[str, AuditBounds]:
        """The audit bounds of each withheld count."""
        order = [count.key for count in self.system.counts if count.key in self.withheld]
        return audit_bounds(self.system, self.withheld, order, k=self.k)


def suppress_counts(
    system: CountSystem,
    k: int,
    *,
    forced: Iterable[str] = (),
    guarded: Iterable[str] = (),
    insiders: bool = False,
) -> SuppressionPattern:
    """The pattern of suppressions so that no sensitive count under k can be worked out.

    k >= 1 (1: nothing is small). forced: withheld in any case, as they were in an earlier release.
    guarded: latent counts to protect like those withheld. insiders: also from people who are the
    only one in a withheld count, and know it. Parts that share no unknown are solved
    apart: each to proven least cost up to MOST_CELLS counts or MOST_PRIMARIES to protect, else by
    the heuristic. Raises UnprotectableCount, and RuleError if the audit finds a count exposed.
    """
    primaries = system.primaries(k)
    must = primaries | frozenset(forced)
    known_keys = [key for key in must if system.count(key).exposure == "known"]
    if known_keys:
        raise RuleError(f"{min(known_keys)} is known to the attacker and cannot be withheld")
    protect = primaries | frozenset(guarded)
    withheld: set[str] = set()
    methods: set[Method] = set()
    # Groups of counts without a common equation cannot give each other away: each is a small
    # problem.
    for group in unknown_groups(system, movable_keys(system)):
        if protect.isdisjoint(group):
            withheld |= must.intersection(group)
            continue
        part = system.restricted(group)
        inside = must.intersection(group)
        of_this = primaries.intersection(group) if insiders else frozenset[str]()
        pattern, method = _solved_part(part, k, inside, protect.intersection(group), of_this)
        withheld |= pattern
        methods.add(method)
    known = primaries if insiders else frozenset[str]()
    return _audited_pattern(system, k, primaries, protect, frozenset(withheld), methods, known)


def movable_keys(system: CountSystem) -> list[str]:
    """Keys of counts that the attacker does not know in any case."""
    return [count.key for count in system.counts if count.exposure != "known"]


def _audited_pattern(
    system: CountSystem,
    k: int,
    primaries: frozenset[str],
    protect: frozenset[str],
    withheld: frozenset[str],
    methods: set[Method],
    known: frozenset[str],
) -> SuppressionPattern:
    """The pattern, once the whole of it has passed the audit. known: counts that insiders know."""
    narrowed = exposed_counts(system, withheld, sorted(protect), k=k)
    seen = others_of(system, insiders_of(system, sorted(known), k))
    narrowed = narrowed or exposed_to_insiders(system, withheld, seen, k=k)
    if narrowed:
        key = min(narrowed)
        raise RuleError(f"the audit failed: {key} can be narrowed to {narrowed[key]}")
    cost = sum(system.count(key).cost for key in withheld)
    method: Method = "nothing to do"
    if methods:
        method = "augmentation" if "augmentation" in methods else "cuts"
    return SuppressionPattern(system, k, primaries, withheld, cost, method)


def _solved_part(
    system: CountSystem,
    k: int,
    must: frozenset[str],
    protect: frozenset[str],
    small: frozenset[str],
) -> tuple[set[str], Method]:
    """The pattern of one part; patterns that fail in whole numbers are barred and tried again.

    small: the counts among which insiders are.

    2a + 3b = 7 leaves a in [0, 3.5] for the search, which works in fractions, but 2 alone in whole
    numbers. The audit finds [2, 2]: the pattern is barred, and the next withholds another count.
    """
    problem = SuppressionProblem(
        system,
        k,
        needs_of(system, sorted(protect), k),
        forced=np.array([c.key in must or c.exposure == "latent" for c in system.counts]),
        free=np.ones(len(system.counts), dtype=bool),
        insiders=insiders_of(system, sorted(small), k),
    )
    seen = others_of(system, problem.insiders)
    # Integer programming proves that no pattern withholds less, but its time grows with the number
    # of counts and of small ones: large parts are searched by the heuristic instead.
    provable = len(system.counts) <= MOST_CELLS or len(protect) <= MOST_PRIMARIES
    # Each round bars the patterns that failed, so the next is another one. Example: round 1
    # withholds {a, b}, the audit finds a = 2 in whole numbers; round 2 withholds {a, b, c} and
    # passes.
    for _ in range(REPAIRS):
        pattern, method = _find_pattern(problem, small=provable)
        withheld = {
            count.key
            for count, hidden in zip(system.counts, pattern, strict=True)
            if hidden and count.exposure != "latent"
        }
        failed = exposed_counts(system, withheld, sorted(protect), k=k)
        failed = failed or exposed_to_insiders(system, withheld, seen, k=k)
        if not failed:
            return withheld, method
        # Everything is withheld and it still follows, as from a rule of logic: no pattern can help.
        if not (problem.free & ~pattern).any():
            break
        problem = replace(problem, barred=(*problem.barred, pattern))
    key = min(failed)
    raise UnprotectableCount(key, f"at {k} it can be narrowed to {failed[key]}")


def _find_pattern(problem: SuppressionProblem, *, small: bool) -> tuple[Mask, Method]:
    try:
        pattern = cheapest_pattern(problem) if small else None
        if pattern is not None:
            return pattern, "cuts"
        return augmented_pattern(problem), "augmentation"
    except LookupError as error:
        key = problem.system.counts[error.args[0]].key
        raise UnprotectableCount(key, f"at {problem.k}") from error
