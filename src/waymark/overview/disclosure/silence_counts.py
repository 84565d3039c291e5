"""The counts of a table of silence, under profiles that protect. Pure.

Only what is stated is printed then. Of a factor that is a number about people, as in a table of
factors, and so is the other side of it. That an age or an answer of a list is not stated is no
secret in any table, so how many are stated is printed unless it is needed to protect another count.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from waymark.frameworks.families import variables_with_silence
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import VariableSpec
from waymark.overview.disclosure.count_keys import CountedPart, CountKey, FactCondition, Place
from waymark.overview.disclosure.engine.cells import (
    MARGIN,
    CountSystem,
    Exposure,
    complement_of,
    joined_systems,
)
from waymark.overview.disclosure.split_counts import DividedRow, divided_counts
from waymark.overview.disclosure.table_links import RECORDED_STATE
from waymark.overview.snapshot.coded_reviews import CodedReviews
from waymark.overview.spec.names import ALL
from waymark.overview.spec.schema import Dimension, SilenceTable, Unit
from waymark.overview.tables.silence import measure_of, unit_of


def silence_counts(table: SilenceTable, facts: CodedReviews) -> dict[Unit, CountedPart]:
    """The counts of each unit that a table counts by."""
    variables = variables_with_silence(facts.framework, table.group, table.leave_out)
    units = dict.fromkeys(map(unit_of, variables))
    return {
        unit: _unit_counts(unit, [v for v in variables if unit_of(v) == unit], table, facts)
        for unit in units
    }


def facts_stated_by_code(table: SilenceTable, framework: FrameworkFile) -> Iterator[str]:
    """The facts about people by which a table of silence counts a code.

    A factor that is stated in 6 of 6 reviews with a theme is a fact of each of the six.
    """
    if table.by is not None and table.by.code is not None and not table.process:
        variables = variables_with_silence(framework, table.group, table.leave_out)
        yield from (variable.id for variable in variables if _is_secret(variable))


def _is_secret(variable: VariableSpec) -> bool:
    """Return True if how many reports state a variable is a number about people."""
    return variable.type in {"state", "contact"}


def _unit_counts(
    unit: Unit, variables: Sequence[VariableSpec], table: SilenceTable, facts: CodedReviews
) -> CountedPart:
    if table.by is not None:
        return _counts_by_fact(unit, variables, table.by, facts, process=table.process)
    records = facts.records_of_unit(unit)
    whole = CountKey(unit).count(len(records), "known", MARGIN)
    systems, cells = [CountSystem((whole,), ())], {}
    for variable in variables:
        values = facts.values(records, variable.id)
        number = sum(measure_of(variable, value) == "stated" for value in values)
        secret: Exposure = "sensitive" if _is_secret(variable) else "plain"
        exposure: Exposure = "known" if table.process else secret
        key = CountKey(unit, (stated_condition(variable),))
        systems.append(complement_of(key.count(number, exposure), whole))
        cells[variable.id, "stated"] = str(key)
    return CountedPart(joined_systems(systems), cells, {}, frozenset(cells.values()), whole.key)


def _counts_by_fact(
    unit: Unit,
    variables: Sequence[VariableSpec],
    by: Dimension,
    facts: CodedReviews,
    *,
    process: bool,
) -> CountedPart:
    """The same in each period or kind of report: a row for each, where a table has columns."""
    records = facts.records_of_unit(unit)
    rows = []
    for variable in variables:
        values = zip(records, facts.values(records, variable.id), strict=True)
        stated = [record for record, value in values if measure_of(variable, value) == "stated"]
        condition = stated_condition(variable)
        rows.append(DividedRow(variable.id, condition, frozenset(stated), _is_secret(variable)))
    counts = divided_counts(rows, by, unit, facts, process=process)
    return replace(counts, cells=_in_rows(counts.cells), bases=_in_rows(counts.bases))


def _in_rows(by_column: Mapping[Place, str]) -> dict[Place, str]:
    """Keys in the places of a table that has a row for each part of each variable."""
    return {
        (f"{variable}.{'all' if column == ALL else column}", "stated"): key
        for (variable, column), key in by_column.items()
    }


def stated_condition(variable: VariableSpec) -> FactCondition:
    """The condition that a variable is stated, worded as other tables word it."""
    if variable.type == "state":
        return FactCondition(variable.id, (RECORDED_STATE,))
    if variable.type == "contact":
        return FactCondition(variable.id, ("in_contact",))
    if variable.type in {"age", "number"}:
        return FactCondition(variable.id, ("0-",))
    values = [value.value for value in variable.allowed]
    stated = [value for value in values if measure_of(variable, value) == "stated"]
    return FactCondition.one_of(variable.id, stated)
