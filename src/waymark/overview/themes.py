"""Tables of codes: which reviews bear them, and how far two coders agreed on it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from waymark.coding.agreement import bootstrap_interval, cohen_kappa, gwet_ac1, raw_agreement
from waymark.core.evidence import DoubleCoded
from waymark.core.spans import Span, merged
from waymark.core.tables import PERCENT_FLOOR, Cell, Column, Row, percent_cell
from waymark.documents.keys import parse_span_key
from waymark.frameworks.schema import CodeSpec
from waymark.overview.factors import ordered
from waymark.overview.facts import Facts, codes_of, counted, with_descendants
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
    for code in codes_of(facts.framework, table.of):
        family = with_descendants(facts.framework, code.id)
        bearing = [(record, facts.bearing(record, family)) for record in facts.reviews]
        found = counted((record, held) for record, held in bearing if held)
        cell = found.cell(base)
        number = number_of_passages(found.evidence)
        passages = Cell(number, None, "count", found.evidence, found.records)
        rows.append(Row(code.id, code.name, (cell, percent_cell(cell, base), passages)))
        sizes.append(len(found.records))
    return ordered(rows, sizes, table.order)


def number_of_passages(keys: Iterable[str]) -> int:
    """How many passages citation keys lead to: quotes that overlap are parts of one.

    Two people who code a review choose the same words a little longer or shorter; counted apart,
    reviews coded twice would seem to hold more.
    """
    places: dict[str, list[Span]] = defaultdict(list)
    for key in keys:
        report, span = parse_span_key(key)
        places[report].append(span)
    return sum(len(merged(spans)) for spans in places.values())


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
