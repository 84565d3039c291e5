"""Attack published files: bounds of what they withhold, and what they show by mistake.

An independent audit in the sense of statistical disclosure control: it reads the files and no more,
writes down every equation that a reader could, and asks in whole numbers between which bounds each
suppressed or rounded count must lie. It is written apart from the protection and shares no code
with it, so that one mistake cannot hide in both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from waymark.core.errors import RuleError
from waymark.publishing.attack.counts import counts_of
from waymark.publishing.attack.facts import FactRegistry, edition_of
from waymark.publishing.attack.grid import Leak, printed_number
from waymark.publishing.attack.named import AttributedFact, attributed_facts, to_insiders
from waymark.publishing.attack.renderings import AttackedRendering, folders_in, rendering_of
from waymark.publishing.attack.single import single_records
from waymark.publishing.attack.solve import BoundsSolver, Contradiction
from waymark.publishing.attack.units import tie_units
from waymark.publishing.attack.unknowns import Name, UnknownCounts


@dataclass(frozen=True, slots=True)
class CellBounds:
    """Audit bounds of one cell. high None: without end. printed: "[c]", or a rounded number."""

    table: str
    row: str
    column: str
    printed: str
    low: int
    high: int | None
    exposed: bool


@dataclass(frozen=True, slots=True)
class InsiderFinding:
    """A withheld cell that the only person counted in another cell can work out."""

    known: CellBounds
    learnt: CellBounds


@dataclass(frozen=True, slots=True)
class AttackResult:
    """The result of an attack. profile: as the files say it; k: the threshold that was used.

    narrowed: the bounds of each withheld or rounded cell. leaks: things in the clear. named: facts
    about people that follow of reviews by their names. insiders: cells that follow for somebody who
    is counted. untried: tests that were too large, in words.
    """

    profile: str
    k: int
    files: tuple[str, ...]
    narrowed: tuple[CellBounds, ...]
    leaks: tuple[Leak, ...]
    named: tuple[AttributedFact, ...] = ()
    insiders: tuple[InsiderFinding, ...] = ()
    untried: tuple[str, ...] = ()

    @property
    def exposed(self) -> tuple[CellBounds, ...]:
        return tuple(cell for cell in self.narrowed if cell.exposed)

    @property
    def is_safe(self) -> bool:
        """True if nothing is exposed to anybody, and nothing is in the clear."""
        return not (self.exposed or self.leaks or self.named or self.insiders)


def attack_folders(
    *folders: Path, threshold: int | None = None, counted: Path | None = None
) -> AttackResult:
    """Read the files of folders, and only these, and try to undo what they withhold.

    Several folders, or folders in one, are renderings that are attacked together: a review that
    two of them name is one review. threshold: k, if no file says it (CSV and PDF alone do not).
    counted: a rendering in which nothing is withheld, for people who may see it: a cell of k or
    more in it is a secondary suppression, and no secret for its own sake.
    Raises NotFound if there is nothing to read, RuleError if something is withheld and no threshold
    is known.

    Fire [c], fall 6, all 9, under 3: fire + 6 = 9, so the bounds of fire are 3 to 3 and nothing is
    exposed at 3; at a threshold of 5 the 3 is small, known exactly, and exposed.
    """
    every = folders_in(folders)
    labels = _rendering_labels(every)
    renderings = [rendering_of(folder, label) for folder, label in zip(every, labels, strict=True)]
    leaks = [leak for rendering in renderings for leak in rendering.leaks]
    thresholds = {}
    for rendering in renderings:
        # Each table keeps the threshold of its own rendering: an edition under k3 beside one under
        # k5 is attacked at 3 in its own tables.
        k = threshold or rendering.rules.k
        if rendering.system.withheld and not k:
            raise RuleError("no file gives the threshold: give --threshold")
        thresholds.update({table.id: k for table in rendering.tables})
    result = _JointAttack(
        renderings, thresholds, _printed_numbers(counted) if counted else {}
    ).audited()
    # Folders are editions in order: what the newest says about its protection is the rule that its
    # reader knows.
    last = renderings[-1].rules
    return replace(
        result,
        profile=last.profile,
        k=threshold or last.k,
        files=tuple(name for rendering in renderings for name in rendering.files),
        leaks=tuple(dict.fromkeys([*leaks, *result.leaks])),
    )


Counted = Mapping[tuple[str, str, str], float]


def _printed_numbers(folder: Path) -> Counted:
    """The numbers that a rendering prints, by table, row and column."""
    return {
        (table.id, line.label, column): value
        for table in rendering_of(folder, "").tables
        for line in table.lines
        for column, printed in zip(table.columns, line.cells, strict=True)
        if (value := printed_number(printed)) is not None
    }


def _rendering_labels(folders: Sequence[Path]) -> list[str]:
    """Texts before the names of tables, to tell renderings apart; "" if there is only one."""
    if len(folders) == 1:
        return [""]
    names = [folder.resolve().name for folder in folders]
    return [
        f"{name}/" if names.count(name) == 1 else f"{at}.{name}/"
        for at, name in enumerate(names, start=1)
    ]


class _JointAttack:
    """All renderings together: one system of counts, and the reviews and children behind it."""

    def __init__(
        self,
        renderings: Sequence[AttackedRendering],
        thresholds: Mapping[str, int],
        counted: Counted,
    ) -> None:
        self.thresholds, self.counted = thresholds, counted
        self.tables = {table.id: table for rendering in renderings for table in rendering.tables}
        self.system = UnknownCounts()
        for rendering in renderings:
            self.system.merge(rendering.system)
        ends = {name: (low, self.system.high[name]) for name, low in self.system.low.items()}
        editions = [
            edition_of(at, rendering.tables, rendering.notes, ends)
            for at, rendering in enumerate(renderings)
        ]
        self.registry = FactRegistry()
        self.counts = counts = [
            count for edition in editions for count in counts_of(edition, self.registry)
        ]
        self.singles = single_records(counts, editions)
        if self.singles.fine:
            tie_units(self.singles, counts, editions)
        self.singles.add_to(self.system)

    def audited(self) -> AttackResult:
        """The strongest audit whose equations have a solution.

        Equations that were only read out of words or records are dropped if they contradict.
        """
        untried = list(self.singles.untried)
        leaks: list[Leak] = []
        for certain, single in ((False, True), (False, False), (True, False)):
            try:
                solver = BoundsSolver(self.system, certain=certain, single=single)
                return self._audit_with(solver, leaks, untried)
            except Contradiction:
                if single:
                    untried.append("single reviews and children: the numbers contradict each other")
                else:
                    what = "no whole numbers fit the printed numbers"
                    leaks.append(Leak("", "all tables", what))
        return AttackResult("", 0, (), (), tuple(leaks), untried=tuple(untried))

    def _audit_with(
        self, solver: BoundsSolver, leaks: Sequence[Leak], untried: Sequence[str]
    ) -> AttackResult:
        narrowed = {
            name: self._narrowed(solver, name)
            for name in (*self.system.withheld, *self.system.rounded)
        }
        exposed = {name for name, cell in narrowed.items() if cell.exposed}
        named = (
            attributed_facts(solver, self.singles, self.registry.known_conditions(self.counts))
            if solver.single
            else ()
        )
        within = {name: self.thresholds[name[0]] for name in narrowed}
        insiders = [
            InsiderFinding(
                replace(narrowed[pair.known], low=1, high=1),
                replace(narrowed[pair.learnt], low=pair.low, high=pair.high),
            )
            for pair in to_insiders(solver, self.system, within, exposed)
        ]
        return AttackResult(
            "",
            0,
            (),
            (*narrowed.values(), *self._differences(solver)),
            tuple(leaks),
            tuple(named),
            tuple(insiders),
            tuple(untried),
        )

    def _narrowed(self, solver: BoundsSolver, name: Name) -> CellBounds:
        table, line = self.tables[name[0]], self.tables[name[0]].lines[name[1]]
        low, high = solver.interval(name)
        k = self.thresholds[name[0]]
        tell = _is_exposed_rounded if table.within else _is_exposed
        exposed = tell(low, high, k)
        # In a table whose rows do not add up, the rest of the base is a count as well: 22 of 24
        # leaves 2.
        if name in self.system.sides and not exposed:
            base = self.system.bases[name]
            exposed = tell(base - (base if high is None else high), base - low, k)
        column = table.columns[name[2]]
        value = self.counted.get((table.id.rpartition("/")[2], line.label, column))
        if value is not None:
            rest = self.system.bases[name] - value if name in self.system.sides else None
            exposed = exposed and _is_small(value, rest, k)
        return CellBounds(table.id, line.label, column, line.cells[name[2]], low, high, exposed)

    def _differences(self, solver: BoundsSolver) -> Iterator[CellBounds]:
        """The few who do not meet a condition, by differencing a count with it and without it.

        Cold homes in 9 reviews, and in 8 of the reviews of a fire: 1 had a cold home and no fire.
        """
        for rest, (name, row, column) in self.system.rests.items():
            low, high = solver.interval(rest)
            if low > 0 and high is not None and high < self.thresholds[name]:
                table = self.tables[name]
                label = f"{table.lines[row].label}, without the condition"
                yield CellBounds(name, label, table.columns[column], "", low, high, exposed=True)


def _is_small(value: float, rest: float | None, k: int) -> bool:
    """Return True if a count is a primary suppression, or the rest of its base is."""
    return 0 < value < k or (rest is not None and 0 < rest < k)


def _is_exposed(low: int, high: int | None, k: int) -> bool:
    """Known to be there and perhaps small, or known to be small. From k on, none is small."""
    return (0 < low < k) or (high is not None and high < k)


def _is_exposed_rounded(low: int, high: int | None, k: int) -> bool:
    """Known to be small and narrowed to fewer values than rounding leaves."""
    return high is not None and low < k and high > 0 and high - low + 1 < k
