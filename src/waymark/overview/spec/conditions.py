"""Conditions of tables: where one makes sense, and which of them cannot be combined. Pure.

Every message belongs to the line of its condition.
"""

from collections.abc import Iterator, Mapping, Sequence

from waymark.core import yaml_file
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.spec.schema import (
    AgreementTable,
    AnyTable,
    ContactsTable,
    CooccurrenceTable,
    CrosstabTable,
    Dimension,
    FlowTable,
    SilenceTable,
    StatesTable,
    ThemesTable,
    WhereCondition,
)

Finding = tuple[yaml_file.Path, str]
ONE_FACT = (
    "{0}: conditions on reviews can be about one fact only, and {1} has a condition on {2}: with"
    " two facts, nobody can work out what the tables would reveal together"
)
TOGETHER = (
    "{0}: {2} counts {1} together with other factors, so {1} cannot be a condition as well: both"
    " would count the same reviews"
)
ONE_CONDITION = (
    "{0}: a table of factors counted together under a condition allows no other condition, and {1}"
    " has another"
)
DIVIDED = (
    "{0}: {1} counts factors together, so factors cannot be divided by another fact as well: nobody"
    " can work out what both would reveal"
)
TOO_MANY = "{0}: under a condition, {1} factors are too many to protect together: use {2} at most"
COMPUTED = (
    "{0} counts by {1}, which is computed from {3}, and {2} counts by {3}: nobody can work out what"
    " both would reveal together, so count by one of them, or under the profile open"
)
MOST_FACTORS = 6
"""Factors of which all combinations are distinguished: 2 ** 6 = 64 of them."""


def misplaced_condition(table: AnyTable) -> str:
    """The reason why a table cannot have its condition, or ""."""
    match table:
        case CrosstabTable():
            return f"{table.id}: move where into a block, because each block has its own base"
        case FlowTable():
            return f"{table.id}: a flow table counts all reviews, so remove where"
        case SilenceTable():
            return f"{table.id}: silence is counted over all reviews and children, so remove where"
        case AgreementTable():
            return (
                f"{table.id}: agreement is measured over all reviews coded twice, so remove where:"
                " part of them would be too few to measure and to show"
            )
        case ThemesTable() | StatesTable() | ContactsTable() if table.columns is not None:
            return f"{table.id}: columns count all reviews, so remove where or columns"
        case _:
            return ""


def review_conditions(
    tables: Sequence[AnyTable],
) -> Iterator[tuple[AnyTable, yaml_file.Path, WhereCondition]]:
    """Every condition on reviews, with its table and its path below the tables."""
    for number, table in enumerate(tables):
        if isinstance(table, CrosstabTable):
            for place, block in enumerate(table.blocks):
                if block.where is not None and block.unit == "review":
                    yield table, (number, "blocks", place, "where"), block.where
        elif table.where is not None:
            yield table, (number, "where"), table.where


def conflicting_conditions(tables: Sequence[AnyTable]) -> Iterator[Finding]:
    """Conditions under which nobody can work out what the tables reveal together.

    Factors and services of reviews under conditions on two facts, with a table of both facts,
    reveal every combination of the three; a factor as a condition reveals how many reviews record
    it with another. Each path is below the tables.
    """
    conditional = list(review_conditions(tables))
    joint = _joint_factors(tables)
    together = next(iter(joint.values()), "")
    for number, table in enumerate(tables):
        if together and isinstance(table, StatesTable) and table.columns is not None:
            yield (number, "columns"), DIVIDED.format(table.id, together)
    for table, at, where in conditional:
        if isinstance(table, StatesTable | ContactsTable | CooccurrenceTable):
            # Themes print no number of people except how many meet the condition.
            others = [
                (other.id, beside)
                for other, _, beside in conditional
                if other is not table and not isinstance(other, ThemesTable)
            ]
            if message := _reason_against(table, where, joint, others):
                yield at, message


def computed_beside_source(
    tables: Sequence[AnyTable], framework: FrameworkFile
) -> Iterator[Finding]:
    """Tables of a computed variable, where another table counts the one it is computed from.

    The groups of one are sums of the values of the other, which the protection does not know. Each
    path is below the tables.
    """
    sources = {
        variable.id: variable.derived.source
        for variable in framework.variables
        if variable.derived is not None
    }
    counted = [set(_variables_counted(table)) for table in tables]
    for number, names in enumerate(counted):
        for name in sorted(names & sources.keys()):
            beside = [
                table.id
                for table, others in zip(tables, counted, strict=True)
                if sources[name] in others
            ]
            if beside:
                yield (number,), COMPUTED.format(tables[number].id, name, beside[0], sources[name])


def _variables_counted(table: AnyTable) -> Iterator[str]:
    """The variables by whose values a table counts, those of its conditions included."""
    parts: list[Dimension | WhereCondition | None] = [table.where]
    if isinstance(table, CrosstabTable):
        for block in table.blocks:
            parts += [block.rows, block.columns, block.where]
            for recode in block.recodes:
                parts += [recode.rows, recode.columns]
    if isinstance(table, ThemesTable | StatesTable | ContactsTable):
        parts.append(table.columns)
    yield from (part.variable for part in parts if part is not None and part.variable)


def _joint_factors(tables: Sequence[AnyTable]) -> dict[str, str]:
    """Factors that are counted together, each with the table."""
    return {
        name: table.id
        for table in tables
        if isinstance(table, CooccurrenceTable)
        for factors in table.of
        for name in factors.any_of
    }


def _reason_against(
    table: AnyTable,
    where: WhereCondition,
    joint: Mapping[str, str],
    others: Sequence[tuple[str, WhereCondition]],
) -> str:
    """The reason against a condition on people, or ""."""
    # Two tables with conditions on different facts ("nature is assault" and "age is 0-11") would
    # need the protection to know how many records meet both, which no table prints.
    if where.variable in joint:
        return TOGETHER.format(table.id, where.variable, joint[where.variable])
    for other, beside in others:
        if beside.variable != where.variable:
            return ONE_FACT.format(table.id, other, beside.variable)
        if isinstance(table, CooccurrenceTable) and set(beside.values) != set(where.values):
            return ONE_CONDITION.format(table.id, other)
    if isinstance(table, CooccurrenceTable):
        number = len({name for factors in table.of for name in factors.any_of})
        return TOO_MANY.format(table.id, number, MOST_FACTORS) if number > MOST_FACTORS else ""
    return ""
