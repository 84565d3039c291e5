"""Turn protected tables into tidy rows: one per cell, with its unit, base, value and mark.

Only what the tables print: a number is written with its printed precision (never the exact value
behind a rounded one), and a withheld number has nothing but its mark. Rows keep the printed order:
any other order could depend on the withheld numbers.
"""

from collections.abc import Iterator, Sequence

from waymark.core.tables import SHORTHAND, Cell, Column, ProtectedTable, Row, Table
from waymark.overview.releases.release import Release
from waymark.overview.spec.schema import AnyTable
from waymark.publishing.document.method_text import counted_definitions
from waymark.publishing.document.units import unit_of
from waymark.publishing.formats.tidy import shape
from waymark.publishing.formats.tidy.shape import (
    CategoryValue,
    TableField,
    TableReference,
    TableShape,
    Value,
    required_field,
)

ROLES = (
    CategoryValue("part", "A part of the whole"),
    CategoryValue("subtotal", "Parts above it taken together"),
    CategoryValue("total", "All of the block"),
    CategoryValue("unknown", "What is not known"),
    CategoryValue("measure", "A measure, such as a median"),
)
KINDS = (
    CategoryValue("count", "A count", "How many of the unit."),
    CategoryValue("percent", "A percentage", "Whole per cent of the base, halves rounded up."),
    CategoryValue("number", "A measure", "A number that is neither a count nor a percentage."),
)
MARKS = tuple(CategoryValue(mark, explanation) for mark, explanation in SHORTHAND)

TABLES = TableShape(
    name="tables",
    title="Tables of the overview",
    unit="table",
    text="What each table counts. The numbers are in the table cells.",
    fields=(
        required_field("table", "string", "The id of the table; it is the same in every edition."),
        required_field("title", "string", "What is counted, unit, place and period."),
        required_field("unit", "string", "What is counted."),
        required_field("base", "string", "What the numbers are a part of, in words."),
        TableField("rows", "string", "What the rows of the table are."),
        required_field("profile", "string", "The disclosure profile it is shown under."),
    ),
    key=("table",),
)
NOTES = TableShape(
    name="notes",
    title="Notes under the tables",
    unit="note",
    text="What readers need to know about a table; do not pass on a number without them.",
    fields=(
        required_field("table", "string", "The table it belongs to."),
        required_field("number", "integer", "Its place under the table, from 1."),
        required_field("note", "string", "The text of the note."),
    ),
    key=("table", "number"),
    references=(TableReference(("table",), "tables", ("table",)),),
)
CELLS = TableShape(
    name="cells",
    title="Every number of the tables",
    unit="cell of a table",
    text="Each number of each table, as printed, after small numbers were protected.",
    fields=(
        required_field("table", "string", "The id of the table."),
        required_field("row", "string", "The id of the row in its table."),
        required_field("column", "string", "The id of the column in its table."),
        required_field("row_number", "integer", "The place of the row as printed, from 1."),
        required_field("column_number", "integer", "The place of the column, from 1."),
        TableField("group", "string", "The block of the table that the row belongs to."),
        required_field("row_label", "string", "The row as printed."),
        required_field("column_label", "string", "The column as printed."),
        required_field("role", "category", "What the row is in its block.", values=ROLES),
        required_field("kind", "category", "What kind of number it is.", values=KINDS),
        TableField("unit", "string", "What is counted; per cent for percentages."),
        TableField("base", "integer", "The number that the count or percentage is a part of."),
        TableField("value", "number", "The number, as printed; empty if there is a mark."),
        TableField("mark", "category", "What is printed in place of a number.", values=MARKS),
        required_field("withheld", "boolean", "Whether it is withheld to protect people."),
    ),
    key=("table", "row", "column"),
    references=(TableReference(("table",), "tables", ("table",)),),
)
DEFINITIONS = TableShape(
    name="definitions",
    title="What was counted",
    unit="variable or code",
    text="The definitions of the framework with which the reports were read.",
    fields=(
        required_field("id", "string", "The id in the framework."),
        required_field("name", "string", "Its name."),
        required_field("definition", "string", "What it means."),
        TableField("includes", "string", "What it includes, separated by semicolons."),
        TableField("excludes", "string", "What it excludes, separated by semicolons."),
    ),
    key=("id",),
)
OF_OVERVIEW = (TABLES, NOTES, CELLS, DEFINITIONS)


def rows_of(release: Release, name: str) -> Iterator[shape.Row]:
    """Rows of one of the tables in OF_OVERVIEW, by its name."""
    match name:
        case "tables":
            return _table_rows(release.tables)
        case "notes":
            return _note_rows(release.tables)
        case "cells":
            return _cell_rows(release)
        case _:
            return _definition_rows(release)


def _table_rows(tables: Sequence[ProtectedTable]) -> Iterator[shape.Row]:
    for protected in tables:
        table = protected.table
        yield table.id, table.title, table.unit, table.base, table.stub or None, protected.profile


def _note_rows(tables: Sequence[ProtectedTable]) -> Iterator[shape.Row]:
    for protected in tables:
        for number, note in enumerate(protected.table.notes, start=1):
            yield protected.table.id, number, note


def _cell_rows(release: Release) -> Iterator[shape.Row]:
    for spec, protected in zip(release.spec.tables, release.tables, strict=True):
        table = protected.table
        for number, row in enumerate(table.rows, start=1):
            for place, (column, cell) in enumerate(
                zip(table.columns, row.cells, strict=True), start=1
            ):
                yield (
                    *(table.id, row.id, column.id, number, place),
                    *(row.group or None, row.label, column.label, row.role),
                    *_number_fields(_cell_unit(spec, table, row, column, cell), cell),
                )


def _cell_unit(spec: AnyTable, table: Table, row: Row, column: Column, cell: Cell) -> str | None:
    """Unit of a cell: of its count, or "per cent"; None for a measure."""
    if cell.kind != "count":
        return "per cent" if cell.kind == "percent" else None
    return unit_of(spec, table, row, column)


def _number_fields(unit: str | None, cell: Cell) -> tuple[Value, ...]:
    """Last fields of a cell: kind, unit, base, value, mark, withheld."""
    # Only [c] is withheld to protect people; [x], for example, marks a base under 20.
    if cell.mark or cell.value is None:
        return cell.kind, unit, cell.base, None, cell.shown, cell.is_withheld
    # From the printed text, so that a rounded number is not written with more digits.
    printed = cell.shown.replace(",", "")
    value = float(printed) if "." in printed else int(printed)
    return cell.kind, unit, cell.base, value, None, False


def _definition_rows(release: Release) -> Iterator[shape.Row]:
    for entry in counted_definitions(release):
        includes, excludes = "; ".join(entry.include) or None, "; ".join(entry.exclude) or None
        yield entry.id, entry.name, entry.definition, includes, excludes
