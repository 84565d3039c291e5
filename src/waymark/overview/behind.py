"""What stands behind a number: from a cell to the agreed facts and their words, and back. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from waymark.core.evidence import CodeRow, JudgementRow, Quote
from waymark.core.tables import Cell, Column, Row, Table
from waymark.overview.facts import Facts, Record, keys_of_review
from waymark.overview.spec import AnyTable
from waymark.overview.spec_names import recommendation_heading
from waymark.overview.tabulate import facts_behind

Fact = JudgementRow | CodeRow
RECORDED_BY_ONE = "sole"
"""How a recommendation is recorded, in the words for how a fact was agreed."""


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


def reviews_behind(cell: Cell) -> tuple[str, ...]:
    """The references of the reviews that a cell counts, or counts something of, in its order."""
    return tuple(dict.fromkeys(record.split("/")[0] for record in cell.records))


def behind(
    facts: Facts, table: AnyTable, row: str, cell: Cell, reviews: Iterable[str]
) -> tuple[Behind, ...]:
    """Some of the reviews behind a cell, each with the words that carry its facts.

    row: the id of the cell's row, which says what variables or codes are meant. A review that is
    not counted, as one of which no report could be had, has no words.
    """
    variables, codes = facts_behind(table, row, facts.framework)
    ordered = [one.id for one in facts.framework.variables if one.id in variables]
    borne = [one.id for one in facts.framework.codes if one.id in codes]
    records = set(cell.records)
    made = []
    for reference in reviews:
        if reference not in facts.rows.counted:
            made.append(Behind(reference, (), ()))
            continue
        keys = keys_of_review(cell.evidence, reference)
        review = facts.review(reference)
        children = [one for one in facts.children_of(review) if one.reference in records]
        # A cell that counts reviews rests on what is known of all their children.
        meant = [review, *(facts.children_of(review) if reference in records else children)]
        said: list[tuple[str, Fact]] = [
            (_judged(facts, record, fact), fact)
            for record in meant
            for fact in _facts(facts, record, ordered)
        ]
        bearing = facts.bearing(borne)[review.at]
        said += [(facts.framework.code(one.code).name, one) for one in bearing]
        words = tuple(
            Words(quote, words, fact.basis)
            for words, fact in said
            for quote in fact.quotes
            if quote.key in keys
        )
        words += tuple(_recommended(facts, reference, records))
        made.append(Behind(reference, tuple(facts.name_of(one) for one in children), words))
    return tuple(made)


def _recommended(facts: Facts, review: str, records: Collection[str]) -> Iterator[Words]:
    """The recommendations of a review that are counted, each in its own words."""
    for record in facts.recommendations_of(review):
        if record.reference in records:
            row = facts.recommendation(record)
            for quote in row.quotes:
                yield Words(quote, recommendation_heading(row, facts.framework), RECORDED_BY_ONE)


def _facts(facts: Facts, record: Record, variables: Sequence[str]) -> Iterator[JudgementRow]:
    """What is judged of a record itself: of a review or of a child, not of both."""
    for name in variables:
        row = facts.judgement(record, name)
        if row is not None and row.child == record.child:
            yield row


def _judged(facts: Facts, record: Record, row: JudgementRow) -> str:
    variable = facts.framework.variable(row.variable)
    value = {one.value: one.label for one in variable.allowed}.get(row.value, row.value)
    if variable.type == "age":
        value = f"{row.value} months" if row.value else "Not recorded"
    who = f"{facts.name_of(record)}, " if record.child is not None else ""
    return f"{who}{variable.name}: {value}"


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


@dataclass(frozen=True, slots=True)
class ToldCell:
    """A count of a table that may be told of. shown: what is told of it."""

    row: Row
    column: Column
    cell: Cell
    shown: str


def open_cells(table: Table) -> list[ToldCell]:
    """The counts of a protected table that open."""
    return [
        ToldCell(row, column, cell, cell.shown)
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.kind == "count" and not cell.mark
    ]


def uses_of_keys(
    tables: Iterable[tuple[Table, Iterable[ToldCell]]], review: str, keys: Collection[str]
) -> dict[str, tuple[CellUse, ...]]:
    """Citation keys of one review -> those of the places that each carries, by table.

    Of each table only the counts of fewest records, one a row: not every total above them too.
    """
    made: dict[str, list[CellUse]] = {key: [] for key in keys}
    for table, places in tables:
        for key, pairs in _carried(table, places, review, keys).items():
            least = min(width for width, _ in pairs)
            rows: dict[str, CellUse] = {}
            for width, use in pairs:
                if width == least:
                    rows.setdefault(use.row, use)
            made[key].extend(rows.values())
    return {key: tuple(uses) for key, uses in made.items()}


Width = tuple[int, bool]


def _carried(
    table: Table, places: Iterable[ToldCell], review: str, keys: Collection[str]
) -> dict[str, list[tuple[Width, CellUse]]]:
    """Citation key -> every count it carries, with how wide each is.

    Width: how many records it counts, then whether it is a total of others.
    """
    found: dict[str, list[tuple[Width, CellUse]]] = {}
    for place in places:
        row, column = place.row, place.column
        use = CellUse(
            table.id, table.title, row.id, row.label, column.id, column.label, place.shown
        )
        width = len(place.cell.records), row.role in {"subtotal", "total"}
        for key in keys_of_review(place.cell.evidence, review):
            if key in keys:
                found.setdefault(key, []).append((width, use))
    return found
