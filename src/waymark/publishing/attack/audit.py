"""Attack published files: what can be worked out, and what stands in the clear.

Written apart from the protection, and knowing nothing of it: it reads the files and no more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from waymark.core.errors import RuleError
from waymark.publishing.attack.counts import counts_of
from waymark.publishing.attack.equations import Name, Unknowns
from waymark.publishing.attack.facts import Registry, edition_of
from waymark.publishing.attack.grid import Leak, number
from waymark.publishing.attack.named import Attributed, attributed, to_insiders
from waymark.publishing.attack.renderings import Rendering, folders_in, rendering_of
from waymark.publishing.attack.single import singles_of
from waymark.publishing.attack.solve import Contradiction, Solver
from waymark.publishing.attack.units import tie_units


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What can be worked out of one cell. high None: without end. printed: "[c]", or rounded."""

    table: str
    row: str
    column: str
    printed: str
    low: int
    high: int | None
    exposed: bool


@dataclass(frozen=True, slots=True)
class ToInsider:
    """A withheld cell that follows for whoever is the only one counted in another, known."""

    known: Narrowed
    learnt: Narrowed


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of an attack. profile: as the files say it; k: the threshold that was used.

    named: facts about people that follow of reviews by their names. insiders: what follows for
    somebody who is counted. untried: what the attack did not look at, in words.
    """

    profile: str
    k: int
    files: tuple[str, ...]
    narrowed: tuple[Narrowed, ...]
    leaks: tuple[Leak, ...]
    named: tuple[Attributed, ...] = ()
    insiders: tuple[ToInsider, ...] = ()
    untried: tuple[str, ...] = ()

    @property
    def exposed(self) -> tuple[Narrowed, ...]:
        return tuple(one for one in self.narrowed if one.exposed)

    @property
    def holds(self) -> bool:
        """Nothing is exposed to anybody, and nothing stands in the clear."""
        return not (self.exposed or self.leaks or self.named or self.insiders)


def attack(*folders: Path, threshold: int | None = None, counted: Path | None = None) -> Audit:
    """Read the files of folders, and only these, and try to undo what they withhold.

    Several folders, or folders in one, are renderings that are attacked together: a review that
    two of them name is one review. threshold: k, where no file says it (CSV and PDF alone do not).
    counted: a rendering in which nothing is withheld, for whoever may see it: what is k or more in
    it was withheld for the sake of others and is no secret.
    Raises NotFound where there is nothing to read, RuleError where something is withheld and no
    threshold is known.
    """
    every = folders_in(folders)
    labels = _labels(every)
    renderings = [rendering_of(one, label) for one, label in zip(every, labels, strict=True)]
    leaks = [leak for one in renderings for leak in one.leaks]
    thresholds = {}
    for one in renderings:
        k = threshold or one.rules.k
        if one.system.withheld and not k:
            raise RuleError("no file says under how many is withheld: give --threshold")
        thresholds.update({table.id: k for table in one.tables})
    found = _Attack(renderings, thresholds, _numbers(counted) if counted else {}).found()
    last = renderings[-1].rules
    return replace(
        found,
        profile=last.profile,
        k=threshold or last.k,
        files=tuple(name for one in renderings for name in one.files),
        leaks=tuple(dict.fromkeys([*leaks, *found.leaks])),
    )


Counted = Mapping[tuple[str, str, str], float]


def _numbers(folder: Path) -> Counted:
    """What a rendering prints in each cell, by table, row and column."""
    return {
        (table.id, line.label, column): value
        for table in rendering_of(folder, "").tables
        for line in table.lines
        for column, shown in zip(table.columns, line.cells, strict=True)
        if (value := number(shown)) is not None
    }


def _labels(folders: Sequence[Path]) -> list[str]:
    """What tells the renderings apart: nothing where there is one."""
    if len(folders) == 1:
        return [""]
    names = [one.resolve().name for one in folders]
    return [
        f"{name}/" if names.count(name) == 1 else f"{at}.{name}/"
        for at, name in enumerate(names, start=1)
    ]


class _Attack:
    """All renderings together: one system of counts, and the reviews and children behind it."""

    def __init__(
        self, renderings: Sequence[Rendering], thresholds: Mapping[str, int], counted: Counted
    ) -> None:
        self.thresholds, self.counted = thresholds, counted
        self.tables = {table.id: table for one in renderings for table in one.tables}
        self.system = Unknowns()
        for one in renderings:
            self.system.take_in(one.system)
        ends = {name: (low, self.system.high[name]) for name, low in self.system.low.items()}
        editions = [
            edition_of(at, one.tables, one.notes, ends) for at, one in enumerate(renderings)
        ]
        self.registry = Registry()
        self.counts = counts = [
            count for one in editions for count in counts_of(one, self.registry)
        ]
        self.singles = singles_of(counts, editions)
        if self.singles.fine:
            tie_units(self.singles, counts, editions)
        self.singles.add_to(self.system)

    def found(self) -> Audit:
        """What follows. What only words or records suggest goes where it cannot hold."""
        untried = list(self.singles.untried)
        leaks: list[Leak] = []
        for certain, single in ((False, True), (False, False), (True, False)):
            try:
                solver = Solver(self.system, certain=certain, single=single)
                return self._followed(solver, leaks, untried)
            except Contradiction:
                if single:
                    untried.append("single reviews and children: the numbers do not fit together")
                else:
                    what = "no whole numbers fit all that is printed"
                    leaks.append(Leak("", "all tables", what))
        return Audit("", 0, (), (), tuple(leaks), untried=tuple(untried))

    def _followed(self, solver: Solver, leaks: Sequence[Leak], untried: Sequence[str]) -> Audit:
        narrowed = {
            name: self._narrowed(solver, name)
            for name in (*self.system.withheld, *self.system.rounded)
        }
        exposed = {name for name, one in narrowed.items() if one.exposed}
        named = (
            attributed(solver, self.singles, self.registry.told(self.counts))
            if solver.single
            else ()
        )
        within = {name: self.thresholds[name[0]] for name in narrowed}
        insiders = [
            ToInsider(
                replace(narrowed[one.known], low=1, high=1),
                replace(narrowed[one.learnt], low=one.low, high=one.high),
            )
            for one in to_insiders(solver, self.system, within, exposed)
        ]
        return Audit(
            "",
            0,
            (),
            (*narrowed.values(), *self._differences(solver)),
            tuple(leaks),
            tuple(named),
            tuple(insiders),
            tuple(untried),
        )

    def _narrowed(self, solver: Solver, name: Name) -> Narrowed:
        table, line = self.tables[name[0]], self.tables[name[0]].lines[name[1]]
        low, high = solver.interval(name)
        k = self.thresholds[name[0]]
        tell = _rounded_exposed if table.within else _exposed
        exposed = tell(low, high, k)
        if name in self.system.sides and not exposed:
            base = self.system.bases[name]
            exposed = tell(base - (base if high is None else high), base - low, k)
        column = table.columns[name[2]]
        value = self.counted.get((table.id.rpartition("/")[2], line.label, column))
        if value is not None:
            rest = self.system.bases[name] - value if name in self.system.sides else None
            exposed = exposed and _is_small(value, rest, k)
        return Narrowed(table.id, line.label, column, line.cells[name[2]], low, high, exposed)

    def _differences(self, solver: Solver) -> Iterator[Narrowed]:
        """The few who do not meet a condition, told by a count with it and the same without it."""
        for rest, (name, row, column) in self.system.rests.items():
            low, high = solver.interval(rest)
            if low > 0 and high is not None and high < self.thresholds[name]:
                table = self.tables[name]
                label = f"{table.lines[row].label}, without the condition"
                yield Narrowed(name, label, table.columns[column], "", low, high, exposed=True)


def _is_small(value: float, rest: float | None, k: int) -> bool:
    """Whether a count is a secret for its own sake, or the rest of its base is."""
    return 0 < value < k or (rest is not None and 0 < rest < k)


def _exposed(low: int, high: int | None, k: int) -> bool:
    """Known to be there and perhaps small, or known to be small. From k on, none is small."""
    return (0 < low < k) or (high is not None and high < k)


def _rounded_exposed(low: int, high: int | None, k: int) -> bool:
    """Known to be small and narrowed to fewer values than rounding leaves."""
    return high is not None and low < k and high > 0 and high - low + 1 < k
