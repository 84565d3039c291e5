"""Weights that make a word as rare as it is in all its forms and languages together.

BM25 weighs a word by the documents that have it, each form by itself: "neglect" in the one Welsh
record of 1,000 that use the word would be worth three times as much as in the others. In 999
English records and 1 Welsh one, of 10,000, the English word weighs ln(10,000.5 / 999.5) = 2.3 and
the Welsh ln(10,000.5 / 1.5) = 8.8; the weight 2.3 / 8.8 makes both 2.3.

The index of an audience also has what it may see at another time (before or after an embargo), and
deleted documents until their segment is merged. Words are as rare as they are in what the audience
may see now: else a word of a record under embargo would change the order of public ones. BM25
weighs a word by all documents, so its weight is set right by a factor. The mean length of texts,
which BM25 knows too, cannot be set right so, which is why visitors have an index of their own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log1p

from tantivy import Occur, Query, Schema, Searcher

Run = tuple[str, ...]
"""Adjacent terms."""


@dataclass(frozen=True, slots=True)
class WordCounts:
    """How many documents have a word. seen: filter for those that an audience may see now.

    marks: the values of the field `audience` of which each document of its index has one.
    """

    schema: Schema
    searcher: Searcher
    seen: Query
    marks: tuple[str, ...]
    _counted: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def every(self) -> int:
        """The number of documents that the audience may see."""
        if ("", "") not in self._counted:
            self._counted["", ""] = count_documents(self.searcher, self.seen)
        return self._counted["", ""]

    @property
    def indexed(self) -> int:
        """The number of documents in BM25, with those that are deleted and not yet merged away."""
        return sum(int(self.searcher.doc_freq("audience", mark)) for mark in self.marks)

    @property
    def hides(self) -> bool:
        """True if BM25 counts documents that the audience may not see."""
        return self.every < self.indexed

    def documents(self, name: str, term: str) -> int:
        """The number of documents with a term in a field, of those that the audience may see."""
        if not self.hides:
            return int(self.searcher.doc_freq(name, term))
        if (name, term) not in self._counted:
            having = Query.term_query(self.schema, name, term)
            clauses = [(Occur.Must, having), (Occur.Must, self.seen)]
            query = Query.boolean_query(clauses)
            self._counted[name, term] = count_documents(self.searcher, query)
        return self._counted[name, term]

    def factor(self, name: str, terms: Iterable[str]) -> float:
        """What BM25's weight of terms is multiplied by, to be that of what the audience may see."""
        if not self.hides:
            return 1.0
        listed = list(terms)
        here = sum(_rarity(self.every, self.documents(name, term)) for term in listed)
        numbers = [int(self.searcher.doc_freq(name, term)) for term in listed]
        everywhere = sum(_rarity(self.indexed, number) for number in numbers)
        return here / everywhere


def count_documents(searcher: Searcher, query: Query) -> int:
    """Count the documents of a query by an aggregation, which is fast because it scores nothing."""
    counted = searcher.aggregate(query, {"found": {"value_count": {"field": "number"}}})
    return int(counted["found"]["value"])


def run_weights(counts: WordCounts, name: str, runs: Sequence[Run]) -> list[tuple[Run, float]]:
    """Each run of terms that a text may be indexed as, with a weight from 0 to 1."""
    frequency = {run: min(counts.documents(name, term) for term in run) for run in runs}
    everywhere = min(sum(frequency.values()), counts.every)
    return [(run, _weight(counts, number, everywhere)) for run, number in frequency.items()]


def form_weights(
    counts: WordCounts, name: str, letters: str, *, most: int
) -> list[tuple[str, float]]:
    """The commonest words that begin with some letters, each weighed as the commonest of them is.

    "neglectful" in one record must not lead those about neglect.
    """
    words = counts.searcher.terms_with_prefix(name, letters, limit=most)
    numbers = {word: counts.documents(name, word) for word, _ in words}
    frequency = {word: number for word, number in numbers.items() if number}
    commonest = max(frequency.values(), default=0)
    return [(word, _weight(counts, number, commonest)) for word, number in frequency.items()]


def _weight(counts: WordCounts, number: int, everywhere: int) -> float:
    if number == everywhere:
        return 1.0
    return _rarity(counts.every, everywhere) / _rarity(counts.every, number)


def _rarity(every: int, documents: int) -> float:
    """The weight that BM25 gives a word in so many of all documents."""
    return log1p((max(every, documents) - documents + 0.5) / (documents + 0.5))
