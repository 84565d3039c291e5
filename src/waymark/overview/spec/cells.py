"""Cells that a table can have, before anything is counted. Pure.

Years, and rows that are added only if a record needs them (as "not judged"), are possible too: a
specification may name them. So are the rows and columns of every coarser version of a block.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from waymark.frameworks.families import variables_of_group, variables_with_silence
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.spec.names import (
    AGREEMENT_COLUMNS,
    ALL,
    ELSEWHERE,
    INTERVAL,
    MEAN,
    NOT_JUDGED,
    NOT_RECORDED,
    OUTSIDE,
    POOLED,
    STAGES,
    WITHIN,
    recommendation_variable,
)
from waymark.overview.spec.population import COMPARATOR, RATE_COLUMNS
from waymark.overview.spec.schema import (
    AgreementTable,
    AnyTable,
    ContactsTable,
    CooccurrenceTable,
    CrosstabBlock,
    CrosstabTable,
    Dimension,
    FlowTable,
    Recode,
    SilenceTable,
    StatesTable,
    ThemesTable,
    chosen_codes,
)
from waymark.overview.spec.slots import axis_slots

SOMETIMES = (NOT_JUDGED, OUTSIDE, NOT_RECORDED, ELSEWHERE)
"""Rows or columns that are there only if a record needs them."""
NAMED_CELL = re.compile(r"\{(T\d+)/([^/{}]+)/([^/{}]+)\}")
"""A cell named in a text: {T3/all/n}."""


@dataclass(frozen=True, slots=True)
class PossibleIds:
    """Possible ids of rows or columns. years: prefixes after which any year is an id, as "2004"."""

    ids: frozenset[str]
    years: tuple[str, ...] = ()

    def contains(self, name: str) -> bool:
        """True if there can be a row or column of this id."""
        if name in self.ids:
            return True
        return any(re.fullmatch(rf"{re.escape(prefix)}[0-9]{{4}}", name) for prefix in self.years)


def possible_rows(table: AnyTable, framework: FrameworkFile) -> PossibleIds:
    """The possible rows of a table."""
    match table:
        case FlowTable():
            return PossibleIds(frozenset(STAGES))
        case CrosstabTable():
            return _joined_ids([_block_rows(table, block, framework) for block in table.blocks])
        case StatesTable() | ContactsTable():
            return PossibleIds(
                frozenset(factor.id for factor in variables_of_group(framework, table.group))
            )
        case SilenceTable():
            return _silence_ids(table, framework)
        case CooccurrenceTable():
            return PossibleIds(frozenset(["all", *map(str, range(len(table.of) + 1))]))
        case ThemesTable() | AgreementTable():
            total = [WITHIN, MEAN, POOLED] if isinstance(table, AgreementTable) else []
            codes = [code.id for code in chosen_codes(framework, table.of)]
            return PossibleIds(frozenset([*total, *codes]))


def possible_columns(table: AnyTable, framework: FrameworkFile, *, sample: bool) -> PossibleIds:
    """The possible columns of a table. sample: its shares have intervals."""
    interval = INTERVAL if sample else ()
    match table:
        case FlowTable() | CooccurrenceTable():
            return PossibleIds(frozenset({ALL}))
        case CrosstabTable():
            return _crosstab_columns(table, framework, interval)
        case StatesTable() | ContactsTable() | ThemesTable() if table.columns is not None:
            across = _dimension_ids(table.columns, framework)
            total = () if isinstance(table, ThemesTable) else (ALL,)
            return PossibleIds(across.ids.union(total), across.years)
        case StatesTable() | SilenceTable():
            return PossibleIds(frozenset([*table.show, *interval]))
        case ContactsTable():
            return PossibleIds(frozenset([ALL, "percent", *interval]))
        case ThemesTable():
            return PossibleIds(frozenset([ALL, "percent", "passages", *interval]))
        case AgreementTable():
            return PossibleIds(frozenset(column.id for column in AGREEMENT_COLUMNS))
    raise TypeError(table)


def _silence_ids(table: SilenceTable, framework: FrameworkFile) -> PossibleIds:
    variables = variables_with_silence(framework, table.group, table.leave_out)
    if table.by is None:
        return PossibleIds(frozenset(variable.id for variable in variables))
    by = _dimension_ids(table.by, framework)
    prefixes = [f"{variable.id}." for variable in variables]
    ids = frozenset(f"{prefix}{name}" for prefix in prefixes for name in (*by.ids, "all"))
    return PossibleIds(ids, tuple(prefixes) if by.years else ())


def _joined_ids(places: Sequence[PossibleIds]) -> PossibleIds:
    ids = frozenset[str]().union(*(part.ids for part in places))
    return PossibleIds(ids, tuple(prefix for part in places for prefix in part.years))


def _dimension_versions(block: CrosstabBlock, *, across: bool) -> Iterator[Dimension]:
    """The rows, or the columns, of a block in all its versions."""
    versions: tuple[CrosstabBlock | Recode, ...] = (block, *block.recodes)
    for version in versions:
        dimension = version.columns if across else version.rows
        if dimension is not None:
            yield dimension


def _block_rows(
    table: CrosstabTable, block: CrosstabBlock, framework: FrameworkFile
) -> PossibleIds:
    rows = _joined_ids(
        [_dimension_ids(rows, framework) for rows in _dimension_versions(block, across=False)]
    )
    # Row ids of several blocks begin with that of the block: ages.young, ages.all, ages.2004.
    ids = {*rows.ids, "all"}
    ids |= {
        name for name in ("median", "least", "most", "each") if getattr(block, name) is not None
    }
    prefix = f"{block.id}." if len(table.blocks) > 1 else ""
    return PossibleIds(
        frozenset(prefix + name for name in ids), tuple(prefix for _ in rows.years[:1])
    )


def _crosstab_columns(
    table: CrosstabTable, framework: FrameworkFile, interval: tuple[str, ...]
) -> PossibleIds:
    across = [
        _dimension_ids(columns, framework)
        for block in table.blocks
        for columns in _dimension_versions(block, across=True)
    ]
    shares = any(block.percent for block in table.blocks)
    rates = (*RATE_COLUMNS, COMPARATOR) if table.rates else ()
    own = PossibleIds(frozenset([ALL, *(["percent", *interval] if shares else []), *rates]))
    return _joined_ids([own, *across])


def _dimension_ids(dimension: Dimension, framework: FrameworkFile) -> PossibleIds:
    name = dimension.variable
    variable = None
    if name is not None:
        variable = recommendation_variable(name, framework) or framework.variable(name)
    ids = frozenset(slot.id for slot in axis_slots(dimension, variable, ())) | frozenset(SOMETIMES)
    years = variable is not None and variable.type == "year" and not dimension.bands
    return PossibleIds(ids, ("",) if years else ())
