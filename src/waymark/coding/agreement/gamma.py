"""Gamma: how near the spans of coders lie to each other, in place and in code.

Spans of different coders are aligned: each alignment holds at most one span of each coder, each
span is in one alignment, and the disorder of all alignments together is the least possible. Gamma
is 1 - disorder / expected disorder, the latter from samples in which the spans of the coders are
moved along the text. Source: Mathet, Widlöcher and Métivier, "The unified and holistic method
gamma", Computational Linguistics 41(3), 2015.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

from waymark.coding.agreement.spans import CodedSpan, lengths_of
from waymark.core.errors import RuleError
from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import numpy as np
    import scipy
    from numpy.typing import NDArray

    from waymark.coding.agreement.ratings import Floats
else:
    np = LaterModule("numpy")
    scipy = LaterModule("scipy")

EMPTY = 1.0
"""Dissimilarity of a span and none."""
FEWEST_SAMPLES = 30
MOST_SAMPLES = 300
PRECISION = 0.02
"""The expected disorder is sampled until it is known to this share of itself, 95 times in 100."""
MOST_CANDIDATES = 500_000
SEED = 20150


@dataclass(frozen=True, slots=True)
class Gamma:
    """Gamma with the disorder that it compares. samples: drawn for the expected disorder."""

    value: float
    observed: float
    expected: float
    samples: int


@dataclass(frozen=True, slots=True, eq=False)
class DocumentDisorders:
    """Disorder of the spans of each document: as marked, (documents,), and in each sample in which
    they are moved along the text, (samples, documents). size: spans of a coder, on average."""

    observed: Floats
    sampled: Floats
    size: float

    def gamma(self) -> Gamma:
        """Gamma of all documents."""
        observed, expected = float(self.observed.sum()), float(self.sampled.sum(axis=1).mean())
        value = 1.0 if not observed else 1 - observed / expected
        return Gamma(value, observed / self.size, expected / self.size, len(self.sampled))

    def gammas(self, times: Floats) -> Floats:
        """Gamma of each draw; not a number where it has no spans.

        times: how often each draw has each document, shape (n, documents).
        """
        observed, expected = times @ self.observed, times @ self.sampled.mean(axis=0)
        unlike = np.divide(
            observed, expected, out=np.full_like(observed, np.nan), where=expected > 0
        )
        gammas: Floats = 1 - unlike
        return gammas


def gamma(spans: Sequence[CodedSpan], coders: Sequence[str], *, seed: int = SEED) -> Gamma | None:
    """Gamma in (-inf, 1] of the spans of all documents; None if fewer than two coders marked any.

    Raises RuleError if so many spans overlap that the alignments cannot be compared.
    """
    if len({span.coder for span in spans}) < 2:
        return None
    return document_disorders(spans, coders, lengths_of(spans), seed=seed).gamma()


def document_disorders(
    spans: Sequence[CodedSpan],
    coders: Sequence[str],
    documents: Iterable[str],
    *,
    seed: int = SEED,
) -> DocumentDisorders:
    """The disorders of documents, those without spans too. Raises RuleError as gamma()."""
    marked: dict[str, list[CodedSpan]] = {document: [] for document in documents}
    for span in spans:
        marked[span.document].append(span)
    observed = [total_disorder(own, coders) if own else 0.0 for own in marked.values()]
    random = np.random.default_rng(seed)
    sampled: list[list[float]] = []
    while len(sampled) < _samples_needed([sum(sample) for sample in sampled]):
        sampled.append(
            [
                total_disorder(list(_moved(own, coders, random)), coders) if own else 0.0
                for own in marked.values()
            ]
        )
    return DocumentDisorders(np.array(observed), np.array(sampled), len(spans) / len(coders))


def _samples_needed(sampled: Sequence[float]) -> float:
    if len(sampled) < FEWEST_SAMPLES:
        return FEWEST_SAMPLES
    mean = float(np.mean(sampled))
    spread = float(np.std(sampled, ddof=1)) / mean if mean else 0.0
    return min(MOST_SAMPLES, (1.96 * spread / PRECISION) ** 2)


def _moved(
    spans: Sequence[CodedSpan], coders: Sequence[str], random: np.random.Generator
) -> Iterator[CodedSpan]:
    """Spans as coders might mark who do not read: for each the spans of any coder, moved along.

    What is moved past the end comes in again at the beginning.
    """
    begin = min(span.start for span in spans)
    length = max(span.end for span in spans) - begin
    for coder in coders:
        model = coders[int(random.integers(len(coders)))]
        move = random.uniform(0, length)
        for span in spans:
            if span.coder == model:
                start = begin + (span.start - begin + move) % length
                yield replace(span, coder=coder, start=start, end=start + span.end - span.start)


def dissimilarities(first: Sequence[CodedSpan], second: Sequence[CodedSpan]) -> Floats:
    """Dissimilarity of each two spans, from 0: of their places, plus 1 if their codes differ."""
    a, b = _ends(first), _ends(second)
    apart = np.abs(a[:, None, :] - b[None, :, :]).sum(axis=2)
    sizes = (a[:, 1] - a[:, 0])[:, None] + (b[:, 1] - b[:, 0])[None, :]
    codes = np.array([[x.code != y.code for y in second] for x in first], dtype=float)
    unlike: Floats = EMPTY * ((apart / sizes) ** 2 + codes.reshape(len(a), len(b)))
    return unlike


def _ends(spans: Sequence[CodedSpan]) -> Floats:
    return np.array([(span.start, span.end) for span in spans], dtype=float).reshape(-1, 2)


def total_disorder(spans: Sequence[CodedSpan], coders: Sequence[str]) -> float:
    """The least disorder of alignments of the spans of one text, added up over alignments."""
    own = [[span for span in spans if span.coder == coder] for coder in coders]
    if len(coders) == 2:
        return _disorder_of_two(*own)
    return _disorder_of_many(own)


def _disorder_of_two(first: Sequence[CodedSpan], second: Sequence[CodedSpan]) -> float:
    """As an assignment: each span goes to one of the other coder, or to an empty place."""
    n, m = len(first), len(second)
    costs = np.full((n + m, n + m), EMPTY)
    costs[:n, :m] = dissimilarities(first, second)
    costs[n:, m:] = 0.0
    rows, columns = scipy.optimize.linear_sum_assignment(costs)
    return float(costs[rows, columns].sum())


def _disorder_of_many(own: Sequence[Sequence[CodedSpan]]) -> float:
    """As an integer program: of all alignments that can be in a best one, each span has one."""
    starts = np.concatenate([[0], np.cumsum([len(spans) for spans in own])])
    candidates, costs = _candidates(own)
    if not costs:
        return 0.0
    entries = [
        (int(starts[coder]) + span, column)
        for column, alignment in enumerate(candidates)
        for coder, span in enumerate(alignment)
        if span >= 0
    ]
    rows, columns = np.array(entries).T
    shape = int(starts[-1]), len(candidates)
    each_once = scipy.sparse.csc_array((np.ones(len(entries)), (rows, columns)), shape=shape)
    solved = scipy.optimize.milp(
        np.array(costs),
        constraints=scipy.optimize.LinearConstraint(each_once, 1, 1),
        integrality=np.ones(len(costs)),
        bounds=scipy.optimize.Bounds(0, 1),
    )
    if solved.fun is None:
        raise RuleError("gamma: the spans cannot be aligned in the time allowed")
    return float(solved.fun)


def _candidates(
    own: Sequence[Sequence[CodedSpan]],
) -> tuple[list[tuple[int, ...]], list[float]]:
    """Alignments, a span of each coder or -1, and the disorder of each: the mean over its pairs.

    An alignment whose disorder is more than that of its spans each alone is in no best one.
    """
    coders = len(own)
    pairs = comb(coders, 2)
    between = {
        (i, j): _with_empty(dissimilarities(own[i], own[j]))
        for i, j in combinations(range(coders), 2)
    }
    limit = coders * EMPTY * pairs
    open_: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    for coder, spans in enumerate(own):
        grown: list[tuple[tuple[int, ...], float]] = []
        places: NDArray[np.intp] = np.array([*range(len(spans)), -1])
        for alignment, cost in open_:
            added = cost + sum(
                (between[before, coder][span, places] for before, span in enumerate(alignment)),
                start=np.zeros(len(places)),
            )
            grown += [
                ((*alignment, int(place)), float(each))
                for place, each in zip(places, added, strict=True)
                if each <= limit
            ]
            if len(grown) > MOST_CANDIDATES:
                raise RuleError(
                    "gamma: too many spans overlap to compare their alignments: compare fewer "
                    "codes or coders at once"
                )
        open_ = grown
    candidates = [
        (spans, cost / pairs) for spans, cost in open_ if any(span >= 0 for span in spans)
    ]
    return [spans for spans, _ in candidates], [cost for _, cost in candidates]


def _with_empty(costs: Floats) -> Floats:
    """The costs with a last row and column for no span, which index -1 finds."""
    padded = np.full((costs.shape[0] + 1, costs.shape[1] + 1), EMPTY)
    padded[:-1, :-1] = costs
    return padded
