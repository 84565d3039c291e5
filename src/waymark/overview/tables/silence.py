"""Tables of silence: each variable by what reports say of it, or do not say. Pure.

A factor is stated if it is recorded as present or suspected. An answer that the framework calls
unknown is unclear, unless it says that the report does not give one. Facts about children are
counted by child, all others by review.
"""

from collections.abc import Sequence

from waymark.core.tables import Column, Row
from waymark.frameworks.families import variables_with_silence
from waymark.frameworks.variables import SILENT, VariableSpec
from waymark.overview.snapshot.coded_reviews import CodedReviews, CountedRecords, Record
from waymark.overview.spec.schema import (
    PLURAL,
    Dimension,
    SilenceMeasure,
    SilenceTable,
    Unit,
)
from waymark.overview.spec.slots import AxisSlot
from waymark.overview.tables.crosstab import RecordAxis, axis_of

LABELS: dict[SilenceMeasure, str] = {
    "stated": "Stated",
    "stated_absent": "Stated absent",
    "unclear": "Unclear",
    "not_mentioned": "Not mentioned",
    "not_judged": "Not judged",
}
ALL_SLOT = AxisSlot("all", "All", "total", lambda value: True)
ABSENT = frozenset({"stated_absent", "no_contact"})


def measure_of(variable: VariableSpec, value: str | None) -> SilenceMeasure:
    """What a report says of a variable, by the value that was judged."""
    if value is None:
        return "not_judged"
    if value in SILENT:
        return "not_mentioned"
    if value in ABSENT and variable.type in {"state", "contact"}:
        return "stated_absent"
    unknown = {allowed.value for allowed in variable.allowed if allowed.unknown}
    return "unclear" if value in unknown or value == "unclear" else "stated"


def unit_of(variable: VariableSpec) -> Unit:
    """The unit by which a variable is counted."""
    return "child" if variable.level == "child" else "review"


def silence_columns(table: SilenceTable) -> list[Column]:
    """The measures of a table as columns."""
    return [Column(measure, LABELS[measure]) for measure in table.show]


def silence_rows(table: SilenceTable, facts: CodedReviews) -> list[Row]:
    """One row for each variable, under the heading of its unit; or several for each, by a fact."""
    if table.by is not None:
        return _rows_by_fact(table, table.by, facts)
    rows = []
    for variable in variables_with_silence(facts.framework, table.group, table.leave_out):
        unit = unit_of(variable)
        by_measure = _records_by_measure(variable, facts)
        base = len(facts.records_of_unit(unit))
        cells = tuple(by_measure[measure].cell(base) for measure in table.show)
        rows.append(Row(variable.id, variable.name, cells, group=PLURAL[unit].capitalize()))
    return rows


def _records_by_measure(
    variable: VariableSpec, facts: CodedReviews
) -> dict[SilenceMeasure, CountedRecords]:
    return _by_measure(variable, facts.records_of_unit(unit_of(variable)), facts)


def _rows_by_fact(table: SilenceTable, by: Dimension, facts: CodedReviews) -> list[Row]:
    """For each variable the records of each period, kind of report or other fact, then all.

    A period of which there is no record has no row: nothing could be said in it.
    """
    axes: dict[Unit, RecordAxis] = {}
    rows = []
    for variable in variables_with_silence(facts.framework, table.group, table.leave_out):
        unit = unit_of(variable)
        records = facts.records_of_unit(unit)
        axis = axes.setdefault(unit, axis_of(by, records, facts))
        split = axis.split(records)
        parts = [(slot, split.in_slot(slot)) for slot in axis.slots]
        group = f"{variable.name} ({PLURAL[unit]})"
        for slot, some in [*((slot, some) for slot, some in parts if some), (None, records)]:
            by_measure = _by_measure(variable, some, facts)
            cells = tuple(by_measure[measure].cell(len(some)) for measure in table.show)
            group_slot = slot or ALL_SLOT
            label = f"{group_slot.label} (n = {len(some)})"
            rows.append(Row(f"{variable.id}.{group_slot.id}", label, cells, group_slot.role, group))
    return rows


def variable_of_row(table: SilenceTable, row: str, variables: Sequence[VariableSpec]) -> str:
    """The id of the variable that a row of a table is about: ids of parts come after a dot."""
    if table.by is None:
        return row
    named = [variable.id for variable in variables if row.startswith(f"{variable.id}.")]
    return max(named, key=len, default=row)


def _by_measure(
    variable: VariableSpec, records: Sequence[Record], facts: CodedReviews
) -> dict[SilenceMeasure, CountedRecords]:
    by_measure: dict[SilenceMeasure, list[Record]] = {measure: [] for measure in LABELS}
    for record, value in zip(records, facts.values(records, variable.id), strict=True):
        by_measure[measure_of(variable, value)].append(record)
    return {
        measure: CountedRecords(some, lambda record: (facts.judgement(record, variable.id),))
        for measure, some in by_measure.items()
    }


def silence_unit(table: SilenceTable, facts: CodedReviews) -> str:
    """The unit of a table, or both units in the plural."""
    variables = variables_with_silence(facts.framework, table.group, table.leave_out)
    units = list(dict.fromkeys(map(unit_of, variables)))
    return units[0] if len(units) == 1 else " and ".join(PLURAL[unit] for unit in units)


def silence_base(table: SilenceTable, facts: CodedReviews) -> str:
    """The base in words: of reviews, of children, or of both."""
    of_units = {
        "review": f"{len(facts.reviews)} review{'s' * (len(facts.reviews) != 1)} read and coded",
        "child": f"{len(facts.children)} child{'ren' * (len(facts.children) != 1)} in them",
    }
    variables = variables_with_silence(facts.framework, table.group, table.leave_out)
    return "; ".join(of_units[unit] for unit in dict.fromkeys(map(unit_of, variables)))
