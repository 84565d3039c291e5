"""The tables of a folder, each put together from every file that prints it."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from waymark.publishing.attack.grid import (
    NOT_APPLICABLE,
    WITHHELD,
    Leak,
    PrintedRow,
    PrintedTable,
    printed_number,
    same_print,
)

BEST = (".json", ".html", ".parquet", "cells.csv", ".xlsx", ".ods", ".docx", ".csv")
PROFILE = re.compile(r"Disclosure profile (\w+)")
THRESHOLD = re.compile(r"[kr](\d+)")
SMALL = re.compile(r"under (\d+) is withheld")
MULTIPLES = re.compile(r"multiples of (\d+)")
FURTHEST = re.compile(r"further than (\d+) from")
BASE = re.compile(r"([\d,]+) (\w+)[^;]*?( where [^;]+?)?\.?")
"""How many there are of what, and the condition that they meet."""


@dataclass(frozen=True, slots=True)
class PrintedBlock:
    """Rows of a table that belong together, with their base: its number and what it counts.

    As 24, "review", or of those alone who meet a condition 6, "review where cause is fire".
    """

    lines: tuple[tuple[int, PrintedRow], ...]
    base: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class MergedTable:
    """One table as all files together print it; a number in any of them is known.

    process: it says that it is about the process, and nothing in it is sensitive. within: how far
    off its rounded numbers may be, or 0.
    """

    id: str
    columns: tuple[str, ...]
    lines: tuple[PrintedRow, ...]
    blocks: tuple[PrintedBlock, ...]
    process: bool
    within: int

    def counts(self) -> tuple[int, ...]:
        """The columns that hold counts."""
        return tuple(at for at, label in enumerate(self.columns) if not is_share(label))


@dataclass(frozen=True, slots=True)
class ProtectionRules:
    """The protection that the files name. k: the threshold or base of rounding; 0 if none."""

    profile: str
    k: int


def is_share(label: str) -> bool:
    """Return True if a column has percentages or measures, and no counts."""
    return bool(re.search(r"per cent|kappa|ac1|raw agreement|bound|lower|upper", label.lower()))


def rules_of(grids: Sequence[PrintedTable]) -> ProtectionRules:
    """The profile and threshold, from the notes under the tables."""
    notes = " ".join(note for grid in grids for note in grid.notes)
    profile = PROFILE.search(notes)
    # "k5" ends in the threshold: what remains if no note gives it in words.
    threshold = SMALL.search(notes) or MULTIPLES.search(notes)
    if threshold is None and profile:
        threshold = THRESHOLD.fullmatch(profile[1])
    return ProtectionRules(profile[1] if profile else "", int(threshold[1]) if threshold else 0)


def merged_tables(grids: Sequence[PrintedTable]) -> tuple[list[MergedTable], list[Leak]]:
    """Tables by id, and every place where files differ about a cell."""
    by_table: dict[str, list[PrintedTable]] = defaultdict(list)
    for grid in grids:
        by_table[grid.table].append(grid)
    tables, leaks = [], []
    for name, prints in sorted(by_table.items(), key=lambda pair: _in_order(pair[0])):
        # JSON and HTML have roles and groups of rows, which CSV lacks: the best print gives the
        # frame, the others only their numbers.
        prints.sort(key=lambda grid: next(n for n, e in enumerate(BEST) if grid.file.endswith(e)))
        published, differing = _merged_table(name, prints)
        tables.append(published)
        leaks += differing
    return tables, leaks


def _in_order(name: str) -> tuple[int, str]:
    """Tables by their numbers: T2 before T10."""
    digits = re.sub(r"\D", "", name.rpartition("/")[2])
    return int(digits or 0), name


def _merged_table(name: str, grids: list[PrintedTable]) -> tuple[MergedTable, list[Leak]]:
    best = grids[0]
    cells = [list(line.cells) for line in best.lines]
    leaks = []
    for other in grids[1:]:
        leaks += _join_cells(cells, best, _in_columns_of(best, other))
    lines = tuple(
        replace(line, cells=tuple(row)) for line, row in zip(best.lines, cells, strict=True)
    )
    notes = " ".join(note for grid in grids for note in grid.notes)
    base = next((grid.base for grid in grids if grid.base), "")
    furthest = FURTHEST.search(notes)
    published = MergedTable(
        name,
        best.columns,
        lines,
        tuple(_table_blocks(lines, base)),
        "about the process" in notes,
        int(furthest[1]) if furthest else 0,
    )
    return published, leaks


def _in_columns_of(best: PrintedTable, other: PrintedTable) -> PrintedTable:
    """The other table with its columns in the order of the best, where it can be told.

    A workbook has a sheet for each block of a table, which leaves out the columns that do not apply
    to the block. So its columns may come in another order, and one that is [z] everywhere is
    missing.
    """
    names, places = _told_apart(best.columns), _told_apart(other.columns)
    more = [at for name, at in places.items() if name not in names]
    if any(line.cells[at] != NOT_APPLICABLE for line in other.lines for at in more):
        return other
    lines = tuple(
        replace(
            line,
            cells=tuple(
                line.cells[places[name]] if name in places else NOT_APPLICABLE for name in names
            ),
        )
        for line in other.lines
    )
    return replace(other, columns=best.columns, lines=lines)


def _told_apart(columns: Sequence[str]) -> dict[str, int]:
    """Name of each column -> its place; a name used again gets a number, as in a workbook."""
    seen: Counter[str] = Counter()
    places = {}
    for at, column in enumerate(columns):
        name = column.lower() or "column"
        seen[name] += 1
        places[name if seen[name] == 1 else f"{name} ({seen[name]})"] = at
    return places


def _join_cells(cells: list[list[str]], best: PrintedTable, other: PrintedTable) -> list[Leak]:
    """Compare one more file of a table. A number in place of a mark is taken over, and a leak.

    The web page has "Fire [c]", the spreadsheet "Fire 3": the leak names both, and the attack goes
    on with the 3.
    """
    if [len(line.cells) for line in other.lines] != [len(row) for row in cells]:
        return [Leak(other.file, best.table, f"its rows or columns differ from {best.file}")]
    if [line.label for line in other.lines] != [line.label for line in best.lines]:
        return [Leak(other.file, best.table, f"its row labels differ from {best.file}")]
    leaks = []
    for line, row, more in zip(best.lines, cells, other.lines, strict=True):
        for at, (printed, again) in enumerate(zip(tuple(row), more.cells, strict=True)):
            if same_print(printed, again):
                continue
            what = f"{best.columns[at]}: {again} where {best.file} has {printed}"
            leaks.append(Leak(other.file, f"{best.table} {line.label}", what))
            if printed == WITHHELD and printed_number(again) is not None:
                row[at] = again
    return leaks


def _table_blocks(lines: Sequence[PrintedRow], base: str) -> list[PrintedBlock]:
    groups = list(dict.fromkeys(line.group for line in lines))
    parts = base.split(";")
    blocks = []
    for at, group in enumerate(groups):
        inside = tuple((place, line) for place, line in enumerate(lines) if line.group == group)
        base_text = BASE.fullmatch(parts[at].strip() if len(parts) == len(groups) else "")
        counted = None
        if base_text:
            counted = (
                int(base_text[1].replace(",", "")),
                _unit_of_noun(base_text[2]) + (base_text[3] or ""),
            )
        blocks.append(PrintedBlock(inside, counted))
    return blocks


def _unit_of_noun(noun: str) -> str:
    """A unit in one form: "review" and "reviews" are the same."""
    return {"children": "child"}.get(noun.lower(), noun.lower().removesuffix("s"))
