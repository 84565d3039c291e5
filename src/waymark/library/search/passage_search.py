"""Passages with the words of a query: the best of each record, and all of them, page by page."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic

from waymark.library.search.compiler import QueryCompiler
from waymark.library.search.engine import EngineLevel, Hit, Q
from waymark.library.search.protocol import BestPassages, IndexQuery, PassageResults
from waymark.library.search.tree import (
    AndNode,
    ExpandedNode,
    OrNode,
    PhraseNode,
    PrefixNode,
    QueryTree,
    TextNode,
    TopicNode,
    WordNode,
    text_nodes,
)

TextUnit = WordNode | PrefixNode | PhraseNode | ExpandedNode
# More than any BM25 score: among the passages of a record, texts come before headings.
TEXT_BONUS = 10_000.0
# About as much as the best BM25 score of one word: passages with more of the words come first.
WORD_BONUS = 20.0
# Passages of a record among which those with different words are chosen.
CANDIDATES = 30
MOST_WITH_A_WORD = 5_000
MOST_TOGETHER = 20_000
"""Passages that are weighed together for the best of each record."""


class PassageSearch(Generic[Q]):
    """The passages that contain any of the words of a request."""

    def __init__(
        self, level: EngineLevel[Q], compiler: QueryCompiler[Q], request: IndexQuery
    ) -> None:
        self.request = request
        self.compiler = compiler
        self.level = level
        units = list(typed_units(request.tree))
        self.words = [compiler.any_clause(map(compiler.leaf, text_nodes(unit))) for unit in units]
        self.weighed = [self._weighed(unit) for unit in units]
        self.audience = compiler.audience(request.audience)

    def count(self, records: Iterable[int] | None) -> int:
        """The number of passages in these records, or in all that are not excluded."""
        words = self.compiler.as_filter(self.compiler.any_clause(self.words))
        return self.level.counts([self._limited([words, self.audience], records)])[0]

    def page_of(self, records: frozenset[int]) -> PassageResults:
        """One page of the passages of these records: with the most and rarest words first."""
        if not records:
            return PassageResults(0)
        query = self._ranked(records)
        result = self.level.search(query, limit=self.request.limit, offset=self.request.offset)
        return PassageResults(result.total, self._values("number", result.hits))

    def best_of_each(self, records: Iterable[int], limit: int) -> dict[int, BestPassages]:
        """The best passages of each record, chosen to show different words of the query."""
        listed = list(records)
        with_word = self._with_each_word(listed)
        totals, hits = self._hits_of(listed)
        # Record 7 has passages at places x, y and record 9 at z: together [x, y, z], and the
        # numbers come back in that order, to be dealt out 2 and 1. One call to the engine instead
        # of one a record.
        kept = CANDIDATES if with_word else limit
        best_hits = {record: hits.get(record, [])[:kept] for record in listed}
        numbers = iter(self._values("number", [hit for best in best_hits.values() for hit in best]))
        return {
            record: BestPassages(
                totals[record],
                _with_different_words(
                    [(next(numbers), score > TEXT_BONUS) for score, _ in best], with_word, limit
                ),
            )
            for record, best in best_hits.items()
        }

    def _hits_of(self, records: list[int]) -> tuple[Counter[int], Mapping[int, Sequence[Hit]]]:
        """How many passages of each record match, and at least the first of them, best first."""
        if not records:
            return Counter(), {}
        # The engine has no "best three of each group", but all passages of the records are found
        # and weighed in a tenth of the time that a search of each record takes.
        result = self.level.search(self._ranked(records), limit=MOST_TOGETHER)
        if result.total > len(result.hits):
            return self._hits_of_each(records)
        hits: dict[int, list[Hit]] = defaultdict(list)
        owners = self._values("of_record", result.hits)
        for hit, owner in zip(result.hits, owners, strict=True):
            hits[owner].append(hit)
        return Counter(owners), hits

    def _hits_of_each(self, records: list[int]) -> tuple[Counter[int], Mapping[int, Sequence[Hit]]]:
        """The same by a search for each record, of records with very many passages."""
        totals, hits = Counter[int](), {}
        for record in records:
            best = self.level.search(self._ranked([record]), limit=CANDIDATES)
            totals[record], hits[record] = best.total, best.hits
        return totals, hits

    def _ranked(self, records: Iterable[int]) -> Q:
        """Any of the words: texts before headings, more words before fewer, rare before common."""
        bonus = self.level.scored(self.level.raw("kind", "text"), TEXT_BONUS)
        words = self.compiler.any_clause(self.weighed)
        required = [self.compiler.numbered(records), words, self.audience]
        return self.level.boolean(must=required, should=[bonus])

    def _weighed(self, unit: TextUnit) -> Q:
        """A word or its related terms, weighed as in a search of records."""
        typed = [self.compiler.leaf(leaf) for leaf in typed_text(unit)]
        names = unit.names if isinstance(unit, ExpandedNode) else ()
        best = self.level.best_of([*typed, *map(self.compiler.related_name, names)])
        there = self.compiler.any_clause(map(self.compiler.leaf, text_nodes(unit)))
        return self.compiler.any_clause([best, self.level.scored(there, WORD_BONUS)])

    def _with_each_word(self, records: list[int]) -> list[frozenset[int]]:
        """For each word, the passages of these records that contain it; none for one word."""
        if len(self.words) < 2 or not records:
            return []
        among = [self.audience, self.compiler.numbered(records)]
        return [
            frozenset(self._numbers([self.compiler.as_filter(word), *among])) for word in self.words
        ]

    def _numbers(self, required: list[Q]) -> tuple[int, ...]:
        query = self.level.boolean(must=required)
        result = self.level.search(query, limit=MOST_WITH_A_WORD, counted=False)
        return self._values("number", result.hits)

    def _limited(self, required: list[Q], records: Iterable[int] | None) -> Q:
        if records is not None:
            return self.level.boolean(must=[*required, self.compiler.numbered(records)])
        without = self.request.without
        excluded = [self.compiler.numbered(without)] if without else []
        return self.level.boolean(must=required, must_not=excluded)

    def _values(self, field: str, hits: Sequence[Hit]) -> tuple[int, ...]:
        places: list[Any] = [place for _, place in hits]
        return self.level.values(field, places) if places else ()


def typed_units(tree: QueryTree | None) -> Iterator[TextUnit]:
    """The words, prefixes and phrases of a query, each with its related terms.

    neglect (or failure to care) AND school NOT home -> neglect (or failure to care), school
    """
    if isinstance(tree, AndNode | OrNode):
        for part in tree.parts:
            yield from typed_units(part)
    elif isinstance(tree, TopicNode):
        yield from tree.words
    elif isinstance(tree, WordNode | PrefixNode | PhraseNode | ExpandedNode):
        yield tree


def typed_text(unit: TextUnit) -> Iterator[TextNode]:
    """What was typed of a unit, without its related terms."""
    return text_nodes(unit.typed if isinstance(unit, ExpandedNode) else unit)


def _with_different_words(
    ranked: list[tuple[int, bool]], with_word: list[frozenset[int]], limit: int
) -> tuple[int, ...]:
    """The best passages, each with as many words as possible that those before it lack.

    ranked: (number, True for a text), best first; headings come last. Example: of "neglect school",
    passages 1 and 2 have "school" and 3 "neglect". Two of them are 1 and 3: 2 would repeat a word.
    """
    left, lacking = list(ranked), with_word
    chosen: list[int] = []
    while left and len(chosen) < limit:
        # max() takes the first of several equal ones, which is the best match.
        best = max(left, key=lambda one: (one[1], sum(one[0] in word for word in lacking)))
        left.remove(best)
        chosen.append(best[0])
        lacking = [word for word in lacking if best[0] not in word] or with_word
    return tuple(chosen)
