"""What stands behind a number: from a cell to the agreed facts and their words, and back. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from waymark.core.evidence import ChildRow, CodeRow, JudgementRow, Quote
from waymark.core.tables import Cell
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.disclosure import ProtectedTable
from waymark.overview.snapshot import FrozenRows
from waymark.overview.spec import AnyTable
from waymark.overview.tabulate import facts_behind

Fact = JudgementRow | CodeRow


@dataclass(frozen=True, slots=True)
class Words:
    """Words that carry a fact. said: the fact as a person reads it; basis: how it was agreed."""

    quote: Quote
    said: str
    basis: str


@dataclass(frozen=True, slots=True)
class Behind:
    """One review behind a cell. children: those counted, by the names the report gives them."""

    review: str
    children: tuple[str, ...]
    words: tuple[Words, ...]


def behind(
    rows: FrozenRows, framework: FrameworkFile, table: AnyTable, row: str, cell: Cell
) -> tuple[Behind, ...]:
    """The reviews that a cell counts, in its order, each with the words that carry its facts.

    row: the id of the cell's row, which says what variables or codes are meant.
    """
    variables, codes = facts_behind(table, row, framework)
    records, keys = set(cell.records), set(cell.evidence)
    names = {(child.review, child.number): child for child in rows.children}
    words: dict[str, list[Words]] = {}
    for fact in _facts(rows, variables, codes):
        if _counts(fact, records):
            said = _said(fact, framework, names)
            words.setdefault(fact.review, []).extend(
                Words(quote, said, fact.basis) for quote in fact.quotes if quote.key in keys
            )
    return tuple(
        Behind(
            review,
            tuple(
                child.name
                for child in rows.children
                if child.review == review and f"{review}/{child.number}" in records
            ),
            tuple(words.get(review, ())),
        )
        for review in dict.fromkeys(record.split("/")[0] for record in cell.records)
    )


def _facts(rows: FrozenRows, variables: frozenset[str], codes: frozenset[str]) -> Iterator[Fact]:
    yield from (row for row in rows.judgements if row.variable in variables)
    yield from (row for row in rows.codes if row.code in codes and row.present)


def _counts(fact: Fact, records: set[str]) -> bool:
    """A fact about a review counts for it and its children; one about a child, for that child."""
    if isinstance(fact, CodeRow) or fact.child is None:
        return True
    return fact.review in records or f"{fact.review}/{fact.child}" in records


def _said(fact: Fact, framework: FrameworkFile, names: dict[tuple[str, int], ChildRow]) -> str:
    if isinstance(fact, CodeRow):
        return framework.code(fact.code).name
    variable = framework.variable(fact.variable)
    value = {one.value: one.label for one in variable.allowed}.get(fact.value, fact.value)
    if variable.type == "age":
        value = f"{fact.value} months" if fact.value else "Not recorded"
    child = None if fact.child is None else names.get((fact.review, fact.child))
    return f"{child.name + ', ' if child else ''}{variable.name}: {value}"


@dataclass(frozen=True, slots=True)
class CellUse:
    """A cell that a passage carries, with what it takes to name it and to open it."""

    table: str
    title: str
    row: str
    row_label: str
    column: str
    column_label: str
    shown: str


def uses_by_key(tables: Sequence[ProtectedTable]) -> dict[str, tuple[CellUse, ...]]:
    """Citation key -> the cells it carries, by table.

    Of each table only the counts of fewest records, one a row: not every total above them too.
    """
    made: dict[str, list[CellUse]] = {}
    for protected in tables:
        for key, pairs in _carried(protected).items():
            least = min(width for width, _ in pairs)
            rows: dict[str, CellUse] = {}
            for width, use in pairs:
                if width == least:
                    rows.setdefault(use.row, use)
            made.setdefault(key, []).extend(rows.values())
    return {key: tuple(uses) for key, uses in made.items()}


Width = tuple[int, bool]


def _carried(protected: ProtectedTable) -> dict[str, list[tuple[Width, CellUse]]]:
    """Citation key -> every count it carries, with how wide each is.

    Width: how many records it counts, then whether it is a total of others.
    """
    table = protected.table
    found: dict[str, list[tuple[Width, CellUse]]] = {}
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            if column.kind != "count" or cell.mark:
                continue
            use = CellUse(
                table.id, table.title, row.id, row.label, column.id, column.label, cell.shown
            )
            width = len(cell.records), row.role in {"subtotal", "total"}
            for key in cell.evidence:
                found.setdefault(key, []).append((width, use))
    return found
