"""Conditions of tables: where one makes sense, and which of them cannot stand together. Pure.

Every message is told at the line of its condition.
"""

from collections.abc import Iterator, Mapping, Sequence

from waymark.core import yamlfile
from waymark.overview.spec import (
    AgreementTable,
    AnyTable,
    ContactsTable,
    CooccurrenceTable,
    Crosstab,
    FlowTable,
    StatesTable,
    ThemesTable,
    Where,
)

Finding = tuple[yamlfile.Path, str]
ONE_FACT = (
    "{0}: reviews can be counted under conditions on one fact only, and {1} has one on {2}: with"
    " two of them nobody can tell what the tables would give away"
)
TOGETHER = (
    "{0}: {1} is counted together with others in {2}: it cannot be a condition as well, since both"
    " would count the same reviews"
)
ONE_CONDITION = (
    "{0}: with what is counted together under a condition, no other condition can stand, and {1}"
    " has another"
)
TOO_MANY = "{0}: under a condition, {1} factors are too many to protect together; {2} are not"
MOST_FACTORS = 6
"""Factors of which all combinations are told apart: 64 of them."""


def misplaced(table: AnyTable) -> str:
    """Why a table cannot have the condition it has, or ""."""
    match table:
        case Crosstab():
            return f"{table.id}: say it of a block, since each block has a base of its own"
        case FlowTable():
            return f"{table.id}: how reviews reached the analysis is told of all of them"
        case AgreementTable():
            return (
                f"{table.id}: agreement is measured over all reviews coded twice; of some of them"
                " there are too few to measure it, and to tell of"
            )
        case ThemesTable() if table.columns is not None:
            return f"{table.id}: columns count all reviews; leave out where, or columns"
        case _:
            return ""


def conditions(tables: Sequence[AnyTable]) -> Iterator[tuple[AnyTable, yamlfile.Path, Where]]:
    """Every condition on reviews, with its table and its place in the tables."""
    for number, table in enumerate(tables):
        if isinstance(table, Crosstab):
            for place, block in enumerate(table.blocks):
                if block.where is not None and block.unit == "review":
                    yield table, (number, "blocks", place, "where"), block.where
        elif table.where is not None:
            yield table, (number, "where"), table.where


def at_odds(tables: Sequence[AnyTable]) -> Iterator[Finding]:
    """Conditions under which what the tables tell together cannot be worked out.

    Factors and services of reviews under conditions on two facts, with a table of both facts, tell
    of every three together; a factor as a condition tells how many record it with another. Each
    place is one in the tables.
    """
    found = list(conditions(tables))
    joint = _joint(tables)
    for table, at, where in found:
        if isinstance(table, StatesTable | ContactsTable | CooccurrenceTable):
            # Themes print no number of people but how many meet the condition.
            others = [
                (other.id, beside)
                for other, _, beside in found
                if other is not table and not isinstance(other, ThemesTable)
            ]
            if said := _against(table, where, joint, others):
                yield at, said


def _joint(tables: Sequence[AnyTable]) -> dict[str, str]:
    """Factors that are counted together, each with the table."""
    return {
        name: table.id
        for table in tables
        if isinstance(table, CooccurrenceTable)
        for one in table.of
        for name in one.any_of
    }


def _against(
    table: AnyTable, where: Where, joint: Mapping[str, str], others: Sequence[tuple[str, Where]]
) -> str:
    """What speaks against a condition on people, or ""."""
    if where.variable in joint:
        return TOGETHER.format(table.id, where.variable, joint[where.variable])
    for other, beside in others:
        if beside.variable != where.variable:
            return ONE_FACT.format(table.id, other, beside.variable)
        if isinstance(table, CooccurrenceTable) and set(beside.values) != set(where.values):
            return ONE_CONDITION.format(table.id, other)
    if isinstance(table, CooccurrenceTable):
        number = len({name for one in table.of for name in one.any_of})
        return TOO_MANY.format(table.id, number, MOST_FACTORS) if number > MOST_FACTORS else ""
    return ""
