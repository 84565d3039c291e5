"""Tables of factors and services: silence is not absence, so bounds stand beside each share.

recorded = present or suspected; lower = present; upper = all reviews less those that state absence.
The base is always all reviews that count, or all that meet the condition of the table; never "those
where it is known".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.evidence import JudgementRow
from waymark.core.tables import Cell, Column, Row, percent_cell
from waymark.frameworks.families import variables_of
from waymark.overview.facts import CarriersOf, Counted, Facts, Record
from waymark.overview.spec import (
    ContactsTable,
    CooccurrenceTable,
    Factors,
    Measure,
    StatesTable,
    Where,
)

RECORDED = frozenset({"present", "suspected"})
COLUMNS: dict[Measure, Column] = {
    "recorded": Column("recorded", "Recorded"),
    "percent": Column("percent", "Per cent", "percent"),
    "lower": Column("lower", "Lower bound, per cent", "percent"),
    "upper": Column("upper", "Upper bound, per cent", "percent"),
    "present": Column("present", "Present"),
    "suspected": Column("suspected", "Suspected"),
    "stated_absent": Column("stated_absent", "Stated absent"),
    "not_mentioned": Column("not_mentioned", "Not mentioned"),
    "unclear": Column("unclear", "Unclear or not judged"),
}


@dataclass(frozen=True, slots=True)
class States:
    """The reviews in each state of one factor, with the rows that say so."""

    by_state: dict[str, list[Record]]
    base: int
    carriers: CarriersOf

    def counted(self, states: frozenset[str] | set[str]) -> Counted:
        """The reviews in any of the states, by reference."""
        found = [record for state in states for record in self.by_state.get(state, [])]
        return Counted(sorted(found, key=lambda record: record.at), self.carriers)

    def measured(self, measure: Measure) -> Cell:
        """One measure as a cell: counts over the base, shares in whole per cent of it."""
        every = set(self.by_state)
        among: dict[Measure, frozenset[str] | set[str]] = {
            "recorded": RECORDED,
            "percent": RECORDED,
            "lower": {"present"},
            "upper": every - {"stated_absent"},
            "unclear": {"unclear", ""},
        }
        cell = self.counted(among.get(measure, {measure})).cell(self.base)
        return percent_cell(cell, self.base) if measure in {"percent", "lower", "upper"} else cell


def states_of(facts: Facts, variable: str, where: Where | None) -> States:
    """Every review that is counted, under its state; under "" where nothing was judged."""
    by_state: dict[str, list[Record]] = {}
    reviews = facts.meeting(where)
    for record, value in zip(reviews, facts.values(reviews, variable), strict=True):
        by_state.setdefault(value or "", []).append(record)
    return States(by_state, len(reviews), lambda record: (facts.judgement(record, variable),))


def states_columns(table: StatesTable) -> list[Column]:
    """The measures asked for, as columns."""
    return [COLUMNS[measure] for measure in table.show]


def states_rows(table: StatesTable, facts: Facts) -> list[Row]:
    """One row for each factor of the group."""
    found = [
        (variable, states_of(facts, variable.id, table.where))
        for variable in variables_of(facts.framework, table.group)
    ]
    rows = [
        Row(variable.id, variable.name, tuple(states.measured(show) for show in table.show))
        for variable, states in found
    ]
    sizes = [len(states.counted(RECORDED).records) for _, states in found]
    return ordered(rows, sizes, table.order)


def contacts_columns() -> list[Column]:
    """Services: how many reviews, and their share."""
    return [Column("n", "Reviews"), Column("percent", "Per cent", "percent")]


def contacts_rows(table: ContactsTable, facts: Facts) -> list[Row]:
    """One row for each service of the group: the reviews in which it was in contact."""
    rows, sizes = [], []
    for variable in variables_of(facts.framework, table.group):
        states = states_of(facts, variable.id, table.where)
        cell = states.counted({"in_contact"}).cell(states.base)
        rows.append(Row(variable.id, variable.name, (cell, percent_cell(cell, states.base))))
        sizes.append(len(cell.records))
    return ordered(rows, sizes, table.order)


def ordered(rows: Sequence[Row], sizes: Sequence[int], order: str) -> list[Row]:
    """Rows as they come, or for the order count the largest first (ties as they come)."""
    if order != "count":
        return list(rows)
    places = sorted(range(len(rows)), key=lambda place: -sizes[place])
    return [rows[place] for place in places]


NUMBERS = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def cooccurrence_rows(table: CooccurrenceTable, facts: Facts) -> list[Row]:
    """Reviews by how many of the named sets are recorded, then all that are counted."""
    reviews = facts.meeting(table.where)
    base = len(reviews)
    by_number: dict[int, list[Record]] = {}
    for record in reviews:
        number = sum(bool(_recorded(factors, record, facts)) for factors in table.of)
        by_number.setdefault(number, []).append(record)

    def carriers(record: Record) -> list[JudgementRow]:
        return [row for factors in table.of for row in _recorded(factors, record, facts)]

    made = []
    for number in range(len(table.of) + 1):
        whole = f"All {len(table.of)}" if number == len(table.of) else NUMBERS[number]
        label = f"{whole} recorded"
        cell = Counted(by_number.get(number, []), carriers).cell(base)
        made.append(Row(str(number), label, (cell,)))
    every = Counted(reviews, carriers).cell(base)
    made.append(Row("all", "All reviews", (every,), "total"))
    return made


def _recorded(factors: Factors, record: Record, facts: Facts) -> list[JudgementRow]:
    rows = [facts.judgement(record, variable) for variable in factors.any_of]
    return [row for row in rows if row is not None and row.value in RECORDED]
