"""Tables of any number of dimensions, with subtotals, as systems of counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import isnan, prod
from numbers import Real

from waymark.core.errors import RuleError
from waymark.core.near_names import did_you_mean
from waymark.overview.disclosure.engine.cells import (
    MARGIN,
    Count,
    CountSystem,
    Equation,
    Exposure,
    adds_up,
)

ALL = "all"


@dataclass(frozen=True, slots=True)
class CubeAxis:
    """One dimension: its leaves in order, and sums: node -> what it is the sum of.

    A sum may be of leaves or of other sums. Without sums, all leaves add up to "all". Raises
    RuleError if there is no leaf, two nodes have one name, or a sum is of an unknown node.
    """

    leaves: tuple[str, ...]
    sums: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        if not self.leaves:
            raise RuleError("an axis needs at least one leaf")
        nodes = [*self.leaves, *(node for node, _ in self.all_sums)]
        if ALL in self.leaves and not self.sums:
            raise RuleError(
                f'a leaf cannot be called "{ALL}", which is the name of the total: rename it, or'
                " give the total another name with sums"
            )
        if twice := sorted({node for node in nodes if nodes.count(node) > 1}):
            raise RuleError(f"an axis has the name {twice[0]!r} twice: rename one")
        for node, parts in self.all_sums:
            for part in parts:
                if part not in nodes:
                    near = did_you_mean(part, nodes)
                    raise RuleError(f"{node!r} is a sum of {part!r}, which does not exist{near}")

    @property
    def all_sums(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return self.sums or ((ALL, self.leaves),)

    def leaves_of(self, node: str) -> tuple[str, ...]:
        """The leaves that a node is the sum of, each once; a leaf is its own."""
        parts = dict(self.all_sums).get(node)
        if parts is None:
            return (node,)
        return tuple(dict.fromkeys(leaf for part in parts for leaf in self.leaves_of(part)))


def key_of(name: str, nodes: Sequence[str]) -> str:
    """The key of one cell of a cube."""
    return f"{name}:{'|'.join(nodes)}"


def cube_system(
    name: str,
    axes: Sequence[CubeAxis],
    counts: Mapping[tuple[str, ...], int],
    *,
    known: Callable[[tuple[str, ...]], bool] = lambda nodes: False,
) -> CountSystem:
    """A table with all its margins. counts: by leaf of every axis; absent ones are 0.

    The grand total is known; known: which other cells are. Margins weigh MARGIN times. Raises
    RuleError for a key that is no leaf of every axis, and for a number that is no count.

    Two natures by two outcomes: 4 inner cells, 2 + 2 margins and the total make 9 counts, with one
    equation for each of 3 rows and 3 columns.
    """
    for key, count in counts.items():
        _check_key(key, axes)
        check_count(count, f"{name} {key}")
    # Axes nature (assault, neglect) and outcome (died, lives), each with "all": the nodes are 3 by
    # 3, and product() gives 9 cells from (assault, died) to (all, all).
    nodes = [(*axis.leaves, *(node for node, _ in axis.all_sums)) for axis in axes]
    cells: list[Count] = []
    for cell in product(*nodes):
        leaves = [axis.leaves_of(node) for axis, node in zip(axes, cell, strict=True)]
        value = sum(int(counts.get(leaf, 0)) for leaf in product(*leaves))
        inner = all(node in axis.leaves for axis, node in zip(axes, cell, strict=True))
        # All leaves of all axes: the grand total, however the node that sums them is called.
        whole = prod(map(len, leaves)) == prod(len(axis.leaves) for axis in axes)
        exposed: Exposure = "known" if known(cell) or (whole and not inner) else "sensitive"
        cells.append(Count(key_of(name, cell), value, exposed, 1 if inner else MARGIN))
    return CountSystem(tuple(cells), tuple(_cube_equations(name, axes, nodes)))


def _check_key(key: object, axes: Sequence[CubeAxis]) -> None:
    """Raise RuleError unless the key names one leaf of each axis, in their order."""
    if not isinstance(key, tuple) or len(key) != len(axes):
        raise RuleError(f"the key {key!r} must be a tuple of {len(axes)} names, one of each axis")
    for at, (leaf, axis) in enumerate(zip(key, axes, strict=True), start=1):
        if leaf in axis.leaves:
            continue
        if leaf in dict(axis.all_sums):
            raise RuleError(f"the key {key!r}: {leaf!r} is a total: leave it out, it is worked out")
        near = did_you_mean(str(leaf), axis.leaves)
        raise RuleError(f"the key {key!r}: {leaf!r} is no leaf of axis {at}{near}")


def check_count(count: object, place: str) -> int:
    """A count as a whole number. Raises RuleError with the reason if it is none.

    2.0 and the numbers of numpy are counts; 2.5, an empty cell, "2" and True are not.
    """
    if isinstance(count, bool) or not isinstance(count, Real):
        raise RuleError(f"{place}: {count!r} is not a number; write 0 for none")
    number = float(count)
    if isnan(number):
        raise RuleError(f"{place} is empty: write 0 if nothing was counted")
    if not number.is_integer():
        raise RuleError(
            f"{place} is {count}: only whole numbers of people or records can be protected. Protect"
            " the counts from which a rate, a percentage or a weighted number is made"
        )
    if number < 0:
        raise RuleError(f"{place} is {count}: a count is never negative")
    return int(number)


def _cube_equations(
    name: str, axes: Sequence[CubeAxis], nodes: Sequence[Sequence[str]]
) -> list[Equation]:
    equations = []
    for place, axis in enumerate(axes):
        others = [*nodes[:place], *nodes[place + 1 :]]
        for node, parts in axis.all_sums:
            for rest in product(*others):
                before, after = rest[:place], rest[place:]
                equations.append(
                    adds_up(
                        key_of(name, (*before, node, *after)),
                        [key_of(name, (*before, part, *after)) for part in parts],
                    )
                )
    return equations
