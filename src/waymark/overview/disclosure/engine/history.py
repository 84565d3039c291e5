"""Protection against earlier releases: differencing two of them can undo what each withholds.

The ledger has, for every published release, its counts and equations, the counts it withheld, and
the records it counted. A withdrawn release stays in it: a number that was read cannot be unread.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from waymark.core.errors import RuleError, UnprotectableCount
from waymark.overview.disclosure.engine.cells import (
    Count,
    CountSystem,
    Equation,
    Exposure,
    joined_systems,
)

CODED = "theme "
"""In the keys of counts of codes: coding again does not change the digests of the records."""
SLACK = (", beyond", ", short")
"""In the keys of slack to a bound: no numbers of records, and no secrets. The most children that
the reviews of a kind can have, less their children, may change by more than the reviews do."""
MOST_PARTS = 4
"""The most releases that are tried as parts of one that counts the records of all of them."""


@dataclass(frozen=True, slots=True)
class ReleaseLedgerEntry:
    """One published release. name: unlike that of any other release.

    records: each review counted -> a digest of the facts about it, so that a review judged again is
    seen to have changed. k: the threshold, or the base of rounding, it was protected with.
    rounded: the numbers printed instead of the counts, if they were rounded; within: no count lies
    further off. largest: the most of one count that a single review can account for (its children).
    opened: True if the reviews behind numbers about the process were listed. crossed: the facts
    about people by which it counted codes; None: not recorded, it may have been any.
    """

    name: str
    system: CountSystem
    withheld: frozenset[str]
    records: Mapping[str, str]
    k: int
    rounded: Mapping[str, int] = field(default_factory=dict)
    within: int = 0
    largest: int = 1
    opened: bool = False
    crossed: frozenset[str] | None = frozenset()

    @property
    def guarded(self) -> frozenset[str]:
        """Its primary suppressions, by the names these counts have in linked_system()."""
        return frozenset(
            f"{self.name}/{key}" for key in self.system.primaries(self.k) & self.withheld
        )


@dataclass(frozen=True, slots=True)
class RecordsChange:
    """The numbers of records that came, went, or are judged otherwise since a release."""

    came: int
    went: int
    changed: int

    @property
    def total(self) -> int:
        """The number of records that differ."""
        return self.came + self.went + self.changed

    @property
    def more(self) -> int:
        """The most that can have come to a count: records judged again may have come or gone."""
        return self.came + self.changed

    @property
    def fewer(self) -> int:
        """The most that can have gone from a count."""
        return self.went + self.changed


def change_since(entry: ReleaseLedgerEntry, records: Mapping[str, str]) -> RecordsChange:
    """The change of the records since an entry."""
    both = entry.records.keys() & records.keys()
    return RecordsChange(
        came=len(records.keys() - entry.records.keys()),
        went=len(entry.records.keys() - records.keys()),
        changed=sum(entry.records[record] != records[record] for record in both),
    )


def kept_patterns(
    ledger: Sequence[ReleaseLedgerEntry],
    system: CountSystem,
    records: Mapping[str, str],
    k: int,
    *,
    keep: bool,
) -> frozenset[str]:
    """Keys that must be withheld again because an earlier release withheld them.

    Of a release that differs by fewer than k records (or by none) all that are still in the tables;
    with keep, of every earlier release. Raises RuleError if it differs by fewer than k records, but
    by some, and patterns are not to be kept: the differences would be about very few.

    24 reviews with 4 assaults, withheld at k = 5, then 26 with 5: printing the 5 would say that at
    least 3 of the 24 were assaults, because only 2 came.
    """
    again_withheld: set[str] = set()
    for entry in ledger:
        change = change_since(entry, records)
        if 0 < change.total < k and not keep:
            differ = "1 record differs" if change.total == 1 else f"{change.total} records differ"
            raise RuleError(
                f"only {differ} from {entry.name}, fewer than {k}: keep its"
                " withheld numbers withheld, or wait for more reviews"
            )
        # The same records again: any difference between two such releases is about these records
        # alone, so what one withheld the other must withhold, however large it has become.
        if keep or change.total == 0:
            again = entry.withheld & system.index.keys()
            again_withheld |= {key for key in again if system.count(key).exposure != "known"}
            printed = sorted(again - again_withheld)
            if printed and entry.system.count(printed[0]).exposure != "known":
                raise UnprotectableCount(printed[0], f"{entry.name} withheld it")
    return frozenset(again_withheld)


def small_remainders(
    ledger: Iterable[ReleaseLedgerEntry],
    system: CountSystem,
    records: Mapping[str, str],
    k: int,
    *,
    parts: Collection[str] = (),
    largest: int = 1,
) -> frozenset[str]:
    """Small counts of records that only one of two releases counts, by names of linked_system().

    If one counts all records of the other and at least k more, their difference is a table of
    these: its small counts are protected as if it were printed. Fewer than k: see kept_patterns.
    parts: keys of latent counts that are protected alike, since they may follow from others.
    largest: as in linked_system().

    24 reviews with 6 infant deaths, then 54 with 9, k = 5: of the 30 that came 3 are infant deaths.
    9 and 6 are large enough to print, but 9 - 6 = 3 is not: "edition 1/... came" is guarded.
    """
    guarded: set[str] = set()
    for entry in ledger:
        change = change_since(entry, records)
        # Records on both sides, or judged again: the difference is of no one set of records.
        if change.changed or change.total < k or bool(change.came) == bool(change.went):
            continue
        label = "came" if change.came else "went"
        # Only counts of the same condition in both releases can be subtracted from each other.
        for now in _in_both(system, entry):
            if _is_slack(now.key):
                continue
            then = entry.system.count(now.key)
            # A number of codings changes with every review by several, so its difference does not
            # say how many reviews came: with at most 4 codings a review and 2 reviews more, +9 is a
            # sign that reviews were coded again, and the difference is of no one set of records.
            if CODED in now.key and _exceeds_change(
                now.value - then.value, change, max(largest, entry.largest)
            ):
                continue
            # The two counts are 6 before and 9 now at k = 5: 0 < 3 < 5, so "came" is guarded. 9 and
            # 9 differ by 0, and 9 and 14 by 5: neither says anything about a small group.
            exposures = {"sensitive", "latent"} if now.key in parts else {"sensitive"}
            if exposures >= {now.exposure, then.exposure} and 0 < abs(now.value - then.value) < k:
                guarded.add(f"{entry.name}/{now.key} {label}")
    return frozenset(guarded)


def _in_both(system: CountSystem, entry: ReleaseLedgerEntry) -> Iterator[Count]:
    """The counts of a release that an earlier one has, too."""
    return (count for count in system.counts if count.key in entry.system.index)


def _is_slack(key: str) -> bool:
    return any(mark in key for mark in SLACK)


def _exceeds_change(difference: int, change: RecordsChange, largest: int) -> bool:
    """Return True if a count differs by more than the records do."""
    return not -change.fewer * largest <= difference <= change.more * largest


def check_method(ledger: Iterable[ReleaseLedgerEntry], *, rounding: bool) -> None:
    """Raise RuleError if some earlier release was rounded and this is not, or the reverse.

    A rounded count beside the true one shows how it was rounded, which narrows the others.
    """
    for entry in ledger:
        if bool(entry.rounded) != rounding:
            was, now = ("rounded", "not") if entry.rounded else ("not rounded", "is")
            raise RuleError(
                f"{entry.name} was {was} and this release {now}: keep the profile of {entry.name}"
            )


def linked_system(
    system: CountSystem,
    ledger: Iterable[ReleaseLedgerEntry],
    records: Mapping[str, str],
    *,
    largest: int = 1,
) -> CountSystem:
    """The system of a release with all earlier ones: an attacker may have kept them all.

    A count now = the count then + those who came - those who went; nobody comes or goes beyond the
    number of reviews that did, with largest records each. Printed counts of earlier releases are
    known, withheld ones latent. If the records of one are exactly those of several others together,
    as a whole period is of its parts, so are its counts.

    Assaults were 4 of 24 (withheld) and are 7 of 30: 7 = then + came - went with came at most 6 and
    went 0, so "then" lies in [1, 7]. 2003 to 2005 = 2003 + 2004 + 2005, count by count.
    """
    entries = list(ledger)
    parts = [system]
    for entry in entries:
        change = change_since(entry, records)
        parts += [
            _renamed_system(entry),
            _difference_system(system, entry, change, max(largest, entry.largest)),
        ]
    whole = joined_systems(parts)
    sets = [_CountedRecords("", records, system), *(_CountedRecords.of(entry) for entry in entries)]
    return joined_systems([whole, CountSystem(whole.counts, tuple(_sums_of_releases(sets)))])


@dataclass(frozen=True, slots=True)
class _CountedRecords:
    """The records of a release and its counts. prefix: of their keys in linked_system()."""

    prefix: str
    records: Mapping[str, str]
    system: CountSystem

    @classmethod
    def of(cls, entry: ReleaseLedgerEntry) -> "_CountedRecords":
        return cls(f"{entry.name}/", entry.records, entry.system)


def _sums_of_releases(sets: Sequence[_CountedRecords]) -> Iterator[Equation]:
    """Equations for each release whose records are those of several others, disjoint, together."""
    for whole in sets:
        inside = [part for part in sets if part is not whole and _is_part_of(part, whole)]
        # Edition 3 counts 24 reviews, editions 1 and 2 counted 10 and 14 of them: 10 + 14 = 24 and
        # no review twice, so each count of 3 is the sum of its counts in 1 and 2. MOST_PARTS bounds
        # the combinations: 20 editions have 190 pairs and 1,140 threes.
        for number in range(2, min(len(inside), MOST_PARTS) + 1):
            for parts in combinations(inside, number):
                if sum(len(part.records) for part in parts) == len(whole.records) and _are_disjoint(
                    parts
                ):
                    yield from _sums_of_parts(whole, parts)


def _is_part_of(part: _CountedRecords, whole: _CountedRecords) -> bool:
    """Return True if the records of the part are some of the whole's, judged alike, not all."""
    return bool(part.records) and part.records.items() < whole.records.items()


def _are_disjoint(parts: Sequence[_CountedRecords]) -> bool:
    return all(
        first.records.keys().isdisjoint(second.records) for first, second in combinations(parts, 2)
    )


def _sums_of_parts(whole: _CountedRecords, parts: Sequence[_CountedRecords]) -> Iterator[Equation]:
    for key in whole.system.index:
        if not all(key in part.system.index for part in parts):
            continue
        # Coding again does not change the records' digests: then the parts do not add up.
        if sum(part.system.count(key).value for part in parts) == whole.system.count(key).value:
            terms = ((f"{part.prefix}{key}", 1) for part in parts)
            yield Equation(((f"{whole.prefix}{key}", -1), *terms))


def _renamed_system(entry: ReleaseLedgerEntry) -> CountSystem:
    counts = [
        replace(count, key=f"{entry.name}/{count.key}", exposure=_earlier_exposure(entry, count))
        for count in entry.system.counts
    ]
    equations = [
        Equation(
            tuple((f"{entry.name}/{key}", factor) for key, factor in equation.terms),
            equation.constant,
        )
        for equation in entry.system.equations
    ]
    for key, printed in entry.rounded.items():
        if entry.system.count(key).exposure != "known":
            for count, equation in _rounding_bounds(entry, key, printed):
                counts.append(count)
                equations.append(equation)
    return CountSystem(tuple(counts), tuple(equations))


def _earlier_exposure(entry: ReleaseLedgerEntry, count: Count) -> Exposure:
    if count.exposure == "known":
        return "known"
    hidden = count.key in entry.withheld or count.exposure == "latent" or entry.rounded
    return "latent" if hidden else "known"


def _rounding_bounds(
    entry: ReleaseLedgerEntry, key: str, printed: int
) -> Iterator[tuple[Count, Equation]]:
    """Bounds of a rounded count as two equations with slack.

    Printed 10, within 4: count + below = 14 and count - above = 6, with both slacks >= 0.
    """
    name = f"{entry.name}/{key}"
    value = entry.system.count(key).value
    high, low = printed + entry.within, max(0, printed - entry.within)
    below, above = f"{name} below", f"{name} above"
    yield Count(below, high - value, "latent"), Equation(((name, 1), (below, 1)), high)
    yield Count(above, value - low, "latent"), Equation(((name, 1), (above, -1)), low)


def _difference_system(
    system: CountSystem, entry: ReleaseLedgerEntry, change: RecordsChange, largest: int
) -> CountSystem:
    came, went = (number * largest for number in (change.more, change.fewer))
    counts: list[Count] = []
    equations: list[Equation] = []
    for now in _in_both(system, entry):
        before = entry.system.count(now.key)
        name = f"{entry.name}/{now.key}"
        more, fewer = max(0, now.value - before.value), max(0, before.value - now.value)
        if more > came or fewer > went:
            if CODED in now.key or _is_slack(now.key):
                continue  # coded again, or no number of records: no equation between the two
            raise RuleError(f"{now.key} changed by more records than differ from {entry.name}")
        counts += [now, replace(before, key=name, exposure="latent")]
        terms = [(now.key, 1), (name, -1)]
        # now - then - came + went = 0 with came + "came not" = most, and went alike: of 2 reviews
        # that came at most 2 x largest records can have come to a count.
        for label, value, most, factor in (("came", more, came, -1), ("went", fewer, went, 1)):
            if most:
                key = f"{name} {label}"
                counts += [Count(key, value, "latent"), Count(f"{key} not", most - value, "latent")]
                equations.append(Equation(((key, 1), (f"{key} not", 1)), most))
                terms.append((key, factor))
        equations.append(Equation(tuple(terms)))
    return CountSystem(tuple(counts), tuple(equations))
