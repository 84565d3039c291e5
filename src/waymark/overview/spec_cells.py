"""Cells that a table can have, before anything is counted. Pure.

Years, and rows that are added only if a record needs them (as "not judged"), are possible too: a
specification may name them. So are the rows and columns of every coarser version of a block.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from waymark.frameworks.families import variables_of
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.spec import (
    AgreementTable,
    AnyTable,
    Block,
    ContactsTable,
    CooccurrenceTable,
    Crosstab,
    Dimension,
    FlowTable,
    Recode,
    StatesTable,
    ThemesTable,
    codes_of,
)
from waymark.overview.spec_names import (
    AGREEMENT_COLUMNS,
    ALL,
    ELSEWHERE,
    INTERVAL,
    NOT_JUDGED,
    NOT_RECORDED,
    OUTSIDE,
    STAGES,
    recommendation_variable,
)
from waymark.overview.spec_slots import slots

SOMETIMES = (NOT_JUDGED, OUTSIDE, NOT_RECORDED, ELSEWHERE)
"""Rows or columns that are there only if a record needs them."""
NAMED_CELL = re.compile(r"\{(T\d+)/([^/{}]+)/([^/{}]+)\}")
"""A cell named in a text: {T3/all/n}."""


@dataclass(frozen=True, slots=True)
class Places:
    """Possible ids of rows or columns. years: prefixes after which any year is an id, as "2004"."""

    ids: frozenset[str]
    years: tuple[str, ...] = ()

    def holds(self, name: str) -> bool:
        """True if there can be a row or column of this id."""
        if name in self.ids:
            return True
        return any(re.fullmatch(rf"{re.escape(prefix)}[0-9]{{4}}", name) for prefix in self.years)


def rows_of(table: AnyTable, framework: FrameworkFile) -> Places:
    """The possible rows of a table."""
    match table:
        case FlowTable():
            return Places(frozenset(STAGES))
        case Crosstab():
            return _together([_block_rows(table, block, framework) for block in table.blocks])
        case StatesTable() | ContactsTable():
            return Places(frozenset(factor.id for factor in variables_of(framework, table.group)))
        case CooccurrenceTable():
            return Places(frozenset(["all", *map(str, range(len(table.of) + 1))]))
        case ThemesTable() | AgreementTable():
            total = ["all"] if isinstance(table, AgreementTable) else []
            codes = [code.id for code in codes_of(framework, table.of)]
            return Places(frozenset([*total, *codes]))


def columns_of(table: AnyTable, framework: FrameworkFile, *, sample: bool) -> Places:
    """The possible columns of a table. sample: its shares have intervals."""
    interval = INTERVAL if sample else ()
    match table:
        case FlowTable() | CooccurrenceTable():
            return Places(frozenset({ALL}))
        case Crosstab():
            return _crosstab_columns(table, framework, interval)
        case StatesTable():
            return Places(frozenset([*table.show, *interval]))
        case ContactsTable():
            return Places(frozenset([ALL, "percent", *interval]))
        case ThemesTable(columns=None):
            return Places(frozenset([ALL, "percent", "passages", *interval]))
        case ThemesTable(columns=Dimension() as across):
            return _dimension(across, framework)
        case AgreementTable():
            return Places(frozenset(column.id for column in AGREEMENT_COLUMNS))
    raise TypeError(table)


def _together(places: Sequence[Places]) -> Places:
    ids = frozenset[str]().union(*(part.ids for part in places))
    return Places(ids, tuple(prefix for part in places for prefix in part.years))


def _versions(block: Block, *, across: bool) -> Iterator[Dimension]:
    """The rows, or the columns, of a block in all its versions."""
    versions: tuple[Block | Recode, ...] = (block, *block.recodes)
    for version in versions:
        dimension = version.columns if across else version.rows
        if dimension is not None:
            yield dimension


def _block_rows(table: Crosstab, block: Block, framework: FrameworkFile) -> Places:
    rows = _together([_dimension(rows, framework) for rows in _versions(block, across=False)])
    # Row ids of several blocks begin with that of the block: ages.young, ages.all, ages.2004.
    ids = {*rows.ids, "all"}
    ids |= {name for name in ("median", "each") if getattr(block, name) is not None}
    prefix = f"{block.id}." if len(table.blocks) > 1 else ""
    return Places(frozenset(prefix + name for name in ids), tuple(prefix for _ in rows.years[:1]))


def _crosstab_columns(
    table: Crosstab, framework: FrameworkFile, interval: tuple[str, ...]
) -> Places:
    across = [
        _dimension(columns, framework)
        for block in table.blocks
        for columns in _versions(block, across=True)
    ]
    shares = any(block.percent for block in table.blocks)
    own = Places(frozenset([ALL, *(["percent", *interval] if shares else [])]))
    return _together([own, *across])


def _dimension(dimension: Dimension, framework: FrameworkFile) -> Places:
    name = dimension.variable
    variable = None
    if name is not None:
        variable = recommendation_variable(name, framework) or framework.variable(name)
    ids = frozenset(slot.id for slot in slots(dimension, variable, ())) | frozenset(SOMETIMES)
    return Places(ids, ("",) if variable is not None and variable.type == "year" else ())
