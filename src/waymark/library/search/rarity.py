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

from collections.abc import Callable, Iterable, Sequence
from math import log1p
from typing import Generic, TypeVar

from waymark.library.search.engine import EngineLevel, Q

Run = tuple[str, ...]
"""Adjacent terms."""
R = TypeVar("R")


class WordCounts(Generic[Q]):
    """How many documents have a word. seen: filter for those that an audience may see."""

    def __init__(self, level: EngineLevel[Q], seen: Q) -> None:
        self.level = level
        self.seen = seen
        self._totals: tuple[int, int] | None = None
        self._everywhere: dict[tuple[str, str], int] = {}
        self._here: dict[tuple[str, str], int] = {}
        self._beginning: dict[tuple[str, int], list[tuple[str, int]]] = {}
        # Words that are noted instead of counted; None while they are counted.
        self._noted: set[tuple[str, str]] | None = None

    def together(self, build: Callable[[], R]) -> R:
        """What build() makes. The words that it counts are asked for at once, where that is faster.

        It runs twice then: first to learn which words it counts.
        """
        if self.level.counts_at_once:
            self._noted = set()
            build()
            noted, self._noted = sorted(self._noted), None
            self._count(noted)
        return build()

    @property
    def every(self) -> int:
        """The number of documents that the audience may see."""
        return self._both_totals()[0]

    @property
    def hides(self) -> bool:
        """True if BM25 counts documents that the audience may not see."""
        every, everywhere = self._both_totals()
        return every < everywhere

    def documents(self, name: str, term: str) -> int:
        """The number of documents with a term in a field, of those that the audience may see."""
        return self._counted(self._here if self.hides else self._everywhere, name, term)

    def factor(self, name: str, terms: Iterable[str]) -> float:
        """What BM25's weight of terms is multiplied by, to be that of what the audience may see."""
        if not self.hides:
            return 1.0
        listed, everywhere = list(terms), self._both_totals()[1]
        here = sum(_rarity(self.every, self.documents(name, term)) for term in listed)
        numbers = [self._counted(self._everywhere, name, term) for term in listed]
        return here / sum(_rarity(everywhere, number) for number in numbers)

    def beginning(self, letters: str, *, most: int) -> list[str]:
        """The commonest words that begin so, in all documents."""
        if (letters, most) not in self._beginning:
            self._beginning[letters, most] = self.level.words_beginning(letters, limit=most)
        return [word for word, _ in self._beginning[letters, most]]

    def _both_totals(self) -> tuple[int, int]:
        if self._totals is None:
            self._totals = self.level.totals(self.seen)
        return self._totals

    def _counted(self, counted: dict[tuple[str, str], int], name: str, term: str) -> int:
        if (name, term) not in counted:
            if self._noted is not None:
                self._noted.add((name, term))
                return 0
            self._count([(name, term)])
        return counted[name, term]

    def _count(self, words: list[tuple[str, str]]) -> None:
        if not words:
            return
        self._everywhere.update(zip(words, self.level.frequencies(words), strict=True))
        if self.hides:
            having = [self.level.term(name, term) for name, term in words]
            queries = [self.level.boolean(must=[query, self.seen]) for query in having]
            self._here.update(zip(words, self.level.counts(queries), strict=True))


def run_weights(counts: WordCounts[Q], name: str, runs: Sequence[Run]) -> list[tuple[Run, float]]:
    """Each run of terms that a text may be indexed as, with a weight from 0 to 1."""
    frequency = {run: min(counts.documents(name, term) for term in run) for run in runs}
    everywhere = min(sum(frequency.values()), counts.every)
    return [(run, _weight(counts, number, everywhere)) for run, number in frequency.items()]


def form_weights(
    counts: WordCounts[Q], name: str, letters: str, *, most: int
) -> list[tuple[str, float]]:
    """The commonest words that begin with some letters, each weighed as the commonest of them is.

    "neglectful" in one record must not lead those about neglect.
    """
    numbers = {word: counts.documents(name, word) for word in counts.beginning(letters, most=most)}
    frequency = {word: number for word, number in numbers.items() if number}
    commonest = max(frequency.values(), default=0)
    return [(word, _weight(counts, number, commonest)) for word, number in frequency.items()]


def _weight(counts: WordCounts[Q], number: int, everywhere: int) -> float:
    if number == everywhere:
        return 1.0
    return _rarity(counts.every, everywhere) / _rarity(counts.every, number)


def _rarity(every: int, documents: int) -> float:
    """The weight that BM25 gives a word in so many of all documents."""
    return log1p((max(every, documents) - documents + 0.5) / (documents + 0.5))
