"""nDCG: how near an order of answers comes to the best one there is.

DCG of grades g1, g2, ... is the sum of (2^g - 1) / log2(place + 1) over the first k places; nDCG is
that of the order given over that of the best order of everything judged (Jarvelin and Kekalainen,
2002). 1.0: nobody could have ordered it better; 0.0: nothing judged was found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path

import yaml

QUERIES = Path(__file__).with_name("queries.yaml")


@dataclass(frozen=True)
class Judged:
    """A query with the grade of each record that matters to it."""

    ask: str
    grades: Mapping[str, int]


def judged_queries(group: str = "queries") -> list[Judged]:
    """The judged queries of the demo collection: the first ones, or those of "practice"."""
    read = yaml.safe_load(QUERIES.read_text("utf-8"))
    return [
        Judged(str(entry["ask"]), {name: grade for name, grade in entry.items() if name != "ask"})
        for entry in read[group]
    ]


def queries_for_nothing() -> list[str]:
    """Searches for which the demo collection has no record."""
    return list(yaml.safe_load(QUERIES.read_text("utf-8"))["nothing"])


def dcg(grades: Sequence[int], k: int = 10) -> float:
    """The discounted gain of grades in their order."""
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades[:k]))


def ndcg(references: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Of names in the order found; a name that was not judged has grade 0."""
    best = dcg(sorted(grades.values(), reverse=True), k)
    return dcg([grades.get(name, 0) for name in references], k) / best
