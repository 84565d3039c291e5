"""Protection of a whole release: versions of tables, links between them, earlier releases.

All tables are one system of counts. Each table starts with the version that would do for it alone;
while the release as a whole cannot be protected, or a table loses more than half of its cells, the
tables concerned take their next coarser version, and all are protected again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from waymark.core.errors import UnprotectableCount
from waymark.overview.disclosure.engine.audit import unknown_groups
from waymark.overview.disclosure.engine.cells import CountSystem, joined_systems
from waymark.overview.disclosure.engine.history import (
    ReleaseLedgerEntry,
    change_since,
    check_method,
    kept_patterns,
    linked_system,
    small_remainders,
)
from waymark.overview.disclosure.engine.recode import (
    RecodeLadder,
    choose_steps,
    keeps_half,
    next_step,
    tables_with,
)
from waymark.overview.disclosure.engine.rounding import RoundedCounts, round_counts
from waymark.overview.disclosure.engine.suppress import (
    SuppressionPattern,
    movable_keys,
    suppress_counts,
)


@dataclass(frozen=True, slots=True)
class EarlierReleases:
    """The releases published before. records, largest: those counted now, as in the ledger.

    keep: withhold again every count that an earlier release withheld.
    """

    ledger: tuple[ReleaseLedgerEntry, ...] = ()
    records: Mapping[str, str] = field(default_factory=dict)
    keep: bool = False
    largest: int = 1


NOTHING_BEFORE = EarlierReleases()
NO_COUNTS = CountSystem((), ())
NO_STEPS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DerivedCounts:
    """Equations between counts of a release and of earlier ones, through latent counts.

    guarded: latent counts that are protected as if a table printed them, each with the counts that
    it is a part of. no_secret: latent counts that need no protection if they are small, as of
    reviews in which a theme was not found. crossings, earlier: further counts of this release, and
    of earlier ones by their names, that these do not print: an attacker who has several releases
    can reason about them.
    """

    system: CountSystem = NO_COUNTS
    guarded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    no_secret: frozenset[str] = frozenset()
    crossings: CountSystem = NO_COUNTS
    earlier: Mapping[str, CountSystem] = field(default_factory=dict)


Tie = Callable[[CountSystem, Sequence[ReleaseLedgerEntry]], DerivedCounts]
"""Finds the ties of a release: its counts in the versions chosen, and the ledger."""


def no_ties(system: CountSystem, ledger: Sequence[ReleaseLedgerEntry]) -> DerivedCounts:
    """No equations but those of the tables themselves."""
    return DerivedCounts()


@dataclass(frozen=True, slots=True)
class SafeRelease:
    """steps: the place of the version shown of each table; pattern: audited, over all of them.

    system: the release alone, without earlier ones, as its own entry in the ledger holds it.
    """

    steps: Mapping[str, int]
    system: CountSystem
    pattern: SuppressionPattern


def suppressed_release(
    ladders: Sequence[RecodeLadder],
    k: int,
    *,
    links: Sequence[CountSystem] = (),
    tie: Tie = no_ties,
    past: EarlierReleases = NOTHING_BEFORE,
) -> SafeRelease:
    """Tables protected together at k. links: equations across tables (logic, joint counts).

    tie: finds further equations between the counts of the versions chosen.

    Each table starts with the version that would do for it alone and becomes coarser while the
    release as a whole needs it. Raises RuleError if a table has no version that will do.
    """
    places = choose_steps(ladders, k)
    release = _ReleaseParts(ladders, links, tie, past, k)
    while True:
        system, ties = release.system_of(places)
        try:
            pattern = _with_past(system, k, past, ties)
        except UnprotectableCount as error:
            key = _present_key(error.key, past)
            wanting = release.giving_way(key, places) or _tables_of(key, ties, ladders, places)
            if not wanting:
                raise
        else:
            wanting = [
                ladder.table
                for ladder in ladders
                if not keeps_half(pattern, ladder.steps[places[ladder.table]])
            ]
            if not wanting:
                return SafeRelease(places, system, pattern)
        # Only ever coarser, so this ends: at the latest when some table has no further version.
        for ladder in ladders:
            if ladder.table in wanting:
                places[ladder.table] = next_step(ladder, places[ladder.table])


@dataclass(frozen=True, slots=True)
class _ReleaseParts:
    """The parts of a release, whichever versions are chosen."""

    ladders: Sequence[RecodeLadder]
    links: Sequence[CountSystem]
    tie: Tie
    past: EarlierReleases
    k: int

    def system_of(self, places: Mapping[str, int]) -> tuple[CountSystem, DerivedCounts]:
        """The counts of the versions at these places, with all equations."""
        versions = (ladder.steps[places[ladder.table]].system for ladder in self.ladders)
        printable = joined_systems([*versions, *self.links])
        ties = self.tie(printable, self.past.ledger)
        return joined_systems([printable, ties.system]), ties

    def giving_way(self, key: str, places: Mapping[str, int]) -> list[str]:
        """The lesser tables, or parts of them, that become coarser so that a count is protected.

        As few as will do, those of later tables first. Three themes by cause share the count of
        fires with "visits" alone: if dropping "visits" is enough, the other two stay crossed.
        """
        lesser = [
            ladder
            for ladder in self.ladders
            if ladder.lesser and places[ladder.table] < len(ladder.steps) - 1
        ]
        # A count far away in the system of equations cannot help: only tables that share equations
        # with the exposed count, directly or through others, are worth making coarser.
        near = self._near(key, places)
        touching = {
            ladder.table for ladder in lesser if not near.isdisjoint(_keys_of_step(ladder, places))
        }
        parts: dict[str, set[str]] = {}
        for ladder in lesser:
            parts.setdefault(ladder.lesser, set()).add(ladder.table)
        tables = dict.fromkeys(ladder.lesser for ladder in lesser if ladder.table in touching)
        every = {part for table in tables for part in parts[table]}
        # First everything at once: if even that does not protect the count, no smaller choice will,
        # and the search for the fewest is spared.
        if not every or not self._holds(places, every):
            return []
        return sorted(self._fewest(places, every, {name: parts[name] for name in tables}, touching))

    def _fewest(
        self,
        places: Mapping[str, int],
        drop: Set[str],
        parts: Mapping[str, Set[str]],
        touching: Set[str],
    ) -> Set[str]:
        """Of each table in turn drop no part, else those that touch the count, else all.

        parts: of each lesser table all parts that can become coarser.
        """
        for table, mine in parts.items():
            for fewer in (frozenset[str](), (mine & touching) - {table}):
                if fewer < mine and self._holds(places, (drop - mine) | fewer):
                    drop = (drop - mine) | fewer
                    break
        return drop

    def _near(self, key: str, places: Mapping[str, int]) -> set[str]:
        """The unknown counts that share equations with one, and all counts in these equations."""
        system, _ = self.system_of(places)
        tied = (
            set(group) for group in unknown_groups(system, movable_keys(system)) if key in group
        )
        unknown = next(tied, {key})
        return unknown.union(
            *(
                names
                for names in ({name for name, _ in equation.terms} for equation in system.equations)
                if not names.isdisjoint(unknown)
            )
        )

    def _holds(self, places: Mapping[str, int], drop: Iterable[str]) -> bool:
        """Return True if the release can be protected with the next version of some tables."""
        coarser = {table: places[table] + 1 for table in drop}
        system, ties = self.system_of({**places, **coarser})
        try:
            _with_past(system, self.k, self.past, ties)
        except UnprotectableCount:
            return False
        return True


def _keys_of_step(ladder: RecodeLadder, places: Mapping[str, int]) -> Iterable[str]:
    return ladder.steps[places[ladder.table]].system.index


def _present_key(key: str, past: EarlierReleases) -> str:
    """The key in this release of a count that an earlier one guards."""
    for entry in past.ledger:
        now = key.removeprefix(f"{entry.name}/")
        if now != key:
            key = now.removesuffix(" came").removesuffix(" went")
    return key


def _tables_of(
    key: str, ties: DerivedCounts, ladders: Sequence[RecodeLadder], places: dict[str, int]
) -> list[str]:
    """The tables that have a count, or have those that it is a part of."""
    tables = tables_with(key, ladders, places)
    if tables:
        return tables
    whole = ties.guarded.get(key, frozenset())
    return sorted({table for name in whole for table in tables_with(name, ladders, places)})


def _with_past(
    system: CountSystem, k: int, past: EarlierReleases, ties: DerivedCounts
) -> SuppressionPattern:
    check_method(past.ledger, rounding=False)
    forced = kept_patterns(past.ledger, system, past.records, k, keep=past.keep)
    whole = _with_earlier(system, past, ties)
    # A count that was printed of the same reviews is known already, and is no secret any more.
    known = {key for key in ties.guarded for entry in past.ledger if _was_printed(entry, key, past)}
    guarded = (ties.guarded.keys() - known).union(*(entry.guarded for entry in past.ledger))
    parts = ties.system.index.keys() - ties.no_secret
    guarded |= small_remainders(
        past.ledger, system, past.records, k, parts=parts, largest=past.largest
    )
    return suppress_counts(whole, k, forced=forced, guarded=guarded, insiders=True)


def _with_earlier(system: CountSystem, past: EarlierReleases, ties: DerivedCounts) -> CountSystem:
    """The system of a release with all earlier ones, and with what they did not print."""
    ledger = [
        replace(
            entry,
            system=joined_systems([entry.system, ties.earlier.get(entry.name, NO_COUNTS)]),
        )
        for entry in past.ledger
    ]
    this = joined_systems([system, ties.crossings])
    return linked_system(this, ledger, past.records, largest=past.largest)


def _was_printed(entry: ReleaseLedgerEntry, key: str, past: EarlierReleases) -> bool:
    """Return True if an earlier release of the same reviews printed a count exactly."""
    there = key in entry.system.index and key not in entry.withheld and not entry.rounded
    exact = there and entry.system.count(key).exposure != "latent"
    return exact and change_since(entry, past.records).total == 0


@dataclass(frozen=True, slots=True)
class RoundedRelease:
    """steps: the place of the version shown of each table; rounded: audited, over all of them."""

    steps: Mapping[str, int]
    rounded: RoundedCounts


def rounded_release(
    ladders: Sequence[RecodeLadder],
    base: int,
    *,
    links: Sequence[CountSystem] = (),
    tie: Tie = no_ties,
    past: EarlierReleases = NOTHING_BEFORE,
    begin: Mapping[str, int] = NO_STEPS,
) -> RoundedRelease:
    """Tables rounded together to multiples of base, so that totals add up across all of them.

    Each table starts with its finest version, or with the one in begin, and becomes coarser while a
    small count in it can be narrowed too far. Raises RuleError if a table has no version that
    will do.
    """
    places = {ladder.table: begin.get(ladder.table, 0) for ladder in ladders}
    check_method(past.ledger, rounding=True)
    # The same records must be rounded to the same numbers: 7 printed once as 5 and once as 10 would
    # lie within 5 of both, and so have fewer possible values than either allows.
    before: dict[str, int] = {}
    for entry in past.ledger:
        if change_since(entry, past.records).total == 0:
            before |= entry.rounded
    while True:
        versions = (ladder.steps[places[ladder.table]].system for ladder in ladders)
        system = joined_systems([*versions, *links])
        kept_patterns(past.ledger, system, past.records, base, keep=False)
        ties = tie(system, past.ledger)
        earlier = [_with_earlier(joined_systems([system, ties.system]), past, ties)]
        try:
            rounding = round_counts(system, base, besides=earlier, printed_before=before)
            return RoundedRelease(places, rounding)
        except UnprotectableCount as error:
            wanting = tables_with(error.key, ladders, places)
            if not wanting:
                raise
        for ladder in ladders:
            if ladder.table in wanting:
                places[ladder.table] = next_step(ladder, places[ladder.table])
