"""Passages with the words of a query: the best of each record, and all of them, page by page."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from tantivy import DocAddress, Index, Occur, Query, SearchResult

from waymark.library.language.languages import ENGLISH, LANGUAGES
from waymark.library.search.protocol import (
    BestPassages,
    IndexQuery,
    PassageResults,
    SearchAudience,
)
from waymark.library.search.tantivy.compiler import (
    QueryCompiler,
    all_clauses,
    any_clause,
    as_filter,
)
from waymark.library.search.tantivy.index_files import OpenIndexes
from waymark.library.search.tantivy.rarity import WordCounts, count_documents
from waymark.library.search.tantivy.schema import PUBLIC, STAFF, TIMED
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
Hit = tuple[Any, DocAddress]
"""Score and address of a passage."""


class PassageSearch:
    """The passages that contain any of the words of a request."""

    def __init__(self, opened: OpenIndexes, request: IndexQuery) -> None:
        self.request = request
        self.compiler = query_compiler(opened, opened.passages, request.audience)
        self.searcher = opened.passages.searcher()
        units = list(typed_units(request.tree))
        self.words = [any_clause(map(self.compiler.leaf, text_nodes(unit))) for unit in units]
        self.weighed = [self._weighed(unit) for unit in units]
        self.audience = (Occur.Must, self.compiler.audience(request.audience))

    def count(self, records: Iterable[int] | None) -> int:
        """The number of passages in these records, or in all that are not excluded."""
        words = (Occur.Must, as_filter(any_clause(self.words)))
        clauses = [words, self.audience, *self._limited_to(records)]
        return count_documents(self.searcher, Query.boolean_query(clauses))

    def page_of(self, records: frozenset[int]) -> PassageResults:
        """One page of the passages of these records: with the most and rarest words first."""
        if not records:
            return PassageResults(0)
        query = Query.boolean_query([*self._ranked(), *self._limited_to(records)])
        results = self.searcher.search(query, limit=self.request.limit, offset=self.request.offset)
        addresses = [address for _, address in results.hits]
        return PassageResults(total_hits(results), self._numbers(addresses))

    def best_of_each(self, records: Iterable[int], limit: int) -> dict[int, BestPassages]:
        """The best passages of each record, chosen to show different words of the query."""
        listed = list(records)
        ranked, with_word = self._ranked(), self._with_each_word(listed)
        totals, hits = self._hits_of(listed, ranked)
        # Record 7 has passages at addresses x, y and record 9 at z: together [x, y, z], and the
        # numbers come back in that order, to be dealt out 2 and 1. One call to the engine instead
        # of one a record.
        kept = CANDIDATES if with_word else limit
        best_hits = {record: hits.get(record, [])[:kept] for record in listed}
        addresses = [address for best in best_hits.values() for _, address in best]
        numbers = iter(self._values("number", addresses))
        return {
            record: BestPassages(
                totals[record],
                _with_different_words(
                    [(next(numbers), score > TEXT_BONUS) for score, _ in best], with_word, limit
                ),
            )
            for record, best in best_hits.items()
        }

    def _hits_of(
        self, records: list[int], ranked: list[tuple[Occur, Query]]
    ) -> tuple[Counter[int], Mapping[int, list[Hit]]]:
        """How many passages of each record match, and at least the first of them, best first."""
        if not records:
            return Counter(), {}
        # The engine has no "best three of each group", but all passages of the records are found
        # and weighed in a tenth of the time that a search of each record takes.
        together = Query.boolean_query([self._of_records(records), *ranked])
        found = self.searcher.search(together, limit=MOST_TOGETHER)
        if total_hits(found) > len(found.hits):
            return self._hits_of_each(records, ranked)
        hits: dict[int, list[Hit]] = defaultdict(list)
        owners = self._values("of_record", [address for _, address in found.hits])
        for hit, owner in zip(found.hits, owners, strict=True):
            hits[owner].append(hit)
        return Counter(owners), hits

    def _hits_of_each(
        self, records: list[int], ranked: list[tuple[Occur, Query]]
    ) -> tuple[Counter[int], Mapping[int, list[Hit]]]:
        """The same by a search for each record, of records with very many passages."""
        totals, hits = Counter[int](), {}
        for record in records:
            query = Query.boolean_query([self._of_records([record]), *ranked])
            best = self.searcher.search(query, limit=CANDIDATES)
            totals[record], hits[record] = total_hits(best), best.hits
        return totals, hits

    def _ranked(self) -> list[tuple[Occur, Query]]:
        """Any of the words: texts before headings, more words before fewer, rare before common."""
        bonus = Query.const_score_query(self.compiler.raw("kind", "text"), TEXT_BONUS)
        return [(Occur.Must, any_clause(self.weighed)), self.audience, (Occur.Should, bonus)]

    def _weighed(self, unit: TextUnit) -> Query:
        """A word or its related terms, weighed as in a search of records."""
        typed = [self.compiler.leaf(leaf) for leaf in typed_text(unit)]
        names = unit.names if isinstance(unit, ExpandedNode) else ()
        best = Query.disjunction_max_query([*typed, *map(self.compiler.related_name, names)])
        there = any_clause(map(self.compiler.leaf, text_nodes(unit)))
        return any_clause([best, Query.const_score_query(there, WORD_BONUS)])

    def _with_each_word(self, records: list[int]) -> list[frozenset[int]]:
        """For each word, the passages of these records that contain it; none for one word."""
        if len(self.words) < 2 or not records:
            return []
        among = self._of_records(records)
        return [
            frozenset(self._found([(Occur.Must, as_filter(word)), self.audience, among]))
            for word in self.words
        ]

    def _found(self, clauses: list[tuple[Occur, Query]]) -> tuple[int, ...]:
        query = Query.boolean_query(clauses)
        results = self.searcher.search(query, limit=MOST_WITH_A_WORD, count=False)
        return self._numbers([address for _, address in results.hits])

    def _of_records(self, records: Iterable[int]) -> tuple[Occur, Query]:
        return Occur.Must, self.compiler.numbered(records)

    def _limited_to(self, records: Iterable[int] | None) -> Iterator[tuple[Occur, Query]]:
        if records is not None:
            yield self._of_records(records)
        elif self.request.without:
            yield Occur.MustNot, self.compiler.numbered(self.request.without)

    def _numbers(self, addresses: Sequence[DocAddress]) -> tuple[int, ...]:
        return self._values("number", addresses)

    def _values(self, field: str, addresses: Sequence[DocAddress]) -> tuple[int, ...]:
        numbers = self.searcher.fast_field_values(field, list(addresses)) if addresses else []
        return tuple(int(number or 0) for number in numbers)


def query_compiler(opened: OpenIndexes, level: Index, audience: SearchAudience) -> QueryCompiler:
    """The compiler for the index of records or of passages, and for what an audience may see."""
    languages = languages_for(opened, audience)
    seen = QueryCompiler(level.schema, timed=opened.timed).audience(audience)
    marks = (STAFF,) if audience.staff else (PUBLIC, TIMED)
    counts = WordCounts(level.schema, level.searcher(), seen, marks)
    return QueryCompiler(level.schema, languages, opened.timed, counts)


def languages_for(opened: OpenIndexes, audience: SearchAudience) -> tuple[str, ...]:
    """English, and every other language of a text that an audience may see."""
    searcher = opened.records.searcher()
    compiler = QueryCompiler(opened.records.schema, timed=opened.timed)
    seen = compiler.audience(audience)

    def may_be_read(language: str) -> bool:
        # Most libraries have no text of it at all, which is known without a search.
        if not searcher.doc_freq("language", language):
            return False
        texts = all_clauses(as_filter(compiler.raw("language", language)), seen)
        return bool(searcher.search(texts, limit=1, count=False).hits)

    return tuple(language for language in LANGUAGES if language == ENGLISH or may_be_read(language))


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


class _CountedResult(Protocol):
    """The attribute of a search result that is missing from Tantivy's type stubs."""

    count: int | None


def total_hits(result: SearchResult) -> int:
    return cast(_CountedResult, result).count or 0
