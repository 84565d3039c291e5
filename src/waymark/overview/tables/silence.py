"""Tables of silence: each variable by what reports say of it, or do not say. Pure.

A factor is stated if it is recorded as present or suspected. An answer that the framework calls
unknown is unclear, unless it says that the report does not give one. Facts about children are
counted by child, all others by review.
"""

from waymark.core.tables import Column, Row
from waymark.frameworks.families import variables_with_silence
from waymark.frameworks.schema import SILENT, VariableSpec
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
    for variable in variables_with_silence(facts.framework, table.group):
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


def silence_base(table: SilenceTable, facts: CodedReviews) -> str:
    """The base in words: the reviews, and the children if any variable is about them."""
    reviews, children = len(facts.reviews), len(facts.children)
    base = f"{reviews} review{'s' * (reviews != 1)} read and coded"
    variables = variables_with_silence(facts.framework, table.group)
    if all(unit_of(variable) == "review" for variable in variables):
        return base
    return f"{base}; {children} child{'ren' * (children != 1)} in them"
