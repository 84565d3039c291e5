"""The finding of a chart: one sentence, worked out of its protected table by a rule. Pure.

Never typed, so it is as true as the table. What a table withholds is neither said nor ranked: with
a withheld number in the column, a number is at most the largest of those shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.tables import Cell, ProtectedTable, Row
from waymark.overview.charts.layout import Pair, column_cells, column_index, length_of, part_rows
from waymark.overview.spec.names import ALL, FOUND
from waymark.overview.spec.schema import PLURAL, FigureSpec

MOST_NAMES = 4
"""Of groups with the same number that a sentence lists."""
ROUNDING = "numbers are rounded"
"""Of the note of a table whose numbers are rounded: one about the process keeps its own."""
AMONG_SHOWN = "of the numbers shown"
AMONG_PARTS = "compared with the other parts of its row"
"""Reasons for a rank that no check of a column can support."""
NAMED = {"Theme": "theme", "Factor": "factor", "Service": "service"}


@dataclass(frozen=True, slots=True)
class Finding:
    """sentence: as printed; "" if the table has nothing to say by the rules.

    marked: the same as text of a chapter, with its numbers linked to cells, for the check of
    numbers. Names of rows are left out of it: a word such as "all" in a name is no claim.
    """

    sentence: str
    marked: str


NOTHING = Finding("", "")


def is_rounded(protected: ProtectedTable) -> bool:
    """True if the numbers of a table are rounded: which one is larger is then not known."""
    return any(ROUNDING in note for note in protected.table.notes)


def finding_of(spec: FigureSpec, protected: ProtectedTable) -> Finding:
    """Finding of a chart, in one sentence."""
    if spec.kind == "flow":
        return _flow_finding(protected)
    if spec.kind == "shares":
        return _shares_finding(spec, protected)
    if spec.kind == "matrix":
        return _matrix_finding(protected)
    column = spec.column or ("recorded" if spec.kind == "ranges" else "n")
    if column not in {candidate.id for candidate in protected.table.columns}:
        return NOTHING
    pairs = column_cells(protected, column, spec.block)
    return _leading_row(spec, protected, pairs, column)


def _flow_finding(protected: ProtectedTable) -> Finding:
    cells = {row.id: row.cells[0] for row in protected.table.rows}
    whole, part = cells.get("identified"), cells.get("coded")
    if whole is None or part is None or whole.mark or part.mark:
        return NOTHING
    table = protected.table.id
    ending = "reviews identified were read and coded."
    return Finding(
        f"{part.shown} of {whole.shown} {ending}",
        f"{{{table}/coded/n}} of {{{table}/identified/n}} {ending}",
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """The cell that a sentence is about, and how its number is said."""

    protected: ProtectedTable
    row: Row
    cell: Cell
    column: str

    @property
    def name(self) -> str:
        return f"{self.protected.table.id}/{self.row.id}/{self.column}"

    def number(self, *, each: bool = False) -> Finding:
        """The number with its base and unit: 8 of 24 reviews."""
        base, unit = self.cell.base, self.protected.table.unit
        noun = unit if base == 1 and unit in PLURAL else PLURAL.get(unit, "")
        ending = (f" {noun}" if noun else "") + (" each" if each else "")
        if not base or is_rounded(self.protected):
            return Finding(f"{self.cell.shown}{ending}", f"{{{self.name}}}{ending}")
        exempt = f"{{exempt {base:,}: the base of this number}}"
        return Finding(
            f"{self.cell.shown} of {base:,}{ending}",
            f"{{{self.name}}} of {base:,}{ending} {exempt}",
        )


def _leading_row(
    spec: FigureSpec, protected: ProtectedTable, pairs: Sequence[Pair], column: str
) -> Finding:
    """The largest part, those that tie, or what is not known if that is more than any part."""
    parts = [(row, cell) for row, cell in pairs if row.role == "part"]
    most = max((length_of(cell) for _, cell in parts), default=0)
    for row, cell in pairs:
        if row.role == "unknown" and length_of(cell) > most:
            number = _Place(protected, row, cell, column).number()
            return Finding(f"{row.label}: {number.sentence}.", f"This: {number.marked}.")
    first = [(row, cell) for row, cell in parts if length_of(cell) == most and not cell.mark]
    if not most or len(first) > MOST_NAMES:
        return NOTHING
    places = [_Place(protected, row, cell, column) for row, cell in first]
    names = _listed([row.label for row, _ in first])
    withheld = any(cell.mark for _, cell in parts)
    return _ranked(spec, places, names, withheld=withheld)


def _ranked(spec: FigureSpec, places: Sequence[_Place], names: str, *, withheld: bool) -> Finding:
    """The sentence about the row or rows that come first."""
    many = len(places) > 1
    noun = NAMED.get(places[0].protected.table.stub)
    if noun:
        claim = f"are the most frequent {noun}s" if many else f"is the most frequent {noun}"
    elif spec.kind == "columns":
        claim = "have the largest number" if many else "has the largest number"
    else:
        claim = "are the largest groups" if many else "is the largest group"
    word = "most frequent" if noun else "largest"
    check = "{check " + word + ": " + " + ".join(place.name for place in places) + "}"
    if withheld:
        check = f"{{exempt {word}: {AMONG_SHOWN}}}"
    return _largest(places, names, claim + _of_what(places[0].protected, withheld=withheld), check)


def _largest(places: Sequence[_Place], names: str, claim: str, check: str) -> Finding:
    number = places[0].number(each=len(places) > 1)
    return Finding(
        f"{names} {claim}: {number.sentence}.", f"This {claim}: {number.marked}. {check}"
    )


def _of_what(protected: ProtectedTable, *, withheld: bool) -> str:
    if is_rounded(protected):
        return " in rounded numbers"
    return " of those shown" if withheld else ""


def _listed(names: Sequence[str]) -> str:
    """Names in a sentence: A; A and B; A, B and C."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _lower_first(words: str) -> str:
    """The first letter small, unless more capitals follow, as in a name of letters."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _shares_finding(spec: FigureSpec, protected: ProtectedTable) -> Finding:
    """The largest part of the whole, from the row of all."""
    whole = _whole_row(spec, protected)
    if whole is None:
        return NOTHING
    labels = {column.id: column.label for column in protected.table.columns}
    cells = {
        part: whole.cells[column_index(protected, part)] for part in spec.parts if part in labels
    }
    most = max(map(length_of, cells.values()), default=0)
    first = [part for part, cell in cells.items() if length_of(cell) == most]
    if not most or len(first) > MOST_NAMES:
        return NOTHING
    places = [_Place(protected, whole, cells[part], part) for part in first]
    names = _listed([f"“{labels[part]}”" for part in first])
    withheld = any(cell.mark for cell in cells.values())
    claim = "are the largest parts" if len(first) > 1 else "is the largest part"
    # A check compares the rows of a column: these are the columns of a row.
    check = f"{{exempt largest: {AMONG_SHOWN if withheld else AMONG_PARTS}}}"
    return _largest(places, names, claim + _of_what(protected, withheld=withheld), check)


def _whole_row(spec: FigureSpec, protected: ProtectedTable) -> Row | None:
    """The row of all: of the block that a figure is of, if it is of one."""
    block = "" if spec.block is None else f"{spec.block}."
    totals = (row for row in protected.table.rows if row.role == "total")
    return next((row for row in totals if row.id.startswith(block)), None)


def _matrix_finding(protected: ProtectedTable) -> Finding:
    """The largest row of the reviews with the theme, else of the column with the largest base."""
    rows = part_rows(protected)
    bases = [
        0 if column.id == ALL else max((row.cells[at].base or 0 for row in rows), default=0)
        for at, column in enumerate(protected.table.columns)
    ]
    if not rows or not any(bases):
        return NOTHING
    at = bases.index(max(bases))
    columns = [column.id for column in protected.table.columns]
    if FOUND in columns and bases[columns.index(FOUND)]:
        at = columns.index(FOUND)
    column = protected.table.columns[at]
    pairs = [(row, row.cells[at]) for row in rows]
    spec = FigureSpec(id="F1", kind="bars", table=protected.table.id, title="Matrix")
    finding = _leading_row(spec, protected, pairs, column.id)
    if not finding.sentence:
        return NOTHING
    label = column.label.rsplit(" (n =", 1)[0]
    return Finding(f"In “{label}”, {_lower_first(finding.sentence)}", finding.marked)
