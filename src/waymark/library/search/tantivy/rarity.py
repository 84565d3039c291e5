"""Weights that make a word as rare as it is in all its forms and languages together.

BM25 weighs a word by the documents that have it, each form by itself: "neglect" in the one Welsh
record of 1,000 that use the word would be worth three times as much as in the others. In 999
English records and 1 Welsh one, of 10,000, the English word weighs ln(10,000.5 / 999.5) = 2.3 and
the Welsh ln(10,000.5 / 1.5) = 8.8; the weight 2.3 / 8.8 makes both 2.3.
"""

from collections.abc import Sequence
from math import log1p

from tantivy import Searcher

Run = tuple[str, ...]
"""Adjacent terms."""


def run_weights(searcher: Searcher, field: str, runs: Sequence[Run]) -> list[tuple[Run, float]]:
    """Each run of terms that a text may be indexed as, with a weight from 0 to 1."""
    frequency = {run: min(searcher.doc_freq(field, term) for term in run) for run in runs}
    everywhere = min(sum(frequency.values()), searcher.num_docs)
    return [(run, _weight(searcher, number, everywhere)) for run, number in frequency.items()]


def form_weights(
    searcher: Searcher, field: str, letters: str, *, most: int
) -> list[tuple[str, float]]:
    """The commonest words that begin with some letters, each weighed as the commonest of them is.

    "neglectful" in one record must not lead those about neglect.
    """
    words = searcher.terms_with_prefix(field, letters, limit=most)
    frequency = {word: number for word, number in words if number}
    commonest = max(frequency.values(), default=0)
    return [(word, _weight(searcher, number, commonest)) for word, number in frequency.items()]


def _weight(searcher: Searcher, number: int, everywhere: int) -> float:
    if number == everywhere:
        return 1.0
    return _rarity(searcher, everywhere) / _rarity(searcher, number)


def _rarity(searcher: Searcher, documents: int) -> float:
    """The weight that BM25 gives a word in so many documents."""
    every = max(searcher.num_docs, documents)
    return log1p((every - documents + 0.5) / (documents + 0.5))
