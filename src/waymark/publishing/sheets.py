"""A document -> the sheets of a workbook: cover, contents, notes, definitions, one for each table.

Pure, and the same for every kind of spreadsheet. Every sheet holds one table at most, with one row
of headers, no cells put together, and above it what a reader needs to read it.
"""

from collections import Counter
from dataclasses import dataclass

from waymark.publishing.nodes import (
    Definitions,
    Document,
    Facts,
    Heading,
    Paragraph,
    Points,
    TableNode,
    plain,
)

LANGUAGE = "en-GB"
Value = str | int | float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. lines: above the table, the first its title; head, rows: the table.

    decimals: how each row and column is printed where it is a measure, else absent.
    """

    name: str
    lines: tuple[str, ...]
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    decimals: tuple[tuple[int, int, int], ...] = ()

    def decimals_at(self, row: int, column: int) -> int:
        """Decimals a number is printed with; 0 for counts and whole percentages."""
        return next((n for r, c, n in self.decimals if (r, c) == (row, column)), 0)


def sheets(document: Document) -> tuple[Sheet, ...]:
    """The sheets of a document, in order."""
    tables = [node for node in document.nodes if isinstance(node, TableNode)]
    made = [_table(node) for node in tables]
    defined = _definitions(document)
    notes = Sheet("Notes", ("Notes",), ("About", "Note"), tuple(_notes(document)))
    contents = Sheet(
        "Contents",
        ("Contents",),
        ("Sheet", "What it holds"),
        (
            ("Cover", "What this is and where it comes from"),
            ("Notes", "How the figures were made and how to read them"),
            *((one.name, "What was counted under each name") for one in defined),
            *(
                (sheet.name, f"{node.name}. {node.protected.table.title}")
                for sheet, node in zip(made, tables, strict=True)
            ),
        ),
    )
    return (_cover(document), contents, notes, *defined, *made)


def _cover(document: Document) -> Sheet:
    facts = [pair for node in document.nodes if isinstance(node, Facts) for pair in node.facts]
    lines = (document.title, document.subtitle, f"{document.scope}.", document.edition)
    return Sheet("Cover", lines, ("What", "As of this edition"), tuple(facts))


def _notes(document: Document) -> list[tuple[str, str]]:
    """Sentences of the program, each with its heading; then what stands under each table.

    What editors wrote is read in the report: here it would hide what the numbers need.
    """
    made: list[tuple[str, str]] = []
    about = ""
    for node in document.nodes:
        match node:
            case Heading(level=2):
                about = node.text
            case Heading():
                about = node.text
            case Paragraph(written=False):
                made.append((about, plain(node.words)))
            case Points(written=False):
                made += [(about, plain(point)) for point in node.points]
            case TableNode():
                made += [(node.name, note) for note in node.protected.table.notes]
    return made


def _definitions(document: Document) -> list[Sheet]:
    rows = tuple(
        (one.name, one.text, "; ".join(one.include), "; ".join(one.exclude))
        for node in document.nodes
        if isinstance(node, Definitions)
        for one in node.definitions
    )
    head = ("Name", "What it means", "Includes", "Excludes")
    return [Sheet("Definitions", ("What was counted",), head, rows)] if rows else []


def _table(node: TableNode) -> Sheet:
    table = node.protected.table
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
                number = float(cell.shown)
            cells.append(number)
        rows.append((*first, *cells))
    shorthand = "; ".join(f"{mark} {meaning}" for mark, meaning in node.protected.shorthand)
    lines = [f"{node.name}. {table.title}", f"Base: {table.base}."]
    lines += [f"Shorthand: {shorthand}."] if shorthand else []
    lines.append("What the numbers rest on and cannot tell stands in the sheet Notes.")
    head = _unlike((*lead, table.stub, *(column.label for column in table.columns)))
    return Sheet(table.id, tuple(lines), head, tuple(rows), tuple(decimals))


def _unlike(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of columns: none empty, no two alike, as a table of a spreadsheet asks."""
    seen: Counter[str] = Counter()
    made = []
    for name in names:
        said = name or "Column"
        seen[said.lower()] += 1
        times = seen[said.lower()]
        made.append(said if times == 1 else f"{said} ({times})")
    return tuple(made)
