"""Equations between different groupings of one fact: what differencing could tell. Pure.

Assaults and suicides counted together, less suicides counted alone, are assaults; children under 2
less infants are those of 1. So each count is the sum of its finest parts, in this release and in
earlier ones, and a small part that no table prints is protected as if one did.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from waymark.overview.disclosure.count_keys import CountKey, FactCondition
from waymark.overview.disclosure.engine.cells import (
    Count,
    CountSystem,
    Equation,
    adds_up,
    joined_systems,
)
from waymark.overview.disclosure.engine.history import LedgerEntry
from waymark.overview.disclosure.engine.release import DerivedCounts
from waymark.overview.disclosure.finest_parts import FactGroupings, about_facts
from waymark.overview.disclosure.table_links import RECORDED_STATE
from waymark.overview.disclosure.unit_links import unit_equations
from waymark.overview.snapshot.coded_reviews import UNITS, CodedReviews
from waymark.overview.spec.schema import CrosstabTable, OverviewSpec


def derived_counts(
    facts: CodedReviews,
    system: CountSystem,
    ledger: Sequence[LedgerEntry],
    *,
    k: int,
    process: frozenset[str],
) -> DerivedCounts:
    """The ties among the counts of a release, and with those of earlier ones.

    ledger: earlier releases; counts of theirs that this release has not are counted anew, as
    latent. process: facts about the process of review, which need no protection. Keys with combined
    conditions (of factors together) are tied elsewhere.

    "assault+suicide" is 12 in one table and "suicide" 8 in another. The finest parts are assault,
    suicide and the others; 12 = assault + suicide, and so assault = 4. No table prints it, but
    below k = 5 it is guarded: the engine then suppresses the 12 or the 8. At k = 4 both stay.
    """
    shown_keys = list(_shown_keys(system))
    every = dict.fromkeys(chain(shown_keys, *(_shown_keys(entry.system) for entry in ledger)))
    keys = about_facts(every, facts)
    # The tables' own sums are there already: a tie of the same terms would say nothing new.
    there = {frozenset(equation.terms) for equation in system.equations if not equation.constant}
    systems: list[CountSystem] = []
    guarded: dict[str, frozenset[str]] = {}
    for unit in UNITS:
        group = FactGroupings(facts, unit, [key for key in keys if key.unit == unit])
        counts, equations = _sums_of_parts(group, there)
        systems.append(CountSystem(tuple(counts.values()), tuple(equations)))
        # A part that is printed or withheld is protected as a count of its table; here only those
        # that no table has. A part of 0 is no secret, and k or more is large enough.
        guarded |= {
            str(key): frozenset(map(str, group.wholes(key)))
            for key in (group.parts.keys() & counts.keys()) - set(shown_keys)
            if 0 < counts[key].value < k and group.secret(key, process)
        }
    return DerivedCounts(joined_systems([*systems, unit_equations(facts, keys)]), guarded)


def _sums_of_parts(
    group: FactGroupings, there: Iterable[frozenset[tuple[str, int]]]
) -> tuple[Mapping[CountKey, Count], Mapping[Equation, None]]:
    """The counts of a unit that are sums of finer parts, with these parts and the equations."""
    counts: dict[CountKey, Count] = {}
    equations: dict[Equation, None] = {}
    for key, parts in group.sums():
        equation = adds_up(str(key), map(str, parts))
        if parts != [key] and frozenset(equation.terms) not in there:
            equations[equation] = None
            for name in (key, *parts):
                counts[name] = name.count(group.size(name), "latent")
    return counts, equations


def _shown_keys(system: CountSystem) -> Iterator[CountKey]:
    """The keys that are printed or withheld, and of each factor of those recorded together."""
    for count in system.counts:
        if isinstance(count.tag, CountKey) and (
            count.exposure != "latent" or _is_recorded(count.tag)
        ):
            yield count.tag


def _is_recorded(key: CountKey) -> bool:
    """Return True for a factor that is recorded, alone or after other conditions."""
    last = key.conditions[-1] if key.conditions else None
    return isinstance(last, FactCondition) and last.values == (RECORDED_STATE,)


def process_facts(spec: OverviewSpec) -> frozenset[str]:
    """The variables that some table says are about the process of review."""
    return frozenset(
        dimension.variable
        for table in spec.tables
        if isinstance(table, CrosstabTable)
        for block in table.blocks
        for dimension in (block.rows, block.columns)
        if dimension is not None and dimension.process and dimension.variable is not None
    )
