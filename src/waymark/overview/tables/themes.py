"""Tables of codes: the reviews that have them, and the agreement of two coders. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from waymark.coding.agreement import (
    ConfidenceInterval,
    Pair,
    bootstrap_intervals,
    cohen_kappa,
    gwet_ac1,
    raw_agreement,
)
from waymark.core.evidence import CodeRow, DoubleCoded, Place
from waymark.core.tables import PERCENT_FLOOR, Cell, Column, Row, RowRole, percent_cell
from waymark.frameworks.families import with_descendants
from waymark.frameworks.schema import CodeSpec
from waymark.overview.snapshot.coded_reviews import CodedReviews, CountedRecords, Record
from waymark.overview.spec.schema import AgreementTable, ThemesTable, chosen_codes
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


MEASURES = (cohen_kappa, gwet_ac1)


@dataclass(frozen=True, slots=True)
class _CodeRatings:
    """One code, or all together. reviews: for each, the ratings of its units by both coders."""

    id: str
    label: str
    reviews: tuple[Pair, ...]
    role: RowRole = "part"

    @property
    def first(self) -> list[str]:
        return [value for pair in self.reviews for value in pair[0]]

    @property
    def second(self) -> list[str]:
        return [value for pair in self.reviews for value in pair[1]]

    @property
    def measurable(self) -> bool:
        """False if both coders gave every unit the same value.

        There is then no disagreement to measure, and chance alone would agree as well.
        """
        return len({*self.first, *self.second}) > 1

    @property
    def bounded(self) -> bool:
        """True if there are enough units: an interval of a few would cover almost everything."""
        return self.measurable and len(self.first) >= PERCENT_FLOOR


def agreement_rows(table: AgreementTable, facts: CodedReviews) -> list[Row]:
    """One row for each code, then all together; a unit is one code of one review coded twice."""
    twice = facts.rows.double_coded
    families = [
        (code, frozenset(with_descendants(facts.framework, code.id)))
        for code in chosen_codes(facts.framework, table.of)
    ]
    coded = [
        _CodeRatings(code.id, code.name, tuple(_unit_ratings([family], review) for review in twice))
        for code, family in families
    ]
    # All together are every code of every review as one long list of units.
    every = [family for _, family in families]
    pooled = tuple(_unit_ratings(every, review) for review in twice)
    coded.append(_CodeRatings("all", "All together", pooled, "total"))
    wide = [ratings for ratings in coded if ratings.bounded]
    intervals = dict(
        zip(
            (ratings.id for ratings in wide),
            bootstrap_intervals(MEASURES, [ratings.reviews for ratings in wide]),
            strict=True,
        )
    )
    references = tuple(review.review for review in twice)
    return [
        Row(
            ratings.id,
            ratings.label,
            _agreement_cells(ratings, intervals.get(ratings.id), references),
            ratings.role,
        )
        for ratings in coded
    ]


def _unit_ratings(families: Iterable[frozenset[str]], review: DoubleCoded) -> Pair:
    return (
        ["no" if family.isdisjoint(review.first) else "yes" for family in families],
        ["no" if family.isdisjoint(review.second) else "yes" for family in families],
    )


def _agreement_cells(
    coded: _CodeRatings, intervals: Sequence[ConfidenceInterval] | None, references: tuple[str, ...]
) -> tuple[Cell, ...]:
    """intervals: of each measure; None if there are too few units."""
    first, second = coded.first, coded.second
    n = len(first)

    def count(number: int) -> Cell:
        return Cell(number, n, "count", (), references)

    def measure(value: float | None, mark: str = "[z]") -> Cell:
        return Cell(value, n, "number", (), references, mark if value is None else "")

    agreed = sum(a == b for a, b in zip(first, second, strict=True))
    cells = [count(n), count(first.count("yes")), count(second.count("yes")), count(agreed)]
    cells.append(measure(raw_agreement(first, second) if n else None))
    for place, statistic in enumerate(MEASURES):
        if not coded.measurable:
            cells += [measure(None)] * 3
            continue
        cells.append(measure(statistic(first, second)))
        if intervals is None:
            cells += [measure(None, "[u]")] * 2
        else:
            cells += [measure(intervals[place].lower), measure(intervals[place].upper)]
    return tuple(cells)
