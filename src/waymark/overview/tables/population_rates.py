"""Rates of the printed counts of a table on a population. Pure.

A rate is worked out from the number that is printed and a base that is public, so it reveals no
more than these two: a withheld count has none, and a rounded one that of the rounded number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from waymark.core.tables import NOT_AVAILABLE_MARK, Cell, Column, Row, Table, percent_cell
from waymark.core.wording import date_in_words
from waymark.overview.snapshot.rows import PopulationBase
from waymark.overview.spec.names import ALL
from waymark.overview.spec.population import COMPARATOR, RATE_COLUMNS, BaseKey, PopulationRates
from waymark.overview.spec.schema import AnyTable, CrosstabTable

FEWEST_EVENTS = 3
RELIABLE_EVENTS = 20
"""As for death rates of the Office for National Statistics: none of fewer than 3 events, and a mark
for low reliability under 20."""
LOW_RELIABILITY = "[u]"
NOT_APPLICABLE = "[z]"
RATE_NOTE = (
    "Rate: for {per} {of}, from the number that is printed. Base: {bases}. Values of the indicator"
    " {indicator} as on {day}. A rate of fewer than 3 is not given ([x]); one of fewer than 20 has"
    " low reliability ([u])."
)
RATE_MEANING = (
    "A rate says how many reviews there were for the size of a population. It does not say how"
    " common harm is, because it depends on which incidents are reviewed."
)
RATE_OF_ROUNDED = "Rates are of rounded numbers."


def rate_on(number: int, base: float, per: int, decimals: int = 1) -> tuple[float | None, str]:
    """A rate and its mark; a rate of fewer than 3 is None with [x], on a base of 0 with [z].

    12 of 48,000 per 100,000 -> 25.0 with [u].
    """
    if not base:
        return None, NOT_APPLICABLE
    if 0 < number < FEWEST_EVENTS:
        return None, NOT_AVAILABLE_MARK
    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(number) * per / Decimal(str(base))
    rate = float(exact.quantize(step, rounding=ROUND_HALF_UP))
    return rate, LOW_RELIABILITY if number < RELIABLE_EVENTS else ""


def with_rates(
    table: Table, spec: AnyTable, bases: Sequence[PopulationBase], *, rounded: bool = False
) -> Table:
    """A finished table with its rates in columns at the end; without rates it stays as it is.

    rounded: its numbers are.
    """
    rates = spec.rates if isinstance(spec, CrosstabTable) else None
    if rates is None:
        return table
    known = {base.key: base for base in bases}
    population, rate, reliability = RATE_COLUMNS
    columns = [
        Column(population, _capital(rates.of), "number"),
        Column(rate, f"Rate per {rates.per:,}", "number"),
        Column(reliability, "Reliability of the rate", "number"),
    ]
    if rates.comparator:
        columns.append(Column(COMPARATOR, rates.comparator, "percent"))
    at = [column.id for column in table.columns].index(ALL)
    rows = tuple(
        replace(row, cells=(*row.cells, *_rate_cells(row, row.cells[at], rates, known)))
        for row in table.rows
    )
    notes = [_rate_note(rates, known), RATE_MEANING, *([RATE_OF_ROUNDED] if rounded else [])]
    return replace(
        table,
        columns=(*table.columns, *columns),
        rows=rows,
        notes=(*table.notes, *notes),
    )


def _rate_cells(
    row: Row, count: Cell, rates: PopulationRates, known: Mapping[BaseKey, PopulationBase]
) -> list[Cell]:
    """Base, rate, reliability and share of the base, for a row."""
    keys = rates.keys_of(row.id)
    if not keys or row.role == "measure":
        return _marked(NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE, rates)
    size = _summed(keys, known)
    if size is None:
        return _marked(NOT_AVAILABLE_MARK, NOT_AVAILABLE_MARK, NOT_APPLICABLE, rates)
    every = f"{row.id.rpartition('.')[0]}.all".removeprefix(".")
    comparator = _comparator_cells(size, _summed(rates.keys_of(every), known), rates)
    base = Cell(size, kind="number")
    if not isinstance(count.value, int) or count.mark:
        mark = count.mark or NOT_AVAILABLE_MARK
        rate, reliability = Cell(None, size, "number", mark=mark), NOT_APPLICABLE
    else:
        value, mark = rate_on(count.value, size, rates.per)
        # Its mark is in a column beside the rate, as a number in a file is a number alone.
        rate = Cell(value, size, "number", mark=mark if value is None else "", decimals=1)
        reliability = mark if value is not None and mark else NOT_APPLICABLE
    return [base, rate, Cell(None, kind="number", mark=reliability), *comparator]


def _marked(population: str, rate: str, reliability: str, rates: PopulationRates) -> list[Cell]:
    """Cells of a row without a base, each with a mark instead of a number."""
    cells = [Cell(None, kind="number", mark=mark) for mark in (population, rate, reliability)]
    return [*cells, *([Cell(None, kind="percent", mark=population)] if rates.comparator else [])]


def _summed(keys: Sequence[BaseKey], known: Mapping[BaseKey, PopulationBase]) -> int | None:
    """The sum of some values; None if one of them is not there."""
    values = [known[key].value if key in known else None for key in keys]
    return sum(value or 0 for value in values) if keys and None not in values else None


def _comparator_cells(size: int, every: int | None, rates: PopulationRates) -> list[Cell]:
    """The share of a base in that of all rows, if the table has a comparator."""
    if rates.comparator is None:
        return []
    if every is None:
        return [Cell(None, kind="percent", mark=NOT_AVAILABLE_MARK)]
    return [percent_cell(Cell(size), every)]


def _rate_note(rates: PopulationRates, known: Mapping[BaseKey, PopulationBase]) -> str:
    used = [known[key] for row in rates.rows for key in rates.keys_of(row) if key in known]
    bases = dict.fromkeys(f"{base.label} ({base.source})" for base in used)
    return RATE_NOTE.format(
        per=f"{rates.per:,}",
        of=rates.of,
        bases="; ".join(bases) or rates.of,
        indicator=f"“{used[0].name}”" if used else rates.indicator,
        day=date_in_words(rates.as_at),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
