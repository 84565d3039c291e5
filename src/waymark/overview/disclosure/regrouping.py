"""Equations between different groupings of one fact: what differencing could tell. Pure.

Assaults and suicides counted together, less suicides counted alone, are assaults; children under 2
less infants are those of 1. So each count is the sum of its finest parts, in this release and in
earlier releases, and a small part that no table prints is protected as if one did.

What one edition prints also says something of another that does not print it. Of 5 reviews with a
theme 4 were falls, an edition says; then no more than 4 of those that an earlier one counted were.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from waymark.overview.disclosure.count_keys import CountKey, FactCondition
from waymark.overview.disclosure.engine.cells import (
    Count,
    CountSystem,
    Equation,
    adds_up,
    joined_systems,
)
from waymark.overview.disclosure.engine.history import CODED, ReleaseLedgerEntry
from waymark.overview.disclosure.engine.release import DerivedCounts
from waymark.overview.disclosure.finest_parts import FactGroupings, about_facts, is_about_process
from waymark.overview.disclosure.table_links import RECORDED_STATE
from waymark.overview.disclosure.unit_links import unit_equations
from waymark.overview.snapshot.coded_reviews import UNITS, CodedReviews
from waymark.overview.spec.schema import (
    AnyTable,
    ContactsTable,
    CrosstabTable,
    Dimension,
    OverviewSpec,
    SilenceTable,
    StatesTable,
)

NO_RECORDS: Mapping[str, str] = MappingProxyType({})


def derived_counts(
    facts: CodedReviews,
    system: CountSystem,
    ledger: Sequence[ReleaseLedgerEntry],
    *,
    k: int,
    process: frozenset[str],
    records: Mapping[str, str] = NO_RECORDS,
) -> DerivedCounts:
    """The ties among the counts of a release, and with those of earlier ones.

    ledger: earlier releases; counts of theirs that this release has not are counted anew, as
    latent, and counts of this one that they have not, if all their records are counted again and
    unchanged. process: facts about the process of review, which need no protection. records: as in
    the ledger. Keys with combined conditions (of factors together) are tied elsewhere.

    "assault+suicide" is 12 in one table and "suicide" 8 in another. The finest parts are assault,
    suicide and the others; 12 = assault + suicide, and so assault = 4. No table prints it, but
    below k = 5 it is guarded: the engine then suppresses the 12 or the 8. At k = 4 both stay.
    """
    shown_keys = list(_shown_keys(system))
    every = dict.fromkeys(chain(shown_keys, *(_shown_keys(entry.system) for entry in ledger)))
    keys = about_facts(every, facts)
    systems: list[CountSystem] = []
    crossings: list[CountSystem] = []
    no_secret: set[str] = set()
    guarded: dict[str, frozenset[str]] = {}
    for unit in UNITS:
        group = FactGroupings(facts, unit, [key for key in keys if key.unit == unit])
        counts, sums = _sums_of_parts(group, group.sums(), system)
        systems.append(sums)
        # A part that is printed or withheld is protected as a count of its table; here only those
        # that no table has. A part of 0 is no secret, and k or more is large enough.
        guarded |= {
            str(key): frozenset(map(str, group.wholes(key)))
            for key in (group.parts.keys() & counts.keys()) - set(shown_keys)
            if 0 < counts[key].value < k and group.secret(key, process)
        }
        every_part = (*group.parts, *group.together)
        no_secret.update(str(key) for key in every_part if not group.secret(key, process))
        if ledger:
            crossings.append(_crossings(group, system, process))
    systems.append(unit_equations(facts, keys))
    earlier = {
        entry.name: _not_printed_by(entry, keys, facts, process)
        for entry in ledger
        if entry.records and entry.records.items() <= records.items()
    }
    return DerivedCounts(
        joined_systems(systems), guarded, frozenset(no_secret), joined_systems(crossings), earlier
    )


def _not_printed_by(
    entry: ReleaseLedgerEntry,
    keys: Sequence[CountKey],
    facts: CodedReviews,
    process: frozenset[str],
) -> CountSystem:
    """The ties of an earlier release among the counts of all, printed in it or not.

    15 reviews of which 5 show a theme, and 22 later, by cause: the 5 are of the causes of the 15.
    """
    among = frozenset(entry.records)
    systems = [unit_equations(facts, keys, among)]
    for unit in UNITS:
        of_unit = [key for key in keys if key.unit == unit]
        group = FactGroupings(facts, unit, of_unit, among)
        systems.append(_sums_of_parts(group, group.sums(), entry.system)[1])
        systems.append(_crossings(group, entry.system, process))
    return _as_it_was(entry, joined_systems(systems))


def _crossings(group: FactGroupings, system: CountSystem, process: frozenset[str]) -> CountSystem:
    """Counts by several facts, as parts of those by fewer, though a release may not print them.

    system: of the release. Numbers about the process that it does not have are known nevertheless.
    """
    counts, sums = _sums_of_parts(group, group.crossings(), system)
    known = (
        key.count(count.value, "known")
        for key, count in counts.items()
        if count.key not in system.index and is_about_process(key, process)
    )
    return joined_systems([sums, CountSystem(tuple(known), ())])


def _as_it_was(entry: ReleaseLedgerEntry, system: CountSystem) -> CountSystem:
    """The system without counts of themes that were coded again since a release.

    Coding again does not change the digests of records, so the theme had other numbers then.
    """
    other = {
        count
        for count in system.counts
        if count.key in entry.system.index and entry.system.count(count.key).value != count.value
    }
    again = {fact for count in other for fact in _themes_of(count) or _facts_of(count)}
    counts = tuple(
        count
        for count in system.counts
        if count not in other and again.isdisjoint(_facts_of(count))
    )
    left = {count.key for count in counts}
    equations = (
        equation
        for equation in system.equations
        if left.issuperset(key for key, _ in equation.terms)
    )
    return CountSystem(counts, tuple(equations))


def _facts_of(count: Count) -> frozenset[str]:
    return count.tag.facts if isinstance(count.tag, CountKey) else frozenset()


def _themes_of(count: Count) -> frozenset[str]:
    return frozenset(fact for fact in _facts_of(count) if fact.startswith(CODED))


def _sums_of_parts(
    group: FactGroupings, sums: Iterable[tuple[CountKey, Collection[CountKey]]], system: CountSystem
) -> tuple[Mapping[CountKey, Count], CountSystem]:
    """The counts of a unit that are sums of finer parts, with these parts and the equations."""
    # The tables' own sums are there already: a tie of the same terms would say nothing new.
    there = {frozenset(equation.terms) for equation in system.equations if not equation.constant}
    counts: dict[CountKey, Count] = {}
    equations: dict[Equation, None] = {}
    for key, parts in sums:
        equation = adds_up(str(key), map(str, parts))
        if list(parts) != [key] and frozenset(equation.terms) not in there:
            equations[equation] = None
            for name in (key, *parts):
                counts[name] = name.count(group.size(name), "latent")
    return counts, CountSystem(tuple(counts.values()), tuple(equations))


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
        for dimension in _dimensions_of(table)
        if dimension.process and dimension.variable is not None
    )


def _dimensions_of(table: AnyTable) -> Iterator[Dimension]:
    match table:
        case CrosstabTable():
            for block in table.blocks:
                yield from (part for part in (block.rows, block.columns) if part is not None)
        case StatesTable() | ContactsTable() if table.columns is not None:
            yield table.columns
        case SilenceTable() if table.by is not None:
            yield table.by
        case _:
            pass
