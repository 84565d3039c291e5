"""A protected table as JSON, CSV and text, for commands, notebooks and downloads. Pure."""

import csv
import io
import re
from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.evidence import report_of_key
from waymark.core.spreadsheet import without_formula
from waymark.core.tables import SHORTHAND, Cell, ProtectedTable


def table_json(
    protected: ProtectedTable, *, closed: Collection[str] = frozenset()
) -> dict[str, Any]:
    """A table as JSON values. evidence: the citation keys for a cell.

    closed: references of reviews and keys of reports to leave out, because they are not public.
    """
    table = protected.table
    return {
        "id": table.id,
        "title": table.title,
        "unit": table.unit,
        "base": table.base,
        "profile": protected.profile,
        "stub": table.stub,
        "columns": [
            {"id": column.id, "label": column.label, "kind": column.kind}
            for column in table.columns
        ],
        "rows": [
            {
                "id": row.id,
                "label": row.label,
                "role": row.role,
                "group": row.group,
                "cells": [_cell_json(cell, closed) for cell in row.cells],
            }
            for row in table.rows
        ],
        "notes": list(table.notes),
        "shorthand": dict(protected.shorthand),
        "forbidden_uses": FORBIDDEN_USES_IN_FULL,
    }


def review_of(record: str) -> str:
    """The reference of a record's review: "R01/2" is the second child of R01."""
    return record.partition("/")[0]


def _cell_json(cell: Cell, closed: Collection[str]) -> dict[str, Any]:
    return {
        "value": cell.value,
        "base": cell.base,
        "evidence": [key for key in cell.evidence if report_of_key(key) not in closed],
        "records": [reference for reference in cell.records if review_of(reference) not in closed],
        "mark": cell.mark,
        "shown": cell.shown,
    }


def table_text(protected: ProtectedTable) -> str:
    """A table as text in aligned columns, with its base, shorthand and notes."""
    table = protected.table
    lines = [[table.stub, *(column.label for column in table.columns)]]
    group = ""
    for row in table.rows:
        if row.group != group:
            group = row.group
            lines.append([group])
        lines.append([row.label, *(cell.shown for cell in row.cells)])
    text = [f"{table.id}. {table.title}", f"Base: {table.base}.", "", *_aligned_lines(lines), ""]
    text += [f"{mark} {explanation}" for mark, explanation in protected.shorthand]
    return "\n".join([*text, *table.notes])


def _aligned_lines(lines: Sequence[Sequence[str]]) -> list[str]:
    """Lines of cells -> lines of text, the first column aligned left, numbers right."""
    full = [line for line in lines if len(line) > 1]
    widths = [max(len(line[place]) for line in full) for place in range(len(full[0]))]
    return [
        "  ".join(
            part.ljust(widths[place]) if place == 0 else part.rjust(widths[place])
            for place, part in enumerate(line)
        ).rstrip()
        for line in lines
    ]


CSVW_CONTEXT = ("http://www.w3.org/ns/csvw", {"@language": "en"})


def table_csvw(protected: ProtectedTable, address: str, **about: Any) -> dict[str, Any]:
    """Description of a table's CSV file as CSVW. address: of the file, beside the description.

    about: further properties by name, for example dc:license. A cell with a mark such as [c] has no
    value, so the marks are listed as null.
    """
    table = protected.table
    marks = [mark for mark, _ in SHORTHAND]
    names = [(["Group"] if any(row.group for row in table.rows) else []), [table.stub]]
    texts = [
        {"name": f"label_{at}", "titles": name or "Row", "datatype": "string"}
        for at, name in enumerate(chain(*names), start=1)
    ]
    numbers = [
        {
            # Ids of columns are not all variable names, and CSVW allows no others.
            "name": re.sub(r"\W", "_", column.id),
            "titles": column.label,
            "datatype": "decimal",
            "null": marks,
        }
        for column in table.columns
    ]
    return {
        "@context": list(CSVW_CONTEXT),
        "url": address,
        "dc:title": f"{table.id}. {table.title}",
        "dc:description": " ".join((f"Base: {table.base}.", *table.notes)),
        "dc:accessRights": FORBIDDEN_USES_IN_FULL,
        **about,
        "notes": [{"mark": mark, "meaning": words} for mark, words in protected.shorthand],
        "tableSchema": {"columns": [*texts, *numbers]},
    }


def table_csv(protected: ProtectedTable) -> str:
    """A table as CSV with a header row: group, row, then one field for each column.

    A label that a spreadsheet would read as a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    table = protected.table
    grouped = any(row.group for row in table.rows)
    head = (["Group"] if grouped else []) + [
        table.stub,
        *(column.label for column in table.columns),
    ]
    write([without_formula(part) for part in head])
    for row in table.rows:
        first = ([row.group] if grouped else []) + [row.label]
        # 1,234 is printed with a comma but is a number in CSV without it.
        cells = [cell.shown.replace(",", "") for cell in row.cells]
        write([*(without_formula(part) for part in first), *cells])
    return out.getvalue()
