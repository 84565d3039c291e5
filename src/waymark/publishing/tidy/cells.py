"""Turn protected tables into tidy rows: one per cell, with its unit, base, value and mark.

Only what the tables print: a number is written with its printed precision (never the exact value
behind a rounded one), and a withheld number has nothing but its mark. Rows keep the printed order:
any other order could depend on the withheld numbers.
"""

from collections.abc import Iterator, Sequence

from waymark.core.tables import SHORTHAND, Cell, Column, ProtectedTable, Row, Table
from waymark.overview.release import Release
from waymark.overview.spec import AnyTable
from waymark.publishing.method import definitions
from waymark.publishing.tidy import shape
from waymark.publishing.tidy.shape import Allowed, Field, Reference, Shape, Value
from waymark.publishing.units import unit_of

ROLES = (
    Allowed("part", "A part of the whole"),
    Allowed("subtotal", "Parts above it taken together"),
    Allowed("total", "All of the block"),
    Allowed("unknown", "What is not known"),
    Allowed("measure", "A measure, such as a median"),
)
KINDS = (
    Allowed("count", "A count", "How many of the unit."),
    Allowed("percent", "A percentage", "Whole per cent of the base, halves rounded up."),
    Allowed("number", "A measure", "A number that is neither a count nor a percentage."),
)
MARKS = tuple(Allowed(mark, explanation) for mark, explanation in SHORTHAND)

TABLES = Shape(
    name="tables",
    title="Tables of the overview",
    unit="table",
    text="What each table counts. The numbers are in the table cells.",
    fields=(
        Field(
            "table",
            "string",
            "The id of the table; it is the same in every edition.",
            required=True,
        ),
        Field("title", "string", "What is counted, unit, place and period.", required=True),
        Field("unit", "string", "What is counted.", required=True),
        Field("base", "string", "What the numbers are a part of, in words.", required=True),
        Field("rows", "string", "What the rows of the table are."),
        Field("profile", "string", "The disclosure profile it is shown under.", required=True),
    ),
    key=("table",),
)
NOTES = Shape(
    name="notes",
    title="Notes under the tables",
    unit="note",
    text="What readers need to know about a table; do not pass on a number without them.",
    fields=(
        Field("table", "string", "The table it belongs to.", required=True),
        Field("number", "integer", "Its place under the table, from 1.", required=True),
        Field("note", "string", "The text of the note.", required=True),
    ),
    key=("table", "number"),
    references=(Reference(("table",), "tables", ("table",)),),
)
CELLS = Shape(
    name="cells",
    title="Every number of the tables",
    unit="cell of a table",
    text="Each number of each table, as printed, after small numbers were protected.",
    fields=(
        Field("table", "string", "The id of the table.", required=True),
        Field("row", "string", "The id of the row in its table.", required=True),
        Field("column", "string", "The id of the column in its table.", required=True),
        Field("row_number", "integer", "The place of the row as printed, from 1.", required=True),
        Field("column_number", "integer", "The place of the column, from 1.", required=True),
        Field("group", "string", "The block of the table that the row belongs to."),
        Field("row_label", "string", "The row as printed.", required=True),
        Field("column_label", "string", "The column as printed.", required=True),
        Field("role", "category", "What the row is in its block.", required=True, values=ROLES),
        Field("kind", "category", "What kind of number it is.", required=True, values=KINDS),
        Field("unit", "string", "What is counted; per cent for percentages."),
        Field("base", "integer", "The number that the count or percentage is a part of."),
        Field("value", "number", "The number, as printed; empty if there is a mark."),
        Field("mark", "category", "What is printed in place of a number.", values=MARKS),
        Field("withheld", "boolean", "Whether it is withheld to protect people.", required=True),
    ),
    key=("table", "row", "column"),
    references=(Reference(("table",), "tables", ("table",)),),
)
DEFINITIONS = Shape(
    name="definitions",
    title="What was counted",
    unit="variable or code",
    text="The definitions of the framework with which the reports were read.",
    fields=(
        Field("id", "string", "The id in the framework.", required=True),
        Field("name", "string", "Its name.", required=True),
        Field("definition", "string", "What it means.", required=True),
        Field("includes", "string", "What it includes, separated by semicolons."),
        Field("excludes", "string", "What it excludes, separated by semicolons."),
    ),
    key=("id",),
)
OF_OVERVIEW = (TABLES, NOTES, CELLS, DEFINITIONS)


def rows_of(release: Release, name: str) -> Iterator[shape.Row]:
    """Rows of one of the tables in OF_OVERVIEW, by its name."""
    match name:
        case "tables":
            return _tables(release.tables)
        case "notes":
            return _notes(release.tables)
        case "cells":
            return _cells(release)
        case _:
            return _definitions(release)


def _tables(tables: Sequence[ProtectedTable]) -> Iterator[shape.Row]:
    for protected in tables:
        table = protected.table
        yield table.id, table.title, table.unit, table.base, table.stub or None, protected.profile


def _notes(tables: Sequence[ProtectedTable]) -> Iterator[shape.Row]:
    for protected in tables:
        for number, note in enumerate(protected.table.notes, start=1):
            yield protected.table.id, number, note


def _cells(release: Release) -> Iterator[shape.Row]:
    for spec, protected in zip(release.spec.tables, release.tables, strict=True):
        table = protected.table
        for number, row in enumerate(table.rows, start=1):
            for place, (column, cell) in enumerate(
                zip(table.columns, row.cells, strict=True), start=1
            ):
                yield (
                    *(table.id, row.id, column.id, number, place),
                    *(row.group or None, row.label, column.label, row.role),
                    *_number(_unit(spec, table, row, column, cell), cell),
                )


def _unit(spec: AnyTable, table: Table, row: Row, column: Column, cell: Cell) -> str | None:
    """Unit of a cell: of its count, or "per cent"; None for a measure."""
    if cell.kind != "count":
        return "per cent" if cell.kind == "percent" else None
    return unit_of(spec, table, row, column)


def _number(unit: str | None, cell: Cell) -> tuple[Value, ...]:
    """Last fields of a cell: kind, unit, base, value, mark, withheld."""
    # Only [c] is withheld to protect people; [u], for example, marks a base under 20.
    if cell.mark or cell.value is None:
        return cell.kind, unit, cell.base, None, cell.shown, cell.shown == "[c]"
    # From the printed text, so that a rounded number is not written with more digits.
    printed = cell.shown.replace(",", "")
    value = float(printed) if "." in printed else int(printed)
    return cell.kind, unit, cell.base, value, None, False


def _definitions(release: Release) -> Iterator[shape.Row]:
    for entry in definitions(release):
        includes, excludes = "; ".join(entry.include) or None, "; ".join(entry.exclude) or None
        yield entry.id, entry.name, entry.definition, includes, excludes
