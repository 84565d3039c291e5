"""Counts beside figures of a population: rates, comparators and pooled periods, in pandas.

Reviews contain only cases. So a rate is how many reviews or children there were for so many people,
and a comparator stands beside a share; nothing here divides one by the other.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from waymark.core.errors import RuleError
from waymark.core.near_names import did_you_mean
from waymark.core.tables import NOT_AVAILABLE_MARK, Cell, percent_cell
from waymark.overview.disclosure.engine.cube import check_count
from waymark.overview.tables.population_rates import rate_on

if TYPE_CHECKING:
    import pandas as pd


def rates(
    counts: "pd.Series", base: "pd.Series", *, per: int = 100_000, decimals: int = 1
) -> "pd.DataFrame":
    """Rates of counts on a base, such as the population of an indicator.

    counts: whole numbers or marks such as "[c]", one for each label. base: of the same labels; it
    may have more. Returns count, base, rate and mark by label. A rate of fewer than 3 events is not
    given ("[x]"); one of fewer than 20 has "[u]" beside it. Where the base is 0, "[z]"; a count
    with a mark keeps it. Raises RuleError for a label that the base has not, or if a count is
    larger than its base.

    12 of 48,000 per 100,000 -> 25.0 with [u].
    """
    import pandas as pd

    rows = [
        (count, size, *_rate(count, size, per, decimals, label))
        for label, count, size in _side_by_side(counts, base)
    ]
    frame = pd.DataFrame(rows, index=counts.index, columns=["count", "base", "rate", "mark"])
    frame.attrs["per"] = per
    return frame


def _rate(
    count: object, size: float | None, per: int, decimals: int, label: str
) -> tuple[float | None, str]:
    if isinstance(count, str):
        return None, count
    number = check_count(count, label)
    if size is None:
        return None, NOT_AVAILABLE_MARK
    if size and number > size:
        raise RuleError(
            f"{label}: {number} is more than its base, {size:g}: are the units the same?"
        )
    return rate_on(number, size, per, decimals)


def with_comparator(counts: "pd.Series", comparator: "pd.Series") -> "pd.DataFrame":
    """Counts and their shares beside the shares of a population with the same labels.

    comparator: numbers of people, such as a published indicator. Returns count, percent, comparator
    and comparator_percent by label: whole per cent, "[x]" on a base under 20 or where a number is
    withheld, "[low]" for more than nothing. Shares are of all labels together, so leave totals out.

    6 of 24 reviews beside 700 of 10,000 children: 25 beside 7.
    """
    import pandas as pd

    pairs = list(_side_by_side(counts, comparator))
    numbers = [None if isinstance(n, str) else check_count(n, label) for label, n, _ in pairs]
    sizes = [None if size is None else check_count(size, label) for label, _, size in pairs]
    rows = zip(counts, _shares(numbers), sizes, _shares(sizes), strict=True)
    columns = ["count", "percent", "comparator", "comparator_percent"]
    return pd.DataFrame(list(rows), index=counts.index, columns=columns, dtype=object)


def _shares(numbers: Sequence[int | None]) -> list[int | str]:
    """Whole percentages of all; none if one is missing, since the total is not known then."""
    if any(number is None for number in numbers):
        return [NOT_AVAILABLE_MARK] * len(numbers)
    total = sum(number or 0 for number in numbers)
    cells = [percent_cell(Cell(number), total) for number in numbers]
    return [cell.mark or int(cell.value or 0) for cell in cells]


def pooled_periods(counts: "pd.Series", *, years: int = 3) -> "pd.Series":
    """Counts of single years added up over periods that do not overlap: "2003 to 2005".

    counts: of consecutive years, in order; all must be numbers, so pool before protecting. A base
    of the same years is pooled alike. years: at least 2. Years at the end that fill no period are
    left out and named in attrs["left_out"]. Periods that overlap are not made: their difference
    would be the numbers of single years.

    2, 3, 5, 5, 4, 5 in 2003 to 2008 -> 10 and 14.
    """
    import pandas as pd

    if isinstance(years, bool) or not isinstance(years, int) or years < 2:
        raise RuleError(f"years is {years!r}: give how many years a period has, from 2")
    labels = [check_count(label, "a year") for label in counts.index]
    numbers = [check_count(count, str(year)) for year, count in zip(labels, counts, strict=True)]
    for year, following in pairwise(labels):
        if following != year + 1:
            raise RuleError(
                f"{following} follows {year}: give every year once and in order, with 0 if none"
            )
    whole = len(labels) - len(labels) % years
    if not whole:
        raise RuleError(f"{len(labels)} years are too few for a period of {years}")
    starts = range(0, whole, years)
    names = [f"{labels[at]} to {labels[at + years - 1]}" for at in starts]
    sums = [sum(numbers[at : at + years]) for at in starts]
    pooled = pd.Series(sums, index=pd.Index(names, name="period"), name=counts.name)
    pooled.attrs["left_out"] = labels[whole:]
    return pooled


def _side_by_side(counts: "pd.Series", base: "pd.Series") -> list[tuple[str, Any, float | None]]:
    """Each label with its count and its base; the base is None where it has no number."""
    import pandas as pd

    for name, series in (("counts", counts), ("the base", base)):
        if not isinstance(series, pd.Series):
            raise RuleError(f"{name} must be a Series of pandas, not {type(series).__name__}")
        if not series.index.is_unique:
            twice = series.index[series.index.duplicated()][0]
            raise RuleError(f"{name} has {twice} twice: add the numbers up first")
    sizes = dict(base.items())
    rows = []
    for label, count in counts.items():
        if label not in sizes:
            near = did_you_mean(str(label), map(str, sizes))
            raise RuleError(f"the base has no {label}{near}")
        size = sizes[label]
        missing = isinstance(size, str) or pd.isna(size)
        rows.append((str(label), _plain(count), None if missing else float(size)))
    return rows


def _plain(count: Any) -> object:
    return count.item() if hasattr(count, "item") else count
