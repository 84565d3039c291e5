"""Draw of the reviews of a round: who codes which, and which two people code. Pure.

The same reviews, coders, share and seed always give the same draw, on any computer and in any
version of Python: only `random.Random(seed).random()` is used, whose numbers are fixed.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from math import floor
from random import Random

from waymark.core.errors import RuleError


def number_double_coded(reviews: int, share: int) -> int:
    """How many of so many reviews two people code: a share in per cent, halves up."""
    return floor(reviews * share / 100 + 0.5)


def draw_assignments(
    reviews: Iterable[str], coders: Iterable[str], *, share: int, seed: int
) -> dict[str, tuple[str, ...]]:
    """Reference of each review -> its one or two coders, first coder first.

    Work is spread evenly: each pair of coders gets as many reviews as any other, give or take one.
    Raises RuleError without reviews or coders, or if two are needed and there is one.
    """
    # Example: 4 reviews, coders a and b, share 50: two reviews go to both, one to a and one to b.
    references, names = sorted(set(reviews)), sorted(set(coders))
    if not references or not names:
        raise RuleError("a round needs at least one review and one coder")
    doubles = number_double_coded(len(references), share)
    if doubles and len(names) < 2:
        raise RuleError("double coding needs at least two coders")
    random = Random(seed)  # noqa: S311 - a draw that anyone can repeat, not a secret
    order = sorted(references, key=lambda _: random.random())
    load: Counter[str] = Counter(dict.fromkeys(names, 0))
    met: Counter[tuple[str, ...]] = Counter()
    drawn: dict[str, tuple[str, ...]] = {}
    for place, reference in enumerate(order):
        groups = combinations(names, 2 if place < doubles else 1)
        group = min(
            groups,
            key=lambda who: (met[who], sum(load[name] for name in who), random.random()),
        )
        met[group] += 1
        load.update(group)
        # The first coder counts as such in the figures, so it is not always the same one.
        first = group if random.random() < 0.5 else group[::-1]
        drawn[reference] = first
    return {reference: drawn[reference] for reference in references}
