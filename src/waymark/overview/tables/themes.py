"""Tables of codes: the reviews that have them. Pure."""

from collections.abc import Iterable, Sequence

from waymark.core.evidence import CodeRow, Place
from waymark.core.tables import Cell, Column, Row, percent_cell
from waymark.frameworks.families import with_descendants
from waymark.frameworks.schema import CodeSpec
from waymark.overview.snapshot.coded_reviews import CodedReviews, CountedRecords, Record
from waymark.overview.spec.schema import ThemesTable, chosen_codes
from waymark.overview.tables.factors import ordered_rows

THEME_COLUMNS = [
    Column("n", "Reviews"),
    Column("percent", "Per cent", "percent"),
    Column("passages", "Passages"),
]


def themes_rows(table: ThemesTable, facts: CodedReviews) -> list[Row]:
    """One row for each code: a review counts once, however many passages have the code."""
    reviews = facts.records_meeting(table.where)
    base = len(reviews)
    rows, sizes = [], []
    for code in codes_in_order(table, facts):
        bearing = facts.code_rows_by_review(with_descendants(facts.framework, code.id))
        if table.qualified is not None:
            bearing = qualified_rows(bearing, table.qualified.pairs)
        counted = reviews_with_code(bearing, reviews)
        cell = counted.cell(base)
        number = number_of_passages(bearing[record.at] for record in counted.records)
        passages = Cell(number, None, "count", cell.evidence, cell.records)
        rows.append(Row(code.id, code.name, (cell, percent_cell(cell, base), passages)))
        sizes.append(len(counted.records))
    return ordered_rows(rows, sizes, table.order)


def codes_in_order(table: ThemesTable, facts: CodedReviews) -> list[CodeSpec]:
    """The codes of a table in the framework's order, or as the specification lists them."""
    codes = chosen_codes(facts.framework, table.of)
    if table.order == "listed":
        codes.sort(key=lambda code: table.of.codes.index(code.id))
    return codes


def qualified_rows(
    bearing: Sequence[tuple[CodeRow, ...]], pairs: frozenset[str]
) -> list[tuple[CodeRow, ...]]:
    """For each review the rows of a code with only the passages that have any of the qualifiers."""
    return [
        tuple(row for row in (_qualified_row(row, pairs) for row in rows) if row.places)
        for rows in bearing
    ]


def _qualified_row(row: CodeRow, pairs: frozenset[str]) -> CodeRow:
    # Rows frozen without qualifiers have none: no passage of theirs counts.
    of_places = zip(row.places, row.qualifiers, strict=False)
    return row._replace(places=tuple(place for place, values in of_places if pairs & set(values)))


def reviews_with_code(
    bearing: Sequence[tuple[CodeRow, ...]], reviews: Sequence[Record]
) -> CountedRecords:
    """The reviews, of some, with any code of a family, and their evidence."""
    records = [record for record in reviews if bearing[record.at]]
    return CountedRecords(records, lambda record: bearing[record.at])


def number_of_passages(bearing: Iterable[Sequence[CodeRow]]) -> int:
    """The number of passages in the rows of each review; quotes that overlap are one passage.

    Two people who code a review choose the same words a little longer or shorter; counted twice,
    reviews coded by two people would seem to have more passages.
    """
    # Quotes at characters 10-50, 40-60 and 80-90 of a report are 2 passages: the second begins
    # before the first ends. Places are sorted, so it is enough to remember how far we have read.
    number = 0
    for rows in bearing:
        places = rows[0].places if len(rows) == 1 else _places_in_order(rows)
        report, reached = "", 0
        for place in places:
            if place[0] != report or place[1] >= reached:
                number += 1
                report, reached = place[0], place[2]
            else:
                reached = max(reached, place[2])
    return number


def _places_in_order(rows: Iterable[CodeRow]) -> list[Place]:
    return sorted(place for row in rows for place in row.places)
