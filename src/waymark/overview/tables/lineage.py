"""Evidence of a number: from a cell to the agreed facts and their quotes, and back. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from waymark.core.evidence import CodeRow, JudgementRow, Quote
from waymark.core.tables import Cell, Column, Row, Table
from waymark.frameworks.variables import SEPARATOR
from waymark.overview.snapshot.coded_reviews import (
    CodedReviews,
    EvidenceKeys,
    Record,
    keys_of_review,
)
from waymark.overview.spec.names import recommendation_heading
from waymark.overview.spec.schema import AnyTable
from waymark.overview.tables.tabulate import sources_of_row

Fact = JudgementRow | CodeRow
RECORDED_BY_ONE = "sole"
"""Basis of a recommendation, in the terms for the basis of an agreed fact."""


@dataclass(frozen=True, slots=True)
class EvidenceQuote:
    """A quote that is evidence of a fact. description: of the fact; basis: how it was agreed."""

    quote: Quote
    description: str
    basis: str


@dataclass(frozen=True, slots=True)
class ReviewEvidence:
    """The evidence in one review. children: those counted, by their names in the report."""

    review: str
    children: tuple[str, ...]
    quotes: tuple[EvidenceQuote, ...]


def reviews_of_cell(cell: Cell) -> tuple[str, ...]:
    """The references of the reviews that a cell counts, or counts records of, in its order."""
    return tuple(dict.fromkeys(record.split("/")[0] for record in cell.records))


def evidence_by_review(
    facts: CodedReviews, table: AnyTable, row: str, cell: Cell, reviews: Iterable[str]
) -> tuple[ReviewEvidence, ...]:
    """The evidence of a cell in some of its reviews.

    row: the id of the cell's row, which gives the variables or codes. A review that is not counted,
    as one for which no report was available, has no quotes.
    """
    variables, codes = sources_of_row(table, row, facts.framework)
    source = _EvidenceSource(
        facts,
        cell,
        frozenset(cell.records),
        [variable.id for variable in facts.framework.variables if variable.id in variables],
        [code.id for code in facts.framework.codes if code.id in codes],
    )
    return tuple(source.in_review(reference) for reference in reviews)


@dataclass(frozen=True, slots=True)
class _EvidenceSource:
    """The facts of one cell. records: references of those it counts; variables, codes: ids."""

    facts: CodedReviews
    cell: Cell
    records: frozenset[str]
    variables: Sequence[str]
    codes: Sequence[str]

    def in_review(self, reference: str) -> ReviewEvidence:
        """The evidence of the cell in one review."""
        facts = self.facts
        if reference not in facts.rows.counted:
            return ReviewEvidence(reference, (), ())
        keys = keys_of_review(self.cell.evidence, reference)
        review = facts.review(reference)
        counted = [child for child in facts.children_of(review) if child.reference in self.records]
        words = tuple(
            EvidenceQuote(quote, description, fact.basis)
            for description, fact in self._facts_in_words(review, counted)
            for quote in fact.quotes
            if quote.key in keys
        )
        words += tuple(_recommendation_quotes(facts, reference, self.records))
        return ReviewEvidence(reference, tuple(facts.child_name(child) for child in counted), words)

    def _facts_in_words(
        self, review: Record, counted: Sequence[Record]
    ) -> Iterator[tuple[str, Fact]]:
        """Each fact of a review with its description. counted: the children that count."""
        facts = self.facts
        # A cell that counts reviews rests on what is known of all their children.
        whole_review = review.reference in self.records
        for record in (review, *(facts.children_of(review) if whole_review else counted)):
            for judgement in _own_judgements(facts, record, self.variables):
                yield _judgement_in_words(facts, record, judgement), judgement
        for row in facts.code_rows_by_review(self.codes)[review.at]:
            yield facts.framework.code(row.code).name, row


def _recommendation_quotes(
    facts: CodedReviews, review: str, records: Collection[str]
) -> Iterator[EvidenceQuote]:
    """The counted recommendations of a review, each in its own words."""
    for record in facts.recommendations_of(review):
        if record.reference in records:
            row = facts.recommendation(record)
            for quote in row.quotes:
                yield EvidenceQuote(
                    quote, recommendation_heading(row, facts.framework), RECORDED_BY_ONE
                )


def _own_judgements(
    facts: CodedReviews, record: Record, variables: Sequence[str]
) -> Iterator[JudgementRow]:
    """The judgements of a record itself: of a review or of a child, not of both."""
    for name in variables:
        row = facts.judgement(record, name)
        if row is not None and row.child == record.child:
            yield row


def _judgement_in_words(facts: CodedReviews, record: Record, row: JudgementRow) -> str:
    variable = facts.framework.variable(row.variable)
    labels = {value.value: value.label for value in variable.allowed}
    value = SEPARATOR.join(labels.get(part, part) for part in variable.values_in(row.value))
    if variable.type == "age" and row.value:
        value = f"{row.value} months"
    value = value or "Not recorded"
    who = f"{facts.child_name(record)}, " if record.child is not None else ""
    return f"{who}{variable.name}: {value}"


@dataclass(frozen=True, slots=True)
class CellUse:
    """A cell for which a passage is evidence, with all that is needed to name and open it."""

    table: str
    title: str
    row: str
    row_label: str
    column: str
    column_label: str
    value_text: str


@dataclass(frozen=True, slots=True)
class ListedCell:
    """A count of a table that may be listed. value_text: the text in place of its number."""

    row: Row
    column: Column
    cell: Cell
    value_text: str


def linked_cells(table: Table) -> list[ListedCell]:
    """The counts of a protected table that link to their evidence."""
    return [
        ListedCell(row, column, cell, cell.shown)
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.kind == "count" and not cell.mark
    ]


def uses_of_keys(
    tables: Iterable[tuple[Table, Iterable[ListedCell]]], review: str, keys: Collection[str]
) -> dict[str, tuple[CellUse, ...]]:
    """Citation key of one review -> the cells for which it is evidence, by table.

    For each table only the counts of fewest records, one for each row: not every total above them.
    """
    uses_by_key: dict[str, list[CellUse]] = {key: [] for key in keys}
    for table, places in tables:
        for key, pairs in _uses_by_key(table, places, review, keys).items():
            least = min(width for width, _ in pairs)
            rows: dict[str, CellUse] = {}
            for width, use in pairs:
                if width == least:
                    rows.setdefault(use.row, use)
            uses_by_key[key].extend(rows.values())
    return {key: tuple(uses) for key, uses in uses_by_key.items()}


Width = tuple[int, bool]


def _uses_by_key(
    table: Table, places: Iterable[ListedCell], review: str, keys: Collection[str]
) -> dict[str, list[tuple[Width, CellUse]]]:
    """Citation key -> every count for which it is evidence, with its width.

    Width: the number of records counted, then True for a total of other rows.
    """
    uses: dict[str, list[tuple[Width, CellUse]]] = {}
    for place in places:
        width, use = _width_and_use(table, place)
        for key in keys_of_review(place.cell.evidence, review):
            if key in keys:
                uses.setdefault(key, []).append((width, use))
    return uses


def _width_and_use(table: Table, place: ListedCell) -> tuple[Width, CellUse]:
    row, column = place.row, place.column
    use = CellUse(
        table.id, table.title, row.id, row.label, column.id, column.label, place.value_text
    )
    return (len(place.cell.records), row.role in {"subtotal", "total"}), use


def uses_of_all_keys(
    tables: Iterable[tuple[Table, Iterable[ListedCell]]],
) -> dict[str, tuple[CellUse, ...]]:
    """Each citation key of every review -> the cells for which it is evidence, by table.

    The same cells as uses_of_keys() gives, in one pass over all of the evidence.
    """
    uses: dict[str, list[CellUse]] = {}
    for table, places in tables:
        for key, rows in _narrowest_uses(table, places).items():
            uses.setdefault(key, []).extend(rows.values())
    return {key: tuple(cells) for key, cells in uses.items()}


def _narrowest_uses(table: Table, places: Iterable[ListedCell]) -> dict[str, dict[str, CellUse]]:
    """Citation key -> the counts of fewest records, by row."""
    least: dict[str, Width] = {}
    uses: dict[str, dict[str, CellUse]] = {}
    for place in places:
        width, use = _width_and_use(table, place)
        keys = place.cell.evidence if isinstance(place.cell.evidence, EvidenceKeys) else ()
        for key in keys:
            if key not in least or width < least[key]:
                least[key], uses[key] = width, {}
            if width == least[key]:
                uses[key].setdefault(use.row, use)
    return uses
