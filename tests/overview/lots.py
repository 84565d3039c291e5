"""Reviews drawn by lot with tables of them, and an attacker who counts kinds of reviews.

The attacker writes down how many reviews there may be of each kind (cause, two factors, how many
people, whether a theme is found) and what every printed number says of these, and knows nothing of
how the engine works. No fact is used that no table prints.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from tests.overview.own_attacker import narrowed
from tests.overview.small import FRAMEWORK, SPEC_YAML, judged, quote
from waymark.core.errors import TablesNotShown, UnprotectableCount
from waymark.core.evidence import ChildRow, CodeRow
from waymark.core.tables import Table
from waymark.overview.disclosure.protect import ReleaseProtection, protect_release
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.snapshot.rows import FrozenRows, ReviewRow, freeze_rows
from waymark.overview.spec.check import checked_overview

HEAD = SPEC_YAML.split("points:")[0] + (
    "select: {collection: small}\n"
    "disclosure: {profile: k3, controller: A body, reason: Small., decided: 2026-01-02}\n"
    "tables:\n"
)
CAUSES = ("fire", "fall", "harm", "unknown")
FACTORS = ("fac.cold", "fac.alone")
MOST_PEOPLE = 5
SIZES = tuple(range(1, 19))
"""How many people a review may have, for all that anybody is told: more than any has."""
THEMES = ("th.visits", "th.letters")
YES_NO = (
    "groups: [{id: 'yes', label: Recorded, values: [present, suspected]},"
    " {id: 'no', label: Not recorded as such, rest: true}]"
)
BY_COLD = f"{{variable: fac.cold, {YES_NO}}}"
BY_ALONE = f"{{variable: fac.alone, {YES_NO}}}"
TOTALS = "recodes: [{label: totals only, totals: true}]"
PEOPLE = (
    "{count: children, shown_by: fate, bands: [{id: one, label: One, from: 1, to: 1},"
    " {id: two, label: Two, from: 2, to: 2}, {id: more, label: More, from: 3}]}"
)


def crosstab(name: str, unit: str, rows: str, columns: str = "") -> str:
    """The source of a table of one block."""
    more = f", columns: {columns}, {TOTALS}" if columns else ""
    return (
        f"- {{id: {name}, kind: crosstab, title: Counted, blocks: [{{id: b, title: Counted,"
        f" unit: {unit}, base: all, rows: {rows}{more}, all_label: All}}]}}"
    )


def themes(name: str, more: str = "") -> str:
    """The source of a table of themes."""
    codes = "{codes: [th.visits, th.letters]}"
    return f"- {{id: {name}, kind: themes, title: Themes, of: {codes}{more}}}"


TABLES = {
    "T2": crosstab("T2", "review", "{variable: cause}"),
    "T3": crosstab("T3", "review", "{variable: cause}", BY_COLD),
    "T4": crosstab("T4", "review", "{variable: cause}", BY_ALONE),
    "T5": "- {id: T5, kind: states, title: Factors, group: factors}",
    "T6": (
        "- {id: T6, kind: cooccurrence, title: Together, of: [{label: Cold, any_of: [fac.cold]},"
        " {label: Alone, any_of: [fac.alone]}]}"
    ),
    "T7": crosstab("T7", "child", "{variable: cause}"),
    "T8": crosstab("T8", "review", PEOPLE),
    "T9": crosstab("T9", "review", PEOPLE, "{variable: cause}"),
    "T10": themes("T10"),
    "T11": themes("T11", ", columns: {variable: cause}"),
    "T12": themes("T12", f", columns: {BY_COLD}"),
    "T13": themes("T13", ", where: {variable: fac.alone, values: [present, suspected]}"),
}


@dataclass(frozen=True, slots=True)
class Lot:
    """Reviews drawn by lot: the rows, and of each review its kind, with the themes found in it."""

    rows: FrozenRows
    kinds: tuple[tuple[str, bool, bool, int], ...]
    found: tuple[frozenset[str], ...]


def lot(seed: int, number: int) -> Lot:
    """So many reviews, of which some causes, factors and themes are rare."""
    draw = np.random.default_rng(seed)
    weights = np.array([*draw.choice([2, 4, 8], 3), 1])
    rates = draw.choice([0.1, 0.3, 0.5, 0.8], 4)
    people = np.array([10, 5, 2, 1, 1])
    kinds, found, names = [], [], [f"A{n:03}" for n in range(1, number + 1)]
    for _ in names:
        cause = str(draw.choice(CAUSES, p=weights / weights.sum()))
        size = int(draw.choice(np.arange(1, MOST_PEOPLE + 1), p=people / people.sum()))
        kinds.append((cause, bool(draw.random() < rates[0]), bool(draw.random() < rates[1]), size))
        found.append(
            frozenset(
                code for code, rate in zip(THEMES, rates[2:], strict=True) if draw.random() < rate
            )
        )
    return Lot(rows_of(names, kinds, found), tuple(kinds), tuple(found))


def rows_of(names, kinds, found) -> FrozenRows:
    judgements, children, codes = [], [], []
    for name, (cause, cold, alone, size), themes_found in zip(names, kinds, found, strict=True):
        judgements.append(judged(name, "cause", cause, 20))
        for fact, recorded in zip(FACTORS, (cold, alone), strict=True):
            value = "present" if recorded else "stated_absent"
            judgements.append(judged(name, fact, value, 30))
        children += [ChildRow(name, n, f"Person {n}") for n in range(1, size + 1)]
        codes += [CodeRow(name, code, True, "sole", (quote(name, 200),)) for code in themes_found]
    return freeze_rows(
        framework="adult-core 2.0.0",
        framework_sha256="f" * 64,
        spec=HEAD,
        reviews=[ReviewRow(name, f"Review {name}", True, True) for name in names],
        children=children,
        judgements=judgements,
        codes=sorted(codes),
        double_coded=[],
        recommendations=[],
    )


def protected(made: FrozenRows, *tables: str, profile: str = "k3") -> ReleaseProtection | None:
    """A release of some of the tables; None where it cannot be given out as a whole."""
    source = HEAD + "\n".join(TABLES.get(one, one) for one in tables)
    spec = checked_overview(source, FRAMEWORK, file="small.yaml")
    try:
        return protect_release(plan_of(made, spec, FRAMEWORK), profile=profile)
    except (TablesNotShown, UnprotectableCount):
        return None


Type = tuple[str, bool, bool, int, bool]
"""Cause, cold, alone, how many people, whether the theme is found."""
Weigh = Callable[[Type], int]


class KindsCounted:
    """What the tables of a release say of the numbers of each type, for one theme."""

    def __init__(self, drawn: Lot, made: ReleaseProtection, theme: str) -> None:
        self.drawn, self.theme = drawn, theme
        self.tables = {one.table.id: one.table for one in made.tables}

    @cached_property
    def types(self) -> dict[str, Type]:
        """Every type by a name; what no table tells apart is one."""
        either = (True, False)
        every = product(
            CAUSES,
            either if self._told("T3", "T5", "T6", "T12") else (True,),
            either if self._told("T4", "T5", "T6", "T13") else (True,),
            SIZES if self._told("T7", "T8", "T9") else (1,),
            either if self._told("T10", "T11", "T12", "T13") else (True,),
        )
        return {str(one): one for one in every}

    def _told(self, *names: str) -> bool:
        return not self.tables.keys().isdisjoint(names)

    def cells(self) -> Iterator[tuple[str, str, str, Weigh]]:
        """Each cell of the tables that are there, with what it counts of a type."""
        for name, table in self.tables.items():
            for row in table.rows:
                for column in table.columns:
                    weigh = self._weigh(name, row.id, column.id)
                    if weigh is not None:
                        yield name, row.id, column.id, weigh
        if "T13" in self.tables:
            yield "T13", "base", "", lambda one: one[2]

    def _weigh(self, name: str, row: str, column: str) -> Weigh | None:
        if column in {"percent", "passages"}:
            return None
        rows: Mapping[str, Callable[[str, str], Weigh | None]] = {
            "T2": lambda row, _: _cause(row),
            "T3": lambda row, column: _both(_cause(row), _recorded(1, column)),
            "T4": lambda row, column: _both(_cause(row), _recorded(2, column)),
            "T5": lambda row, _: lambda one: one[1 + FACTORS.index(row)],
            "T6": lambda row, _: lambda one: row == "all" or one[1] + one[2] == int(row),
            "T7": lambda row, _: lambda one: _cause(row)(one) * one[3],
            "T8": lambda row, _: _people(row),
            "T9": lambda row, column: _both(_people(row), _cause(column)),
            "T10": lambda row, _: self._found(row, lambda one: True),
            "T11": lambda row, column: self._found(row, _causes(column)),
            "T12": lambda row, column: self._found(row, _recorded(1, column)),
            "T13": lambda row, _: self._found(row, lambda one: one[2]),
        }
        return rows[name](row, column)

    def _found(self, row: str, within: Weigh) -> Weigh | None:
        return (lambda one: one[4] and within(one)) if row == self.theme else None

    def truth(self, weigh: Weigh) -> int:
        """What was counted."""
        found = [self.theme in one for one in self.drawn.found]
        return sum(
            weigh((*kind, there)) for kind, there in zip(self.drawn.kinds, found, strict=True)
        )

    def printed(self, name: str, row: str, column: str) -> int | None:
        """The number that stands in a cell, or None."""
        table = self.tables[name]
        if row == "base":
            return int(table.base.split()[0]) if table.base[0].isdigit() else None
        cell = table.cell(row, column)
        return None if cell.mark else int(cell.value)

    def lines(self) -> Iterator[tuple[dict[str, int], int]]:
        """What is printed, in numbers of types; heads of columns tell their bases."""
        reviews, people = len(self.drawn.kinds), sum(one[3] for one in self.drawn.kinds)
        yield dict.fromkeys(self.types, 1), reviews
        if self._told("T7", "T8", "T9"):
            yield {name: one[3] for name, one in self.types.items()}, people
        if self._told("T10", "T11", "T12", "T13"):
            yield self._line(lambda one: one[4]), self.truth(lambda one: one[4])
        for name, row, column, weigh in self.cells():
            number = self.printed(name, row, column)
            if number is not None:
                assert number == self.truth(weigh), (name, row, column)
                yield self._line(weigh), number
        for name, within in (("T11", _causes), ("T12", lambda one: _recorded(1, one))):
            for column in self.tables[name].columns if name in self.tables else ():
                if "[c]" not in column.label:
                    size = int(column.label.rpartition("(n = ")[2].rstrip(")"))
                    yield self._line(within(column.id)), size

    def _line(self, weigh: Weigh) -> dict[str, int]:
        return {name: int(weigh(one)) for name, one in self.types.items() if weigh(one)}

    def narrowed(self, k: int) -> Iterator[tuple[str, int, tuple[int, int]]]:
        """Each withheld small number, with the least and the most that it can be."""
        lines = list(self.lines())
        for name, row, column, weigh in self.cells():
            truth = self.truth(weigh)
            table = self.tables[name]
            mark = "[c]" if row == "base" else table.cell(row, column).mark
            unknown = "unknown" in {row, column}
            if mark == "[c]" and 0 < truth < k and not unknown:
                yield f"{name} {row} {column}", truth, self.range_of(weigh, lines)

    def range_of(self, weigh: Weigh, lines, more=()) -> tuple[int, int]:
        """The least and the most that a number can be. more: lines that only some know."""
        summed = self._line(weigh) | {"sum": -1}
        hidden = [*self.types, "sum"]
        ceiling = max(SIZES) * len(self.drawn.kinds)
        every = [*lines, *more, (summed, 0)]
        return narrowed({}, hidden, every, ["sum"], ceiling=ceiling)["sum"]


def _cause(name: str) -> Weigh:
    return lambda one: name in {"all", "n", one[0]}


def _causes(name: str) -> Weigh:
    return lambda one: name == "all" or one[0] in name.split("-")


def _recorded(place: int, name: str) -> Weigh:
    return lambda one: name in {"all", "n"} or one[place] == (name == "yes")


def _people(name: str) -> Weigh:
    sizes = {"one": (1,), "two": (2,), "more": tuple(size for size in SIZES if size > 2)}
    return lambda one: name == "all" or one[3] in sizes[name]


def _both(first: Weigh, second: Weigh) -> Weigh:
    return lambda one: first(one) and second(one)


def opens(table: Table) -> bool:
    """Whether any number of a table leads to reviews or to words."""
    return any(cell.records or cell.evidence for row in table.rows for cell in row.cells)
