"""Tables of codes: which reviews bear them, and how far two coders agreed on it."""

from collections.abc import Callable, Iterable, Sequence

from waymark.coding.agreement import bootstrap_interval, cohen_kappa, gwet_ac1, raw_agreement
from waymark.core.evidence import CodeRow, DoubleCoded, Place
from waymark.core.tables import PERCENT_FLOOR, Cell, Column, Row, percent_cell
from waymark.frameworks.schema import CodeSpec
from waymark.overview.factors import ordered
from waymark.overview.facts import Counted, Facts, codes_of, with_descendants
from waymark.overview.spec import AgreementTable, ThemesTable

THEME_COLUMNS = [
    Column("n", "Reviews"),
    Column("percent", "Per cent", "percent"),
    Column("passages", "Passages"),
]


def themes_rows(table: ThemesTable, facts: Facts) -> list[Row]:
    """One row for each code: a review counts once, however many passages carry the code."""
    base = len(facts.reviews)
    rows, sizes = [], []
    for code in codes_in_order(table, facts):
        family = with_descendants(facts.framework, code.id)
        found = bearing_reviews(family, facts)
        cell = found.cell(base)
        number = number_of_passages(facts.bearing(family))
        passages = Cell(number, None, "count", cell.evidence, cell.records)
        rows.append(Row(code.id, code.name, (cell, percent_cell(cell, base), passages)))
        sizes.append(len(found.records))
    return ordered(rows, sizes, table.order)


def codes_in_order(table: ThemesTable, facts: Facts) -> list[CodeSpec]:
    """The codes of a table: in the framework's order, or as they are listed."""
    found = codes_of(facts.framework, table.of)
    if table.order == "listed":
        found.sort(key=lambda code: table.of.codes.index(code.id))
    return found


def bearing_reviews(family: Sequence[str], facts: Facts) -> Counted:
    """The reviews that bear any code of a family, with the rows that say so."""
    bearing = facts.bearing(family)
    found = [record for record in facts.reviews if bearing[record.at]]
    return Counted(found, lambda record: bearing[record.at])


def number_of_passages(bearing: Iterable[Sequence[CodeRow]]) -> int:
    """How many passages carry the rows of each review: quotes that overlap are parts of one.

    Two people who code a review choose the same words a little longer or shorter; counted apart,
    reviews coded twice would seem to hold more.
    """
    number = 0
    for rows in bearing:
        places = rows[0].places if len(rows) == 1 else _in_order(rows)
        report, reached = "", 0
        for place in places:
            if place[0] != report or place[2] >= reached:
                number += 1
                report, reached = place[0], place[3]
            else:
                reached = max(reached, place[3])
    return number


def _in_order(rows: Iterable[CodeRow]) -> list[Place]:
    return sorted(place for row in rows for place in row.places)


AGREEMENT_COLUMNS = [
    Column("units", "Units"),
    Column("first", "First coder"),
    Column("second", "Second coder"),
    Column("agreed", "Agreed"),
    Column("raw", "Raw agreement", "number"),
    Column("kappa", "Kappa", "number"),
    Column("kappa_lower", "Kappa, lower", "number"),
    Column("kappa_upper", "Kappa, upper", "number"),
    Column("ac1", "AC1", "number"),
    Column("ac1_lower", "AC1, lower", "number"),
    Column("ac1_upper", "AC1, upper", "number"),
]

Pair = tuple[list[str], list[str]]
Statistic = Callable[[Sequence[str], Sequence[str]], float]


def agreement_rows(table: AgreementTable, facts: Facts) -> list[Row]:
    """One row for each code, then all together; a unit is one code of one review coded twice."""
    codes = codes_of(facts.framework, table.of)
    twice = facts.rows.double_coded
    by_code = {code.id: [_ratings([code], review, facts) for review in twice] for code in codes}
    references = tuple(review.review for review in twice)
    rows = [
        Row(code.id, code.name, _agreement_cells(by_code[code.id], references)) for code in codes
    ]
    pooled = [_ratings(codes, review, facts) for review in twice]
    return [*rows, Row("all", "All together", _agreement_cells(pooled, references), "total")]


def _ratings(codes: Sequence[CodeSpec], review: DoubleCoded, facts: Facts) -> Pair:
    families = [with_descendants(facts.framework, code.id) for code in codes]
    return (
        ["yes" if review.first.intersection(family) else "no" for family in families],
        ["yes" if review.second.intersection(family) else "no" for family in families],
    )


def _agreement_cells(clusters: Sequence[Pair], references: tuple[str, ...]) -> tuple[Cell, ...]:
    first = [value for pair in clusters for value in pair[0]]
    second = [value for pair in clusters for value in pair[1]]
    n = len(first)

    def count(number: int) -> Cell:
        return Cell(number, n, "count", (), references)

    def measure(value: float | None, mark: str = "[z]") -> Cell:
        return Cell(value, n, "number", (), references, mark if value is None else "")

    def bounded(statistic: Statistic) -> tuple[Cell, ...]:
        # Where both coders gave every unit one same value there is no disagreement to measure, and
        # chance alone would agree as well.
        if len({*first, *second}) < 2:
            return measure(None), measure(None), measure(None)
        value = measure(statistic(first, second))
        # A handful of units bears no interval: it would run from one end of the scale to the other.
        if n < PERCENT_FLOOR:
            return value, measure(None, "[u]"), measure(None, "[u]")
        interval = bootstrap_interval(statistic, clusters)
        return value, measure(interval.lower), measure(interval.upper)

    agreed = sum(a == b for a, b in zip(first, second, strict=True))
    counts = (count(n), count(first.count("yes")), count(second.count("yes")), count(agreed))
    raw = measure(raw_agreement(first, second) if n else None)
    return (*counts, raw, *bounded(cohen_kappa), *bounded(gwet_ac1))
