"""A protected release as bytes, so that it is made once for all processes. Pure.

Protecting tables takes minutes, and the same rows under the same profile always give the same. The
bytes have withheld numbers (the ledger entry) and are kept like the rows themselves.
"""

import base64
import json
import zlib
from typing import Any

from waymark.core.errors import RuleError, TablesNotShown, UnprotectableCount
from waymark.core.tables import Cell, Column, ProtectedTable, Row, Table
from waymark.overview.disclosure.engine.history_file import from_bytes as entry_from_bytes
from waymark.overview.disclosure.engine.history_file import to_bytes as entry_to_bytes
from waymark.overview.disclosure.protect import KeptProtection, restored_tables

FORMAT = "waymark-protection 1"
Plain = dict[str, Any]


def to_bytes(protection: KeptProtection) -> bytes:
    """Compressed JSON of tables, ledger entry and links."""
    return _packed(
        {
            "tables": [_plain_table(table) for table in protection.tables],
            "entry": base64.b64encode(entry_to_bytes(protection.entry)).decode(),
            "opens": protection.opens,
        }
    )


def refusal_to_bytes(error: RuleError) -> bytes:
    """Compressed JSON of the reason why a release cannot be shown."""
    plain: Plain = {"message": str(error)}
    if isinstance(error, TablesNotShown):
        plain |= {"kind": "tables", "reasons": dict(error.reasons)}
    elif isinstance(error, UnprotectableCount):
        plain |= {"kind": "count", "key": error.key, "reason": error.reason}
    return _packed({"refused": plain})


def from_bytes(content: bytes, profile: str) -> KeptProtection:
    """A protection from its bytes. Raises the RuleError that it was refused with."""
    plain: Plain = json.loads(zlib.decompress(content))
    if plain["format"] != FORMAT:
        raise RuleError(f"this protection is of the format {plain['format']}, not {FORMAT}")
    if refused := plain.get("refused"):
        raise _refusal(refused)
    return KeptProtection(
        restored_tables([_table(row) for row in plain["tables"]], profile),
        entry_from_bytes(base64.b64decode(plain["entry"])),
        plain["opens"],
    )


def _packed(plain: Plain) -> bytes:
    text = json.dumps({"format": FORMAT, **plain}, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), 6)


def _refusal(plain: Plain) -> RuleError:
    match plain.get("kind"):
        case "tables":
            return TablesNotShown(plain["message"], plain["reasons"])
        case "count":
            return UnprotectableCount(plain["key"], plain["reason"])
        case _:
            return RuleError(plain["message"])


def _plain_table(protected: ProtectedTable) -> Plain:
    table = protected.table
    return {
        "head": [table.id, table.title, table.unit, table.base, table.stub, table.framework],
        "notes": list(table.notes),
        "columns": [[column.id, column.label, column.kind] for column in table.columns],
        "rows": [
            [row.id, row.label, row.role, row.group, [_plain_cell(cell) for cell in row.cells]]
            for row in table.rows
        ],
    }


def _plain_cell(cell: Cell) -> list[Any]:
    evidence, records = list(cell.evidence), list(cell.records)
    return [cell.value, cell.base, cell.kind, evidence, records, cell.mark, cell.decimals]


def _table(plain: Plain) -> Table:
    name, title, unit, base, stub, framework = plain["head"]
    return Table(
        id=name,
        title=title,
        unit=unit,
        base=base,
        columns=tuple(Column(*column) for column in plain["columns"]),
        rows=tuple(
            Row(row, label, tuple(_cell(*cell) for cell in cells), role, group)
            for row, label, role, group, cells in plain["rows"]
        ),
        notes=tuple(plain["notes"]),
        stub=stub,
        framework=framework,
    )


def _cell(
    value: float | None,
    base: int | None,
    kind: Any,
    evidence: list[str],
    records: list[str],
    mark: str,
    decimals: int,
) -> Cell:
    return Cell(value, base, kind, tuple(evidence), tuple(records), mark, decimals)
