"""Tables of silence: each variable by what reports say of it, or do not say. Pure.

A factor is stated if it is recorded as present or suspected. An answer that the framework calls
unknown is unclear, unless it says that the report does not give one. Facts about children are
counted by child, all others by review.
"""

from waymark.core.tables import Column, Row
from waymark.frameworks.families import variables_with_silence
from waymark.frameworks.variables import SILENT, VariableSpec
from waymark.overview.snapshot.coded_reviews import CodedReviews, CountedRecords, Record
from waymark.overview.spec.schema import (
    PLURAL,
    SilenceMeasure,
    SilenceTable,
    Unit,
)

LABELS: dict[SilenceMeasure, str] = {
    "stated": "Stated",
    "stated_absent": "Stated absent",
    "unclear": "Unclear",
    "not_mentioned": "Not mentioned",
    "not_judged": "Not judged",
}
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
    """One row for each variable, under the heading of its unit."""
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
    records = facts.records_of_unit(unit_of(variable))
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
