"""Which cells a table of a spec can have, before anything is counted. Pure.

Years, and places that stand there only where something was found (as "not judged"), are possible
too: a spec may name them. Every coarser version of a block counts.
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
    """Ids of rows or of columns. years: any year is one, after what stands before it."""

    ids: frozenset[str]
    years: tuple[str, ...] = ()

    def holds(self, name: str) -> bool:
        """Whether there can be a row or column of this id."""
        if name in self.ids:
            return True
        return any(re.fullmatch(rf"{re.escape(before)}[0-9]{{4}}", name) for before in self.years)


def rows_of(table: AnyTable, framework: FrameworkFile) -> Places:
    """The rows that a table can have."""
    match table:
        case FlowTable():
            return Places(frozenset(STAGES))
        case Crosstab():
            return _together([_block_rows(table, block, framework) for block in table.blocks])
        case StatesTable() | ContactsTable():
            return Places(frozenset(one.id for one in variables_of(framework, table.group)))
        case CooccurrenceTable():
            return Places(frozenset(["all", *(str(one) for one in range(len(table.of) + 1))]))
        case ThemesTable() | AgreementTable():
            total = ["all"] if isinstance(table, AgreementTable) else []
            return Places(frozenset([*total, *(one.id for one in codes_of(framework, table.of))]))


def columns_of(table: AnyTable, framework: FrameworkFile, *, sample: bool) -> Places:
    """The columns that a table can have. sample: its shares have intervals."""
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
            return Places(frozenset(one.id for one in AGREEMENT_COLUMNS))
    raise TypeError(table)


def _together(places: Sequence[Places]) -> Places:
    ids = frozenset[str]().union(*(one.ids for one in places))
    return Places(ids, tuple(before for one in places for before in one.years))


def _versions(block: Block, *, across: bool) -> Iterator[Dimension]:
    """The rows, or the columns, of a block in all its versions."""
    every: tuple[Block | Recode, ...] = (block, *block.recodes)
    for one in every:
        dimension = one.columns if across else one.rows
        if dimension is not None:
            yield dimension


def _block_rows(table: Crosstab, block: Block, framework: FrameworkFile) -> Places:
    found = _together([_dimension(one, framework) for one in _versions(block, across=False)])
    ids = {*found.ids, "all"}
    ids |= {name for name in ("median", "each") if getattr(block, name) is not None}
    before = f"{block.id}." if len(table.blocks) > 1 else ""
    return Places(frozenset(before + name for name in ids), tuple(before for _ in found.years[:1]))


def _crosstab_columns(
    table: Crosstab, framework: FrameworkFile, interval: tuple[str, ...]
) -> Places:
    found = [
        _dimension(one, framework)
        for block in table.blocks
        for one in _versions(block, across=True)
    ]
    shares = any(block.percent for block in table.blocks)
    own = Places(frozenset([ALL, *(["percent", *interval] if shares else [])]))
    return _together([own, *found])


def _dimension(dimension: Dimension, framework: FrameworkFile) -> Places:
    name = dimension.variable
    variable = None
    if name is not None:
        variable = recommendation_variable(name, framework) or framework.variable(name)
    ids = frozenset(slot.id for slot in slots(dimension, variable, ())) | frozenset(SOMETIMES)
    return Places(ids, ("",) if variable is not None and variable.type == "year" else ())
