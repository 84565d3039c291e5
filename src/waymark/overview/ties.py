"""What ties counts of a release to each other, beyond those that tables share. Pure.

Assaults and suicides counted together, less suicides counted alone, are assaults; children under 2
less infants are those of 1. So each count is the sum of its finest parts, in this release and in
earlier ones, and a small part that no table prints is protected as if one did.
"""

from collections.abc import Sequence
from itertools import chain

from waymark.overview.facts import UNITS, Facts
from waymark.overview.groupings import Groupings, taken_apart
from waymark.overview.links import RECORDED_STATE
from waymark.overview.protection.cells import Count, CountSystem, Equation, adds_up, joined
from waymark.overview.protection.ledger import Entry
from waymark.overview.protection.release import Tied
from waymark.overview.spec import Crosstab, OverviewSpec
from waymark.overview.units_tied import units_tied


def tied(
    facts: Facts,
    system: CountSystem,
    ledger: Sequence[Entry],
    *,
    k: int,
    process: frozenset[str],
) -> Tied:
    """The ties among what a release prints or withholds, and what earlier ones did.

    ledger: earlier releases; what they counted and this does not is counted anew, as latent.
    process: facts about the process of review, which need no protection. Keys that say something
    else than values of facts (of factors together) are tied elsewhere.
    """
    shown = _shown(system)
    every = dict.fromkeys(chain(shown, *(_shown(entry.system) for entry in ledger)))
    apart = [one for one in (taken_apart(key, facts) for key in every) if one is not None]
    counts: dict[str, Count] = {}
    equations: dict[Equation, None] = {}
    guarded: dict[str, frozenset[str]] = {}
    there = {frozenset(one.terms) for one in system.equations if not one.constant}
    for unit in UNITS:
        group = Groupings(facts, unit, [one for one in apart if one.unit == unit])
        for key, parts in group.sums():
            equation = adds_up(key, parts)
            if parts != [key] and frozenset(equation.terms) not in there:
                equations[equation] = None
                counts |= {name: Count(name, group.size(name), "latent") for name in (key, *parts)}
        guarded |= {
            key: group.wholes(key)
            for key in group.parts.keys() & counts.keys() - set(shown)
            if 0 < counts[key].value < k and group.secret(key, process)
        }
    ties = CountSystem(tuple(counts.values()), tuple(equations))
    return Tied(joined([ties, units_tied(facts, apart)]), guarded)


def _shown(system: CountSystem) -> list[str]:
    """What is printed or withheld, and what factors recorded together say of each."""
    return [
        count.key
        for count in system.counts
        if count.exposure != "latent" or count.key.endswith(f" is {RECORDED_STATE}")
    ]


def process_facts(spec: OverviewSpec) -> frozenset[str]:
    """The variables that some table says are about the process of review."""
    return frozenset(
        dimension.variable
        for table in spec.tables
        if isinstance(table, Crosstab)
        for block in table.blocks
        for dimension in (block.rows, block.columns)
        if dimension is not None and dimension.process and dimension.variable is not None
    )
