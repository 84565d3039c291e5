"""Turn a document into sheets of a workbook: cover, contents, notes, definitions and the tables.

Pure, and the same for every kind of spreadsheet. The layout is that of the guidance of the UK
Government Analysis Function: one table on a sheet, with one row of headers, no merged cells, no
empty cells and no empty rows, so that programs and screen readers can read it. Above the table is
what a reader needs to know. A table with several blocks has a sheet for each.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from string import ascii_lowercase

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.tables import Cell, Row
from waymark.publishing.document.nodes import (
    DefinitionList,
    FactList,
    HeadingNode,
    ParagraphNode,
    PointList,
    ReportDocument,
    TableNode,
    plain_text,
)
from waymark.publishing.document.note_marks import note_mark

LANGUAGE = "en-GB"
CONTENTS = "Contents"
ONE_TABLE = "This sheet contains one table."
NOTHING = "None given"
"""Printed in place of an empty text: screen readers pass over an empty cell without a word."""
NOT_APPLICABLE = "[z]"
YEAR = re.compile(r"(19|20)\d\d")


class Year(int):
    """A year: a number that is printed without a thousands separator."""


Value = str | int | float


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """One sheet. lines: above the table, the first is the title; head, rows: the table.

    decimals: (row, column, decimals) of each measure; counts and percentages have none.
    links: the first cell of each row names a sheet, and links to it.
    """

    name: str
    lines: tuple[str, ...]
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    decimals: tuple[tuple[int, int, int], ...] = ()
    links: bool = False

    def decimals_at(self, row: int, column: int) -> int:
        """Number of decimals of a cell; 0 for counts and whole percentages."""
        return next((n for r, c, n in self.decimals if (r, c) == (row, column)), 0)

    def sheet_linked_from(self, line: int) -> str:
        """Name of the sheet that a line above the table links to, "" for none."""
        return CONTENTS if line and self.lines[line] == BACK else ""


BACK = "Go to the contents"


def workbook_sheets(document: ReportDocument) -> tuple[WorkbookSheet, ...]:
    """Sheets of a document, in order: the tables by their numbers."""
    tables = tables_in_order(document)
    table_sheets = [sheet for node in tables for sheet in _table_sheets(node)]
    defined = _definition_sheets(document)
    notes = _sheet("Notes", ("Notes",), ("About", "Note"), tuple(_note_rows(document)))
    contents = WorkbookSheet(
        CONTENTS,
        ("Contents", ONE_TABLE),
        ("Sheet", "What it contains"),
        (
            ("Cover", "What this is and where it comes from"),
            ("Notes", "How the figures were made and how to read them"),
            *((sheet.name, "What was counted under each name") for sheet in defined),
            *((sheet.name, sheet.lines[0]) for sheet in table_sheets),
        ),
        links=True,
    )
    return (_cover_sheet(document), contents, notes, *defined, *table_sheets)


def tables_in_order(document: ReportDocument) -> list[TableNode]:
    """Tables by their number: T2 before T14, wherever the report prints them."""
    tables = [node for node in document.nodes if isinstance(node, TableNode)]
    return sorted(tables, key=lambda node: int(node.protected.table.id[1:]))


def _sheet(
    name: str, lines: tuple[str, ...], head: tuple[str, ...], rows: tuple[tuple[Value, ...], ...]
) -> WorkbookSheet:
    """Sheet with a table of texts, in which nothing is empty."""
    full = tuple(tuple(NOTHING if value == "" else value for value in row) for row in rows)
    return WorkbookSheet(name, (lines[0], ONE_TABLE, *lines[1:], BACK), head, full)


def _cover_sheet(document: ReportDocument) -> WorkbookSheet:
    facts = [pair for node in document.nodes if isinstance(node, FactList) for pair in node.facts]
    lines = (
        document.title,
        document.subtitle,
        f"{document.scope}.",
        document.edition,
        FORBIDDEN_USES_IN_FULL,
    )
    rows = (*document.imprint.facts, *facts)
    written = tuple(line for line in lines if line)
    return _sheet("Cover", written, ("What", "As of this edition"), rows)


def _note_rows(document: ReportDocument) -> list[tuple[str, str]]:
    """Generated sentences, each with its heading, and the notes of the tables.

    Texts by editors are left out: they are read in the report, and here they would bury the notes.
    """
    notes: list[tuple[str, str]] = []
    about = document.title
    for node in document.nodes:
        match node:
            case HeadingNode():
                about = node.text
            case ParagraphNode(written=False):
                notes.append((about, plain_text(node.words)))
            case PointList(written=False):
                notes += [(about, plain_text(point)) for point in node.points]
            case _:
                pass
    return notes + _numbered_notes(document)


def _numbered_notes(document: ReportDocument) -> list[tuple[str, str]]:
    """Each note of the tables once, with its number and the tables that it is of."""
    tables = tables_in_order(document)
    of: dict[tuple[int, str], list[str]] = {}
    for node in tables:
        notes = node.protected.table.notes
        for number, note in zip(node.numbers or range(1, len(notes) + 1), notes, strict=True):
            of.setdefault((number, note), []).append(node.name)
    return [
        (f"{note_mark(number)} {', '.join(names)}", note)
        for (number, note), names in sorted(of.items(), key=lambda item: item[0][0])
    ]


def _definition_sheets(document: ReportDocument) -> list[WorkbookSheet]:
    rows = tuple(
        (
            definition.name,
            definition.text,
            "; ".join(definition.include),
            "; ".join(definition.exclude),
        )
        for node in document.nodes
        if isinstance(node, DefinitionList)
        for definition in node.definitions
    )
    head = ("Name", "What it means", "Includes", "Excludes")
    return [_sheet("Definitions", ("What was counted",), head, rows)] if rows else []


# ---- tables ----


def _table_sheets(node: TableNode) -> Iterator[WorkbookSheet]:
    """A sheet for each block of a table: "T4a" and "T4b", or "T3" if there is one block."""
    table = node.table
    blocks = [(group, list(rows)) for group, rows in groupby(table.rows, lambda row: row.group)]
    bases = table.base.split("; ")
    for at, (group, rows) in enumerate(blocks):
        # a to z, then aa to zz: the columns of a sheet are named alike.
        letter = ascii_lowercase[at % 26] * (at // 26 + 1) if len(blocks) > 1 else ""
        yield _block_sheet(
            node,
            letter=letter,
            group=group,
            rows=rows,
            base=bases[at] if len(bases) == len(blocks) else table.base,
        )


def _block_sheet(
    node: TableNode, *, letter: str, group: str, rows: Sequence[Row], base: str
) -> WorkbookSheet:
    table = node.table
    # A column that applies to another block only would be [z] from top to bottom.
    columns = [
        at
        for at in range(len(table.columns))
        if not letter or any(row.cells[at].mark != NOT_APPLICABLE for row in rows)
    ]
    cells = [[row.cells[at] for at in columns] for row in rows]
    values = tuple(
        (_label_value(row.label), *map(_cell_value, of_row))
        for row, of_row in zip(rows, cells, strict=True)
    )
    decimals = tuple(
        (at, place, cell.decimals)
        for at, of_row in enumerate(cells)
        for place, cell in enumerate(of_row, start=1)
        if isinstance(_cell_value(cell), float)
    )
    title = f"{node.name}{letter}. {f'{group}. ' if group else ''}{table.title}"
    lines = _lines_above(node, title, base, {cell.mark for of_row in cells for cell in of_row})
    # Told apart before some are left out, so that a column has the same name on each sheet.
    names = unique_names((table.stub, *(column.label for column in table.columns)))
    head = (names[0], *(names[at + 1] for at in columns))
    return WorkbookSheet(f"{table.id}{letter}", lines, head, values, decimals)


def _lines_above(node: TableNode, title: str, base: str, used: Collection[str]) -> tuple[str, ...]:
    """The lines above the table of a sheet. used: the marks in it, which are explained."""
    shorthand = "; ".join(
        f"{mark} {words}" for mark, words in node.protected.shorthand if mark in used
    )
    lines = [title, ONE_TABLE, f"Base: {base}."]
    lines += [f"Shorthand: {shorthand}."] if shorthand else []
    marks = ", ".join(note_mark(number) for number in node.numbers)
    of_notes = f"Notes: {marks}. " if marks else ""
    explained = "The sheet Notes explains what the numbers are based on and what they cannot tell."
    return (*lines, f"{of_notes}{explained}", BACK)


def _label_value(label: str) -> Value:
    return Year(label) if YEAR.fullmatch(label) else label


def _cell_value(cell: Cell) -> Value:
    if cell.mark or cell.value is None:
        return cell.shown
    # The printed number, not the value behind it: 12.3 and not 12.2857, which tells more.
    return float(cell.shown) if isinstance(cell.value, float) else cell.value


def unique_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return column names with none empty and none repeated, as Excel requires of a table."""
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        base = name or "Column"
        # Excel compares the names of columns without regard to case.
        seen[base.lower()] += 1
        times = seen[base.lower()]
        unique.append(base if times == 1 else f"{base} ({times})")
    return tuple(unique)
