"""Tables of overviews, whose cells carry their base and their evidence."""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from waymark.core.errors import RuleError

WITHHELD_MARK = "[c]"
NOT_AVAILABLE_MARK = "[x]"
LOW_MARK = "[low]"
CellKind = Literal["count", "percent", "number"]
RowRole = Literal["part", "subtotal", "total", "unknown", "measure"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Number of a table.

    value: a count, a whole percentage, or a measure; None where the cell does not apply.
    base: the denominator of a percentage, or the number the count is taken from; None if none.
    evidence: citation keys of the passages for the value, in reading order; empty if the reports do
    not mention it. The sequence can be lazy.
    records: keys of the counted reviews, or children ("R01/2"), in order.
    mark: shown instead of the value, one of SHORTHAND, or "".
    decimals: number of decimals of a measure that is not a whole number.
    """

    value: int | float | None
    base: int | None = None
    kind: CellKind = "count"
    evidence: Sequence[str] = ()
    records: Sequence[str] = ()
    mark: str = ""
    decimals: int = 3

    @property
    def is_withheld(self) -> bool:
        """True if the number is withheld to protect people."""
        return self.mark == WITHHELD_MARK

    @property
    def shown(self) -> str:
        """The cell as printed: the mark, or the number with thousands separators or decimals."""
        if self.mark:
            return self.mark
        if self.value is None:
            return NOT_AVAILABLE_MARK
        if self.kind == "number":
            decimals = 0 if isinstance(self.value, int) else self.decimals
            return f"{self.value:,.{decimals}f}"
        return f"{self.value:,}"


@dataclass(frozen=True, slots=True)
class Column:
    """Column of a table. id: stable, used in addresses; label: as printed."""

    id: str
    label: str
    kind: CellKind = "count"


@dataclass(frozen=True, slots=True)
class Row:
    """Row of a table. group: heading of its block, "" where the table is one block."""

    id: str
    label: str
    cells: tuple[Cell, ...]
    role: RowRole = "part"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Table of an overview. Every row has one cell per column.

    unit: what is counted ("review", "child", ...). base: the base in words, as printed.
    title: what, unit, place, period. notes: printed under the table, in order.
    stub: heading above the row labels. framework: name and version of the framework used.
    """

    id: str
    title: str
    unit: str
    base: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    stub: str = ""
    framework: str = ""

    @property
    def name(self) -> str:
        """Its number and subject, "Table 3. Nature of the incident": all titles go on alike."""
        return f"Table {self.id[1:]}. {self.title.rsplit(': ', 1)[0]}"

    def cell(self, row: str, column: str) -> Cell:
        """Return the cell of a row id and a column id. Raises KeyError for an unknown id."""
        at = {c.id: number for number, c in enumerate(self.columns)}[column]
        return {r.id: r for r in self.rows}[row].cells[at]


SEAL = object()
"""Makes a protected table. Only overview/disclosure/protect.py imports it: a test checks that."""
SHORTHAND = (
    (WITHHELD_MARK, "withheld to protect people"),
    (NOT_AVAILABLE_MARK, "not available, such as a percentage on a base under 20"),
    ("[z]", "not applicable"),
    (LOW_MARK, "more than zero, but zero once rounded"),
    ("[u]", "low reliability: a rate of fewer than 20"),
)


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """A table after disclosure control: the only kind that may be shown or written.

    profile: the disclosure profile applied. Raises RuleError without the seal of the module that
    protects.
    """

    table: Table
    profile: str
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not SEAL:
            raise RuleError("a protected table is made by protect(), never by hand")

    @property
    def shorthand(self) -> tuple[tuple[str, str], ...]:
        """The marks used in this table, each with its meaning."""
        used = {cell.mark for row in self.table.rows for cell in row.cells if cell.mark}
        return tuple((mark, words) for mark, words in SHORTHAND if mark in used)


@dataclass(frozen=True, slots=True)
class Figure:
    """Chart of a table. svg: with role, title and desc; text: what it shows, for ears.

    finding: printed above it; measure: what is counted, below that. narrow: the same drawn for a
    phone, "" if there is none. claim: the finding as text of a chapter, its numbers as cells.
    """

    id: str
    title: str
    table: str
    svg: str
    text: str
    finding: str = ""
    measure: str = ""
    narrow: str = ""
    claim: str = ""


PERCENT_FLOOR = 20


def whole_percent(part: int, base: int) -> int:
    """part of base in whole percent, halves rounded up: 5 of 8 -> 63, 1 of 8 -> 13.

    part >= 0, base >= 1.
    """
    # Decimal, because float and round() give 12.5 -> 12 (half to even).
    exact = Decimal(100) * Decimal(part) / Decimal(base)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def percent_cell(part: Cell, base: int) -> Cell:
    """Percentage beside a count.

    "[x]" where the base is under 20, too small for a percentage; "[low]" where a count that is not
    zero is less than half of one per cent, as 1 of 300.
    """
    value = part.value
    if not isinstance(value, int) or base < PERCENT_FLOOR:
        mark = NOT_AVAILABLE_MARK
        return Cell(None, base, "percent", part.evidence, part.records, mark=mark)
    percent = whole_percent(value, base)
    if value and not percent:
        return Cell(None, base, "percent", part.evidence, part.records, mark=LOW_MARK)
    return Cell(percent, base, "percent", part.evidence, part.records)
