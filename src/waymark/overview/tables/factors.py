"""Tables of factors and services. Silence is not absence, so each share has bounds. Pure.

recorded = present or suspected; lower = present; upper = all reviews less those that state absence.
The base is always all counted reviews, or all that meet the condition of the table; never "those
where it is known".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.evidence import JudgementRow
from waymark.core.tables import Cell, Column, Row, percent_cell
from waymark.frameworks.families import variables_of_group
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import VariableSpec
from waymark.overview.snapshot.coded_reviews import CarriersOf, CodedReviews, CountedRecords, Record
from waymark.overview.spec.schema import (
    ContactsTable,
    CooccurrenceTable,
    Dimension,
    FactorSet,
    Measure,
    StatesTable,
    WhereCondition,
)
from waymark.overview.tables.crosstab import RecordAxis, axis_of

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
class FactorStates:
    """The reviews in each state of one factor, with the evidence of it."""

    by_state: dict[str, list[Record]]
    base: int
    carriers: CarriersOf

    def in_states(self, states: frozenset[str] | set[str]) -> CountedRecords:
        """The reviews in any of the states, by reference."""
        records = [record for state in states for record in self.by_state.get(state, [])]
        return CountedRecords(sorted(records, key=lambda record: record.at), self.carriers)

    def measure_cell(self, measure: Measure) -> Cell:
        """One measure as a cell: a count, or a share of the base in whole per cent."""
        # Of 10 reviews, 3 record a factor as present, 1 as suspected, 2 state its absence and 4 do
        # not mention it: recorded 4, per cent 40, lower bound 30 (only the 3), upper bound 80 (all
        # but 2).
        every = set(self.by_state)
        among: dict[Measure, frozenset[str] | set[str]] = {
            "recorded": RECORDED,
            "percent": RECORDED,
            "lower": {"present"},
            "upper": every - {"stated_absent"},
            "unclear": {"unclear", ""},
        }
        cell = self.in_states(among.get(measure, {measure})).cell(self.base)
        return percent_cell(cell, self.base) if measure in {"percent", "lower", "upper"} else cell


def states_of(facts: CodedReviews, variable: str, where: WhereCondition | None) -> FactorStates:
    """Every counted review by its state; by "" if nothing was judged."""
    by_state: dict[str, list[Record]] = {}
    reviews = facts.records_meeting(where)
    for record, value in zip(reviews, facts.values(reviews, variable), strict=True):
        by_state.setdefault(value or "", []).append(record)
    return FactorStates(by_state, len(reviews), lambda record: (facts.judgement(record, variable),))


def states_columns(table: StatesTable) -> list[Column]:
    """The measures of a table as columns."""
    return [COLUMNS[measure] for measure in table.show]


def states_rows(table: StatesTable, facts: CodedReviews) -> list[Row]:
    """One row for each factor of the group."""
    states_by_factor = [
        (variable, states_of(facts, variable.id, table.where))
        for variable in variables_of_group(facts.framework, table.group)
    ]
    rows = [
        Row(variable.id, variable.name, tuple(states.measure_cell(show) for show in table.show))
        for variable, states in states_by_factor
    ]
    sizes = [len(states.in_states(RECORDED).records) for _, states in states_by_factor]
    return ordered_rows(rows, sizes, table.order)


def contacts_columns() -> list[Column]:
    """The columns for services: number of reviews and their share."""
    return [Column("n", "Reviews"), Column("percent", "Per cent", "percent")]


def contacts_rows(table: ContactsTable, facts: CodedReviews) -> list[Row]:
    """One row for each service of the group: the reviews in which it was in contact."""
    rows, sizes = [], []
    for variable in variables_of_group(facts.framework, table.group):
        states = states_of(facts, variable.id, table.where)
        cell = states.in_states({"in_contact"}).cell(states.base)
        rows.append(Row(variable.id, variable.name, (cell, percent_cell(cell, states.base))))
        sizes.append(len(cell.records))
    return ordered_rows(rows, sizes, table.order)


def ordered_rows(rows: Sequence[Row], sizes: Sequence[int], order: str) -> list[Row]:
    """Rows as they are, or for the order count with the largest first (ties as they are)."""
    if order != "count":
        return list(rows)
    # sorted() is stable, so rows of one size keep the order of the framework.
    places = sorted(range(len(rows)), key=lambda place: -sizes[place])
    return [rows[place] for place in places]


def variables_divided(
    table: StatesTable | ContactsTable, dimension: Dimension, framework: FrameworkFile
) -> list[VariableSpec]:
    """The rows of a table by a fact: its group without that fact, which divides nothing."""
    variables = variables_of_group(framework, table.group)
    return [variable for variable in variables if variable.id != dimension.variable]


def across_columns(dimension: Dimension, facts: CodedReviews) -> list[Column]:
    """Columns by a fact, each with its base in its head, and the column of all reviews."""
    axis = axis_of(dimension, facts.reviews, facts)
    split = axis.split(facts.reviews)
    columns = [
        Column(slot.id, f"{slot.label} (n = {len(split.in_slot(slot))})") for slot in axis.slots
    ]
    return [*columns, Column("n", f"All (n = {len(facts.reviews)})")]


def across_rows(
    table: StatesTable | ContactsTable, dimension: Dimension, facts: CodedReviews
) -> list[Row]:
    """One row for each factor or service: the reviews of each column that record it."""
    axis = axis_of(dimension, facts.reviews, facts)
    every = axis.split(facts.reviews)
    states = RECORDED if isinstance(table, StatesTable) else {"in_contact"}
    rows, sizes = [], []
    for variable in variables_divided(table, dimension, facts.framework):
        recorded = states_of(facts, variable.id, None).in_states(states)
        split = axis.split(recorded.records)
        both = _with_carriers_of(axis, recorded.carriers)
        cells = [
            CountedRecords(split.in_slot(slot), both).cell(len(every.in_slot(slot)))
            for slot in axis.slots
        ]
        rows.append(Row(variable.id, variable.name, (*cells, recorded.cell(len(facts.reviews)))))
        sizes.append(len(recorded.records))
    return ordered_rows(rows, sizes, table.order)


def _with_carriers_of(axis: RecordAxis, own: CarriersOf) -> CarriersOf:
    return lambda record: (*own(record), *axis.carriers(record))


NUMBERS = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def cooccurrence_rows(table: CooccurrenceTable, facts: CodedReviews) -> list[Row]:
    """Reviews by the number of named sets that are recorded, then all reviews."""
    reviews = facts.records_meeting(table.where)
    base = len(reviews)
    by_number: dict[int, list[Record]] = {}
    for record in reviews:
        number = sum(bool(_recorded_judgements(factors, record, facts)) for factors in table.of)
        by_number.setdefault(number, []).append(record)

    def carriers(record: Record) -> list[JudgementRow]:
        return [row for factors in table.of for row in _recorded_judgements(factors, record, facts)]

    rows = []
    # With 3 sets the rows are none, one, two and all 3: four rows that add up to all reviews.
    for number in range(len(table.of) + 1):
        whole = f"All {len(table.of)}" if number == len(table.of) else NUMBERS[number]
        label = f"{whole} recorded"
        cell = CountedRecords(by_number.get(number, []), carriers).cell(base)
        rows.append(Row(str(number), label, (cell,)))
    every = CountedRecords(reviews, carriers).cell(base)
    rows.append(Row("all", "All reviews", (every,), "total"))
    return rows


def _recorded_judgements(
    factors: FactorSet, record: Record, facts: CodedReviews
) -> list[JudgementRow]:
    rows = [facts.judgement(record, variable) for variable in factors.any_of]
    return [row for row in rows if row is not None and row.value in RECORDED]
