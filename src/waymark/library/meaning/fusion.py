"""Reciprocal rank fusion: one order out of several (Cormack, Clarke and Buettcher, 2009)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

FLATNESS = 60
"""Their value: how little the first places of an order count for more than those after them."""


def fused(orders: Iterable[Sequence[int]]) -> list[int]:
    """All numbers of the orders, each weighed by the sum of 1 / (FLATNESS + place) over its places.

    Orders count alike. What has equal weights keeps the sequence of the first order that has it.
    """
    weights: dict[int, float] = defaultdict(float)
    for order in orders:
        for place, number in enumerate(order, 1):
            weights[number] += 1 / (FLATNESS + place)
    return sorted(weights, key=lambda number: -weights[number])
