"""Tables of any number of dimensions, with subtotals, as systems of counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

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

    A sum may be of leaves or of other sums. Without sums, all leaves add up to "all".
    """

    leaves: tuple[str, ...]
    sums: tuple[tuple[str, tuple[str, ...]], ...] = ()

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

    The grand total is known; known: which other cells are. Margins weigh MARGIN times.

    Two natures by two outcomes: 4 inner cells, 2 + 2 margins and the total make 9 counts, with one
    equation for each of 3 rows and 3 columns.
    """
    # Axes nature (assault, neglect) and outcome (died, lives), each with "all": the nodes are 3 by
    # 3, and product() gives 9 cells from (assault, died) to (all, all).
    nodes = [(*axis.leaves, *(node for node, _ in axis.all_sums)) for axis in axes]
    cells: list[Count] = []
    for cell in product(*nodes):
        leaves = [axis.leaves_of(node) for axis, node in zip(axes, cell, strict=True)]
        value = sum(counts.get(leaf, 0) for leaf in product(*leaves))
        inner = all(node in axis.leaves for axis, node in zip(axes, cell, strict=True))
        # All leaves of all axes: the grand total, however the node that sums them is called.
        whole = prod(map(len, leaves)) == prod(len(axis.leaves) for axis in axes)
        exposed: Exposure = "known" if known(cell) or (whole and not inner) else "sensitive"
        cells.append(Count(key_of(name, cell), value, exposed, 1 if inner else MARGIN))
    return CountSystem(tuple(cells), tuple(_cube_equations(name, axes, nodes)))


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
