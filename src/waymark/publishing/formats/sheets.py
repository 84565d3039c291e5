"""Turn a document into sheets of a workbook: cover, contents, notes, definitions and the tables.

Pure, and the same for every kind of spreadsheet. Every sheet has at most one table, with one row of
headers and no merged cells, so that programs and screen readers can read it; above the table is
what a reader needs to know.
"""

from collections import Counter
from dataclasses import dataclass

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
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

LANGUAGE = "en-GB"
Value = str | int | float


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """One sheet. lines: above the table, the first is the title; head, rows: the table.

    decimals: (row, column, decimals) of each measure; counts and percentages have none.
    """

    name: str
    lines: tuple[str, ...]
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    decimals: tuple[tuple[int, int, int], ...] = ()

    def decimals_at(self, row: int, column: int) -> int:
        """Number of decimals of a cell; 0 for counts and whole percentages."""
        return next((n for r, c, n in self.decimals if (r, c) == (row, column)), 0)


def workbook_sheets(document: ReportDocument) -> tuple[WorkbookSheet, ...]:
    """Sheets of a document, in order."""
    tables = tables_in_order(document)
    table_sheets = [_table_sheet(node) for node in tables]
    defined = _definition_sheets(document)
    notes = WorkbookSheet("Notes", ("Notes",), ("About", "Note"), tuple(_note_rows(document)))
    contents = WorkbookSheet(
        "Contents",
        ("Contents",),
        ("Sheet", "What it contains"),
        (
            ("Cover", "What this is and where it comes from"),
            ("Notes", "How the figures were made and how to read them"),
            *((sheet.name, "What was counted under each name") for sheet in defined),
            *(
                (sheet.name, f"{node.name}. {node.protected.table.title}")
                for sheet, node in zip(table_sheets, tables, strict=True)
            ),
        ),
    )
    return (_cover_sheet(document), contents, notes, *defined, *table_sheets)


def tables_in_order(document: ReportDocument) -> list[TableNode]:
    """Tables by their number: T2 before T14, wherever the report prints them."""
    tables = [node for node in document.nodes if isinstance(node, TableNode)]
    return sorted(tables, key=lambda node: int(node.protected.table.id[1:]))


def _cover_sheet(document: ReportDocument) -> WorkbookSheet:
    facts = [pair for node in document.nodes if isinstance(node, FactList) for pair in node.facts]
    lines = (
        document.title,
        document.subtitle,
        f"{document.scope}.",
        document.edition,
        FORBIDDEN_USES_IN_FULL,
    )
    return WorkbookSheet("Cover", lines, ("What", "As of this edition"), tuple(facts))


def _note_rows(document: ReportDocument) -> list[tuple[str, str]]:
    """Generated sentences, each with its heading, and the notes of the tables.

    Texts by editors are left out: they are read in the report, and here they would bury the notes.
    """
    notes: list[tuple[str, str]] = []
    about = ""
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
        (f"[note {number}] {', '.join(names)}", note)
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
    return [WorkbookSheet("Definitions", ("What was counted",), head, rows)] if rows else []


def _table_sheet(node: TableNode) -> WorkbookSheet:
    table = node.table
    grouped = any(row.group for row in table.rows)
    lead = ("Group",) if grouped else ()
    rows = []
    decimals = []
    for at, row in enumerate(table.rows):
        first = (row.group, row.label) if grouped else (row.label,)
        cells: list[Value] = []
        for cell in row.cells:
            number = cell.value
            if cell.mark or number is None:
                cells.append(cell.shown)
                continue
            if isinstance(number, float):
                decimals.append((at, len(first) + len(cells), cell.decimals))
                # The printed number, not the value behind it: 12.3 and not 12.2857, which tells
                # more.
                number = float(cell.shown)
            cells.append(number)
        rows.append((*first, *cells))
    lines = [f"{node.name}. {table.title}", f"Base: {table.base}."]
    lines += [f"Shorthand: {node.shorthand}."] if node.shorthand else []
    marks = ", ".join(f"[note {number}]" for number in node.numbers)
    of_notes = f"Notes: {marks}. " if marks else ""
    lines.append(
        f"{of_notes}The sheet Notes explains what the numbers are based on and what they cannot"
        " tell."
    )
    head = _unique_names((*lead, table.stub, *(column.label for column in table.columns)))
    return WorkbookSheet(table.id, tuple(lines), head, tuple(rows), tuple(decimals))


def _unique_names(names: tuple[str, ...]) -> tuple[str, ...]:
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
