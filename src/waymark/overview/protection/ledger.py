"""Releases against earlier ones: what two of them show together can undo what each hides.

The ledger holds, for every release given out, its counts and equations, what it withheld, and which
records it counted. A withdrawn release stays in it: what was read cannot be unread.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from waymark.core.errors import RuleError, Unprotectable
from waymark.overview.protection.cells import (
    Count,
    CountSystem,
    Equation,
    Exposure,
    joined,
)

CODED = "theme "
"""In the keys of counts of codes: what is coded anew does not show in the records' digests."""
SLACK = (", beyond", ", short")
"""In the keys of what is left to a bound: no numbers of records, and no secrets. The most children
that the reviews of a kind can have, less those that they have, may differ by more than came."""
MOST_PARTS = 4
"""Into how many parts a whole is looked for among the releases."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One release given out. name: unlike that of any other release.

    records: each review counted -> a digest of what is known of it, so that a review judged
    anew is seen to have changed. k: the threshold, or the base of rounding, it was protected with.
    rounded: what was printed instead of the counts, where they were rounded; within: no count lies
    further off. largest: how many of one count a single review can account for (its children).
    opened: whether the reviews behind numbers about the process were listed. crossed: the facts
    about people by which it counted codes; None: unlisted, it may have been any.
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
        """What it withheld for its own sake, by the names these counts have in linked()."""
        return frozenset(
            f"{self.name}/{key}" for key in self.system.primaries(self.k) & self.withheld
        )


@dataclass(frozen=True, slots=True)
class Change:
    """How many records came, went, or are judged otherwise than in an earlier release."""

    came: int
    went: int
    changed: int

    @property
    def all(self) -> int:
        """How many records differ."""
        return self.came + self.went + self.changed

    @property
    def more(self) -> int:
        """How many may have come to a count: those judged anew may have come or gone."""
        return self.came + self.changed

    @property
    def fewer(self) -> int:
        """How many may have gone from a count."""
        return self.went + self.changed


def change_since(entry: Entry, records: Mapping[str, str]) -> Change:
    """What is different about the records now."""
    both = entry.records.keys() & records.keys()
    return Change(
        came=len(records.keys() - entry.records.keys()),
        went=len(entry.records.keys() - records.keys()),
        changed=sum(entry.records[record] != records[record] for record in both),
    )


def kept_patterns(
    ledger: Sequence[Entry],
    system: CountSystem,
    records: Mapping[str, str],
    k: int,
    *,
    keep: bool,
) -> frozenset[str]:
    """What must be withheld again because an earlier release withheld it.

    Of a release that differs by fewer than k records (or by none) everything still in the tables;
    with keep, of every earlier release. Raises RuleError where it differs by fewer than k records,
    but by some, and patterns are not to be kept: the differences would be about very few.
    """
    made: set[str] = set()
    for entry in ledger:
        change = change_since(entry, records)
        if 0 < change.all < k and not keep:
            raise RuleError(
                f"only {change.all} records differ from {entry.name}, fewer than {k}: keep what it"
                " withheld, or wait for more reviews"
            )
        if keep or change.all == 0:
            again = entry.withheld & system.index.keys()
            made |= {key for key in again if system.count(key).exposure != "known"}
            told = sorted(again - made)
            if told and entry.system.count(told[0]).exposure != "known":
                raise Unprotectable(told[0], f"{entry.name} withheld it")
    return frozenset(made)


def remainders(
    ledger: Iterable[Entry],
    system: CountSystem,
    records: Mapping[str, str],
    k: int,
    *,
    parts: Collection[str] = (),
    largest: int = 1,
) -> frozenset[str]:
    """What two releases tell of the records that only one of them counts, by the names in linked().

    Where one counts all that the other does and at least k more, their difference is a table of
    these: its small counts are protected as if it were printed. Fewer than k: see kept_patterns.
    parts: keys of latent counts of which the same holds, since they may follow from others.
    largest: as in linked().
    """
    found: set[str] = set()
    for entry in ledger:
        change = change_since(entry, records)
        if change.changed or change.all < k or bool(change.came) == bool(change.went):
            continue
        label = "came" if change.came else "went"
        for now in _in_both(system, entry):
            if _is_slack(now.key):
                continue
            then = entry.system.count(now.key)
            if CODED in now.key and _beyond(
                now.value - then.value, change, max(largest, entry.largest)
            ):
                continue
            told = {"sensitive", "latent"} if now.key in parts else {"sensitive"}
            if told >= {now.exposure, then.exposure} and 0 < abs(now.value - then.value) < k:
                found.add(f"{entry.name}/{now.key} {label}")
    return frozenset(found)


def _in_both(system: CountSystem, entry: Entry) -> Iterator[Count]:
    """The counts of a release that an earlier one has, too."""
    return (count for count in system.counts if count.key in entry.system.index)


def _is_slack(key: str) -> bool:
    return any(mark in key for mark in SLACK)


def _beyond(difference: int, change: Change, largest: int) -> bool:
    """Whether a count differs by more than the records that do."""
    return not -change.fewer * largest <= difference <= change.more * largest


def check_method(ledger: Iterable[Entry], *, rounding: bool) -> None:
    """Raises RuleError where some earlier release was rounded and this is not, or the reverse.

    A rounded count beside the true one shows what was rounded, and so what the others may be.
    """
    for entry in ledger:
        if bool(entry.rounded) != rounding:
            was, now = ("rounded", "not") if entry.rounded else ("not rounded", "is")
            raise RuleError(
                f"{entry.name} was {was} and this release {now}: stay with the profile it had"
            )


def linked(
    system: CountSystem, ledger: Iterable[Entry], records: Mapping[str, str], *, largest: int = 1
) -> CountSystem:
    """The system of a release with all earlier ones: what an attacker who kept them all can use.

    A count now = the count then + those who came - those who went; nobody comes or goes beyond the
    number of reviews that did, with largest records each. Printed counts of earlier releases are
    known, withheld ones latent. Where the records of one are exactly those of several others
    together, as a whole period is of its parts, so are its counts.
    """
    entries = list(ledger)
    parts = [system]
    for entry in entries:
        change = change_since(entry, records)
        parts += [_renamed(entry), _differences(system, entry, change, max(largest, entry.largest))]
    whole = joined(parts)
    sets = [_Counted("", records, system), *(_Counted.of(entry) for entry in entries)]
    return joined([whole, CountSystem(whole.counts, tuple(_sums(sets)))])


@dataclass(frozen=True, slots=True)
class _Counted:
    """The records of a release and its counts. prefix: of their keys in linked()."""

    prefix: str
    records: Mapping[str, str]
    system: CountSystem

    @classmethod
    def of(cls, entry: Entry) -> "_Counted":
        return cls(f"{entry.name}/", entry.records, entry.system)


def _sums(sets: Sequence[_Counted]) -> Iterator[Equation]:
    """For each release whose records are those of others apart from each other, together."""
    for whole in sets:
        inside = [one for one in sets if one is not whole and _within(one, whole)]
        for number in range(2, min(len(inside), MOST_PARTS) + 1):
            for parts in combinations(inside, number):
                if sum(len(one.records) for one in parts) == len(whole.records) and _apart(parts):
                    yield from _added(whole, parts)


def _within(part: _Counted, whole: _Counted) -> bool:
    """Whether all records of the part are in the whole, judged alike, and not all of its."""
    return bool(part.records) and part.records.items() < whole.records.items()


def _apart(parts: Sequence[_Counted]) -> bool:
    return all(one.records.keys().isdisjoint(two.records) for one, two in combinations(parts, 2))


def _added(whole: _Counted, parts: Sequence[_Counted]) -> Iterator[Equation]:
    for key in whole.system.index:
        if not all(key in one.system.index for one in parts):
            continue
        # What is coded anew does not show in the records' digests: then the parts do not add up.
        if sum(one.system.count(key).value for one in parts) == whole.system.count(key).value:
            terms = ((f"{one.prefix}{key}", 1) for one in parts)
            yield Equation(((f"{whole.prefix}{key}", -1), *terms))


def _renamed(entry: Entry) -> CountSystem:
    counts = [
        replace(count, key=f"{entry.name}/{count.key}", exposure=_then(entry, count))
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
            for count, equation in _near(entry, key, printed):
                counts.append(count)
                equations.append(equation)
    return CountSystem(tuple(counts), tuple(equations))


def _then(entry: Entry, count: Count) -> Exposure:
    if count.exposure == "known":
        return "known"
    hidden = count.key in entry.withheld or count.exposure == "latent" or entry.rounded
    return "latent" if hidden else "known"


def _near(entry: Entry, key: str, printed: int) -> Iterator[tuple[Count, Equation]]:
    """A rounded count lies within so many of what was printed: two equations with slack."""
    name = f"{entry.name}/{key}"
    value = entry.system.count(key).value
    high, low = printed + entry.within, max(0, printed - entry.within)
    below, above = f"{name} below", f"{name} above"
    yield Count(below, high - value, "latent"), Equation(((name, 1), (below, 1)), high)
    yield Count(above, value - low, "latent"), Equation(((name, 1), (above, -1)), low)


def _differences(system: CountSystem, entry: Entry, change: Change, largest: int) -> CountSystem:
    came, went = (number * largest for number in (change.more, change.fewer))
    counts: list[Count] = []
    equations: list[Equation] = []
    for now in _in_both(system, entry):
        before = entry.system.count(now.key)
        name = f"{entry.name}/{now.key}"
        more, fewer = max(0, now.value - before.value), max(0, before.value - now.value)
        if more > came or fewer > went:
            if CODED in now.key or _is_slack(now.key):
                continue  # coded anew, or no number of records: nothing ties the two
            raise RuleError(f"{now.key} changed by more records than differ from {entry.name}")
        counts += [now, replace(before, key=name, exposure="latent")]
        terms = [(now.key, 1), (name, -1)]
        for label, value, most, factor in (("came", more, came, -1), ("went", fewer, went, 1)):
            if most:
                key = f"{name} {label}"
                counts += [Count(key, value, "latent"), Count(f"{key} not", most - value, "latent")]
                equations.append(Equation(((key, 1), (f"{key} not", 1)), most))
                terms.append((key, factor))
        equations.append(Equation(tuple(terms)))
    return CountSystem(tuple(counts), tuple(equations))
