"""Confidence intervals for shares in a sample, and for nothing else. Pure.

The reviews of an overview are mostly all that there were: an interval would then mean nothing, and
the table shows bounds for what reports do not mention instead. If reviews were drawn from more, a
share has a Wilson score interval, calculated from the count that is printed. A rounded count has
none: the interval would be of the rounding, not of the sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from waymark.core.errors import RuleError
from waymark.core.shares import wilson_interval
from waymark.core.tables import (
    LOW_MARK,
    NOT_AVAILABLE_MARK,
    PERCENT_FLOOR,
    Cell,
    Column,
    Row,
    Table,
)
from waymark.overview.spec.names import INTERVAL
from waymark.overview.spec.schema import AnyTable, CrosstabTable
from waymark.overview.spec.selection import SampleDescription, not_a_sample

LABELS = ("95% interval, lower", "95% interval, upper")
COUNTS = ("recorded", "n")
"""The column of which a percentage is the share: of factors, of all others."""
SAMPLE_NOTE = (
    "95% interval: the Wilson score interval of the share, in per cent, as of {drawn} reviews drawn"
    " from {population}: {of}. Method: {how}. It is corrected for the part that was read. It"
    " shows how far the share may be from the share in all {population}. It shows nothing about"
    " other reviews or families, or about what reports do not mention."
)
ROUNDED_NOTE = (
    "The reviews are a sample of {population} ({of}; drawn: {how}). No 95% interval is given,"
    " because the numbers are rounded."
)
REVIEWS_ONLY = (
    "Only counts of reviews have an interval, because reviews were drawn, not the children or"
    " recommendations in them."
)


@dataclass(frozen=True, slots=True)
class DrawnSample:
    """A sample: how many reviews were drawn and read, and the population they are from."""

    reviews: int
    sample: SampleDescription

    def __post_init__(self) -> None:
        if self.sample.population <= self.reviews:
            raise RuleError(not_a_sample(self.reviews, self.sample.population))


def with_intervals(
    table: Table, spec: AnyTable, drawn: DrawnSample | None, *, rounded: bool = False
) -> Table:
    """A finished table with an interval beside each share of reviews.

    drawn: None if the reviews are not a sample; the table then stays as it is. Only what the table
    prints is used, so a withheld number has no interval. rounded: numbers are printed rounded, so
    there are no intervals, and a note says why.
    """
    ids = [column.id for column in table.columns]
    count = next((name for name in COUNTS if name in ids), None)
    if drawn is None or count is None or "percent" not in ids:
        return table
    sample = {
        "population": f"{drawn.sample.population:,}",
        "of": drawn.sample.of,
        "how": drawn.sample.drawn.rstrip("."),
    }
    if rounded:
        return replace(table, notes=(*table.notes, ROUNDED_NOTE.format(**sample)))
    # The interval columns follow the share directly; columns after them move to the right.
    after = ids.index("percent") + 1
    of_reviews = [_is_of_reviews(row, spec) for row in table.rows]
    explanation = SAMPLE_NOTE.format(drawn=drawn.reviews, **sample)
    notes = [explanation] if any(of_reviews) else []
    notes += [] if all(of_reviews) else [REVIEWS_ONLY]
    if not any(of_reviews):
        return replace(table, notes=(*table.notes, *notes))
    both = tuple(Column(*names, "percent") for names in zip(INTERVAL, LABELS, strict=True))
    # The places of the count and of its share in a row: n, per cent -> 0 and 1, and the interval
    # goes to 2 and 3.
    at = (ids.index(count), after - 1)
    rows = tuple(
        replace(
            row,
            cells=_with_cells(
                row, after, _interval_cells(row, *at, drawn, of_reviews=counts_reviews)
            ),
        )
        for row, counts_reviews in zip(table.rows, of_reviews, strict=True)
    )
    columns = (*table.columns[:after], *both, *table.columns[after:])
    return replace(table, columns=columns, rows=rows, notes=(*table.notes, *notes))


def _is_of_reviews(row: Row, spec: AnyTable) -> bool:
    """True if a row counts reviews: only reviews were drawn."""
    if not isinstance(spec, CrosstabTable):
        return True
    several = len(spec.blocks) > 1
    return any(
        block.unit == "review" and (not several or row.id.startswith(f"{block.id}."))
        for block in spec.blocks
    )


def _with_cells(row: Row, after: int, cells: Sequence[Cell]) -> tuple[Cell, ...]:
    return (*row.cells[:after], *cells, *row.cells[after:])


def _interval_cells(
    row: Row, count: int, share: int, drawn: DrawnSample, *, of_reviews: bool
) -> tuple[Cell, Cell]:
    """Both ends for a row, or the mark of its share; a total has no share, so no interval."""
    number, percent = row.cells[count], row.cells[share]
    base = percent.base or 0
    # [z]: no share of reviews. [c], [x]: the mark of the share or its count. [x] also for a base
    # under 20, for which the table prints no share either. A share that rounds to 0 has an
    # interval.
    if not of_reviews or row.role in {"total", "measure"}:
        mark = "[z]"
    elif (
        percent.mark not in {"", LOW_MARK}
        or not isinstance(number.value, int)
        or base < PERCENT_FLOOR
    ):
        mark = percent.mark or number.mark or NOT_AVAILABLE_MARK
    else:
        ends = wilson_interval(
            number.value, base, drawn=drawn.reviews, population=drawn.sample.population
        )
        low, high = (Cell(_whole_percent(end), base, "percent") for end in ends)
        return low, high
    cell = Cell(None, base or None, "percent", mark=mark)
    return cell, cell


def _whole_percent(share: float) -> int:
    """A share in whole per cent, halves rounded up."""
    return int(Decimal(repr(100 * share)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
