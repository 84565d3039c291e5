"""Checks of the cells that a specification names: each must be possible in its table."""

import re
from collections.abc import Iterator, Mapping

from waymark.core import yaml_file
from waymark.core.near_names import did_you_mean
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.spec.cells import NAMED_CELL, PossibleIds, possible_columns, possible_rows
from waymark.overview.spec.named_cells import CellName
from waymark.overview.spec.population import rate_faults
from waymark.overview.spec.schema import CrosstabTable, FigureSpec, OverviewSpec

Finding = tuple[yaml_file.Path, str]
OF_ONE_COLUMN = frozenset({"columns", "bars", "dots", "stacked", "shares"})


def cell_faults(spec: OverviewSpec, framework: FrameworkFile) -> Iterator[Finding]:
    """Cells and columns that figures, texts, rules of logic and the panel name in vain."""
    sample = spec.select.sample_of is not None
    rows = {table.id: possible_rows(table, framework) for table in spec.tables}
    columns = {table.id: possible_columns(table, framework, sample=sample) for table in spec.tables}
    yield from _rate_faults(spec, rows)
    for number, figure in enumerate(spec.figures):
        yield from _column_faults(figure, columns[figure.table], ("figures", number))
    for at, text in _texts_with_cells(spec):
        # "{T3/fire/n}" names a cell; "{T3 fire}" looks like one and is a mistake; "{see T3}" is
        # none.
        for marker in re.finditer(r"\{(T\d+)[^{}]*\}", text):
            named = NAMED_CELL.fullmatch(marker[0])
            if named is None:
                yield at, f"{marker[0]} names no cell: write {{{marker[1]}/row/column}}"
            elif message := _missing_part(named[1], named[2], named[3], rows, columns):
                yield at, f"{marker[0]}: {message}"
    yield from _panel_faults(spec)
    for at, cell in _named_cells(spec):
        if message := _missing_part(cell.table, cell.row, cell.column, rows, columns):
            yield at, message


def _rate_faults(spec: OverviewSpec, rows: Mapping[str, PossibleIds]) -> Iterator[Finding]:
    for number, table in enumerate(spec.tables):
        if isinstance(table, CrosstabTable):
            if table.rates is not None and spec.select.sample_of is not None:
                message = f"{table.id}: a sample has no rates on a population"
                yield ("tables", number, "rates"), message
            yield from rate_faults(table, rows[table.id], ("tables", number, "rates"))


def _panel_faults(spec: OverviewSpec) -> Iterator[Finding]:
    """The panel on prediction is calculated from all reviews."""
    if spec.predictive_value is not None:
        name = spec.predictive_value.factor.table
        if any(table.id == name and table.where is not None for table in spec.tables):
            message = (
                f"{name} counts only reviews that meet a condition: use a table of all reviews"
            )
            yield ("predictive_value", "factor"), message


def _column_faults(
    figure: FigureSpec, columns: PossibleIds, at: yaml_file.Path
) -> Iterator[Finding]:
    drawn = figure.column or ("n" if figure.kind in OF_ONE_COLUMN else None)
    if drawn is not None and not columns.contains(drawn):
        yield (*at, "column"), f"{figure.id}: {figure.table} has no column {drawn}"
    for part in figure.parts:
        if not columns.contains(part):
            yield (*at, "parts"), f"{figure.id}: {figure.table} has no column {part}"


def _texts_with_cells(spec: OverviewSpec) -> Iterator[tuple[yaml_file.Path, str]]:
    for name in ("about", "points"):
        for number, text in enumerate(getattr(spec, name)):
            yield (name, number), text
    for number, table in enumerate(spec.tables):
        yield ("tables", number, "intro"), table.intro


def _named_cells(spec: OverviewSpec) -> Iterator[tuple[yaml_file.Path, CellName]]:
    for number, rule in enumerate(spec.logic):
        yield ("logic", number, "fewer"), rule.fewer
        yield ("logic", number, "more"), rule.more
    if spec.predictive_value is not None:
        yield ("predictive_value", "factor"), spec.predictive_value.factor


def _missing_part(
    table: str,
    row: str,
    column: str,
    rows: Mapping[str, PossibleIds],
    columns: Mapping[str, PossibleIds],
) -> str:
    """The table, row or column of a cell that does not exist, as a message, or ""."""
    if table not in rows:
        return f"there is no table {table}{did_you_mean(table, rows)}"
    if not rows[table].contains(row):
        return f"{table} has no row {row}{did_you_mean(row, rows[table].ids)}"
    if columns[table].contains(column):
        return ""
    return f"{table} has no column {column}{did_you_mean(column, columns[table].ids)}"
