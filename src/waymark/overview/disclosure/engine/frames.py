"""Protection of a table of counts in pandas: DataFrame or Series in, the same shape out, audited.

Every level of the index and of the columns is a dimension, so a Series with three levels, or a
DataFrame with two levels of rows and one of columns, is a three-way table.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from waymark.core.errors import RuleError, UnprotectableCount
from waymark.core.near_names import did_you_mean
from waymark.core.tables import WITHHELD_MARK
from waymark.overview.disclosure.engine.cells import CountSystem
from waymark.overview.disclosure.engine.cube import (
    ALL,
    CubeAxis,
    check_count,
    cube_system,
    key_of,
)
from waymark.overview.disclosure.engine.suppress import SuppressionPattern, suppress_counts

if TYPE_CHECKING:
    import pandas as pd

NAME = "table"
MOST_CELLS = 5_000
"""Cells with their totals; larger tables would take hours to protect."""
Label = Hashable
Place = tuple[Label, ...]
"""One label of each dimension, or the name of the total."""


@dataclass(frozen=True, slots=True, eq=False)
class ProtectedFrame:
    """A table that may be published, and the audit of what it withholds.

    table: the counts with all their totals, withheld ones replaced by the mark. audit: for staff,
    never for publication: one row for each withheld count, with its place, why it is withheld and
    the lowest and highest value that a reader can work out. k: the threshold.
    """

    table: "pd.DataFrame | pd.Series"
    audit: "pd.DataFrame"
    k: int


@dataclass(frozen=True, slots=True)
class _Dimension:
    """One level of the index or columns. name: "" if it has none; labels: in their order."""

    name: str
    labels: tuple[Label, ...]


def protect_frame(
    df: "pd.DataFrame | pd.Series",
    *,
    k: int = 5,
    mark: str = WITHHELD_MARK,
    weights: "pd.DataFrame | pd.Series | Mapping[Any, int] | None" = None,
    total: str = "All",
) -> ProtectedFrame:
    """Withhold counts of 1 to k - 1, and those from which they could be worked out.

    df: counts of people or records, without totals: these are added under the name in total. A
    combination of labels that is missing counts 0. k: at least 2. weights: how dear it is to
    withhold each count, whole numbers from 1; of the same labels as df, or by place, such as
    {("Under 1", "All"): 50}; others keep theirs, 1 for an inner cell and 6 for a total. The total
    of everything is taken to be known and is always shown.

    Raises RuleError for fractions, empty cells, repeated or unknown labels, totals among the
    labels, and UnprotectableCount (a RuleError) if no pattern is safe.

    2, 3, 9 at k = 3 -> [c], [c], 9 and 14 in all; the audit bounds both by 0 and 5.
    """
    if isinstance(k, bool) or not isinstance(k, int) or k < 2:
        raise RuleError(f"k is {k!r}: give a whole number from 2, the smallest count to show")
    if not mark or any(character.isdigit() for character in mark):
        raise RuleError(f"the mark {mark!r} could be read as a number: choose another, such as [c]")
    _check_frame(df)
    dimensions = [*_dimensions(df.index), *_dimensions(_columns_of(df))]
    counts = dict(_counts_by_place(df, dimensions))
    _check_labels(dimensions, total)
    system = _system(dimensions, counts)
    system = _weighted(system, dimensions, weights, total)
    try:
        pattern = suppress_counts(system, k, insiders=True)
    except UnprotectableCount as error:
        place = _words({key: at for at, key in _keys(dimensions, total)}[error.key])
        raise UnprotectableCount(place, error.reason) from None
    return ProtectedFrame(
        _protected(df, dimensions, pattern, mark, total),
        _audit(dimensions, pattern, total),
        k,
    )


def _check_frame(df: object) -> None:
    import pandas as pd

    if not isinstance(df, (pd.DataFrame, pd.Series)):
        raise RuleError(
            f"protect_frame takes a DataFrame or a Series of pandas, not {type(df).__name__}"
        )


def _dimensions(index: Any) -> list[_Dimension]:
    """The levels of an index, each with its labels in the order in which they first appear."""
    if index is None:
        return []
    levels = [index.get_level_values(at) for at in range(index.nlevels)]
    return [
        _Dimension("" if level.name is None else str(level.name), tuple(dict.fromkeys(level)))
        for level in levels
    ]


def _check_labels(dimensions: Sequence[_Dimension], total: str) -> None:
    cells = 1
    for dimension in dimensions:
        cells *= len(dimension.labels) + 1
        if not dimension.labels:
            raise RuleError("the table is empty: there is nothing to protect")
        for label in dimension.labels:
            if str(label).strip().lower() == total.strip().lower():
                raise RuleError(
                    f"the label {label!r} is the name of the total. Leave totals out of the table:"
                    " they are worked out. If it is no total, name the total otherwise, as in"
                    ' total="Everyone"'
                )
            if _is_empty(label):
                raise RuleError("a label is empty: name it, such as Not recorded")
    if cells > MOST_CELLS:
        raise RuleError(f"the table has {cells:,} cells with its totals, of at most {MOST_CELLS:,}")


def _counts_by_place(
    df: "pd.DataFrame | pd.Series", dimensions: Sequence[_Dimension]
) -> Iterator[tuple[Place, int]]:
    seen: set[Place] = set()
    for place, count in _cells(df):
        if place in seen:
            raise RuleError(f"{_words(place)} is there twice: add the counts up first")
        seen.add(place)
        yield place, check_count(_plain(count), _words(place))


def _columns_of(df: Any) -> Any:
    """The columns of a DataFrame; None for a Series, which may have a label "columns"."""
    import pandas as pd

    return df.columns if isinstance(df, pd.DataFrame) else None


def _cells(df: Any) -> Iterator[tuple[Place, Any]]:
    """Each cell by its labels, read by position, since labels may be there twice."""
    columns = _columns_of(df)
    for row, label in enumerate(df.index):
        if columns is None:
            yield _tuple(label), df.iat[row]
            continue
        for column, head in enumerate(columns):
            yield _tuple(label) + _tuple(head), df.iat[row, column]


def _plain(count: Any) -> object:
    """A number of pandas as one of Python: None and pd.NA are empty cells."""
    if _is_empty(count):
        return float("nan")
    return count.item() if hasattr(count, "item") else count


def _is_empty(label: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(label))


def _tuple(label: Any) -> Place:
    return label if isinstance(label, tuple) else (label,)


def _words(place: Place) -> str:
    return " and ".join(str(label) for label in place)


def _system(dimensions: Sequence[_Dimension], counts: Mapping[Place, int]) -> CountSystem:
    """The cube of the table. Leaves are the positions of labels, so that any label may be used."""
    axes = [CubeAxis(tuple(str(at) for at in range(len(each.labels)))) for each in dimensions]
    positions = [{label: str(at) for at, label in enumerate(each.labels)} for each in dimensions]
    leaves = {
        tuple(position[label] for position, label in zip(positions, place, strict=True)): count
        for place, count in counts.items()
    }
    return cube_system(NAME, axes, leaves)


def _keys(dimensions: Sequence[_Dimension], total: str) -> Iterator[tuple[Place, str]]:
    """Every place of the table with totals, and the key of its count."""
    nodes = [
        [*((label, str(at)) for at, label in enumerate(each.labels)), (total, ALL)]
        for each in dimensions
    ]
    for cell in product(*nodes):
        yield tuple(label for label, _ in cell), key_of(NAME, [node for _, node in cell])


def _weighted(
    system: CountSystem, dimensions: Sequence[_Dimension], weights: Any, total: str
) -> CountSystem:
    """The system with the weights that were given."""
    if weights is None:
        return system
    weight_of_place = dict(_weights_by_place(weights))
    keys = dict(_keys(dimensions, total))
    for place in weight_of_place:
        if place not in keys:
            near = did_you_mean(_words(place), map(_words, keys))
            raise RuleError(
                f"weights: {_words(place)} is no place of the table, which has {len(dimensions)}"
                f" dimensions{near}"
            )
    by_key = {keys[place]: weight for place, weight in weight_of_place.items()}
    return replace(
        system,
        counts=tuple(
            replace(count, weight=by_key.get(count.key, count.weight)) for count in system.counts
        ),
    )


def _weights_by_place(weights: Any) -> Iterator[tuple[Place, int]]:
    cells = weights.items() if isinstance(weights, Mapping) else _cells(weights)
    for label, weight in cells:
        place = _tuple(label)
        number = check_count(_plain(weight), f"the weight of {_words(place)}")
        if not number:
            raise RuleError(f"the weight of {_words(place)} is 0: give at least 1")
        yield place, number


def _protected(
    df: Any,
    dimensions: Sequence[_Dimension],
    pattern: SuppressionPattern,
    mark: str,
    total: str,
) -> "pd.DataFrame | pd.Series":
    """The table in its shape, with totals last in every dimension."""
    import pandas as pd

    values_of_cells = {
        place: mark if key in pattern.withheld else pattern.system.count(key).value
        for place, key in _keys(dimensions, total)
    }
    down = df.index.nlevels
    rows = _index(dimensions[:down], total)
    if _columns_of(df) is None:
        values = [values_of_cells[_tuple(row)] for row in rows]
        return pd.Series(values, index=rows, name=df.name, dtype=object)
    columns = _index(dimensions[down:], total)
    body = [[values_of_cells[_tuple(row) + _tuple(column)] for column in columns] for row in rows]
    return pd.DataFrame(body, index=rows, columns=columns, dtype=object)


def _index(dimensions: Sequence[_Dimension], total: str) -> Any:
    import pandas as pd

    labels = [[*each.labels, total] for each in dimensions]
    names = [each.name or None for each in dimensions]
    if len(labels) == 1:
        return pd.Index(labels[0], name=names[0], dtype=object)
    return pd.MultiIndex.from_product(labels, names=names)


def _audit(
    dimensions: Sequence[_Dimension], pattern: SuppressionPattern, total: str
) -> "pd.DataFrame":
    import pandas as pd

    names = [each.name or f"dimension {at}" for at, each in enumerate(dimensions, start=1)]
    bounds = pattern.intervals()
    rows = [
        (
            *place,
            f"under {pattern.k}" if key in pattern.primaries else "protects another count",
            bounds[key].least,
            bounds[key].most,
        )
        for place, key in _keys(dimensions, total)
        if key in pattern.withheld
    ]
    audit = pd.DataFrame(rows, columns=[*names, "reason", "lowest", "highest"])
    return audit.astype({"lowest": "Int64", "highest": "Int64"})
