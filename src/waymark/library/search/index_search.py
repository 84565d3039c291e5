"""Searches of an index, the same for every engine: what a SearchBackend answers with."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic

from waymark.library.language.analyser import word_forms
from waymark.library.language.languages import ENGLISH, LANGUAGES
from waymark.library.search.compiler import QueryCompiler
from waymark.library.search.engine import EngineLevel, FacetValues, Q
from waymark.library.search.known_items import KnownItem
from waymark.library.search.passage_search import PassageSearch
from waymark.library.search.protocol import (
    FACETS,
    BestPassages,
    IndexMatch,
    IndexQuery,
    IndexResults,
    PassageResults,
    SearchAudience,
)
from waymark.library.search.rarity import WordCounts
from waymark.library.search.tree import (
    ExpandedNode,
    OrNode,
    PhraseNode,
    PrefixNode,
    QueryTree,
    WordNode,
    text_nodes,
)

# With more records than this the passages of an AND are not counted, because it takes too long.
COUNTED_RECORDS = 2_000
LIKE_WORDS, LIKE_SHOWN, LIKE_ENOUGH = 2_000, 3, 0.75


@dataclass(frozen=True)
class IndexSearch(Generic[Q]):
    """Searches of two open levels. timed: as QueryCompiler has it."""

    records: EngineLevel[Q]
    passages: EngineLevel[Q]
    timed: bool = True

    def languages(self, audience: SearchAudience) -> tuple[str, ...]:
        """English, and every other language of a text that an audience may see."""
        others = [language for language in LANGUAGES if language != ENGLISH]
        # Most libraries have no text of it at all, which is known without a search.
        numbers = self.records.frequencies([("language", language) for language in others])
        there = [language for language, number in zip(others, numbers, strict=True) if number]
        if not there:
            return (ENGLISH,)
        compiler = QueryCompiler(self.records, timed=self.timed)
        seen = compiler.audience(audience)
        texts = [
            compiler.all_clauses(compiler.as_filter(compiler.raw("language", language)), seen)
            for language in there
        ]
        numbers = self.records.counts(texts)
        seen_there = {one for one, number in zip(there, numbers, strict=True) if number}
        return tuple(one for one in LANGUAGES if one == ENGLISH or one in seen_there)

    def find(self, request: IndexQuery) -> IndexResults:
        compiled = self._compiled(request)
        results = self.records.search(
            compiled.query, limit=request.limit, offset=request.offset, sort=request.sort
        )
        matches = self.records.matches(results.hits)
        if not request.counted:
            return IndexResults(results.total, None, matches, {})
        passages = self._count_places(compiled, results.total)
        return IndexResults(results.total, passages, matches, self._facet_counts(compiled))

    def count(self, request: IndexQuery) -> int:
        return self.records.counts([self._compiled(request).query])[0]

    def indexed(self, records: Iterable[int], audience: SearchAudience) -> tuple[IndexMatch, ...]:
        numbers = list(records)
        if not numbers:
            return ()
        compiler = QueryCompiler(self.records, timed=self.timed)
        query = compiler.all_clauses(compiler.numbered(numbers), compiler.audience(audience))
        return self.records.matches(self.records.search(query, limit=len(numbers)).hits)

    def best_passages(
        self, request: IndexQuery, *, records: Iterable[int], limit: int
    ) -> dict[int, BestPassages]:
        if not any(text_nodes(request.tree)):
            return {}
        return self._passage_search(request).best_of_each(records, limit)

    def find_passages(
        self, request: IndexQuery, *, records: Iterable[int] | None
    ) -> PassageResults:
        if not any(text_nodes(request.tree)):
            return PassageResults(0)
        if records is not None:
            among = frozenset(records) - request.without
            return self._passage_search(request).page_of(among)
        matching = self._matching_numbers(self._compiled(request))
        if matching is None:
            return PassageResults(None)
        return self._passage_search(request).page_of(matching)

    def count_passages(self, audience: SearchAudience, *, without: frozenset[int]) -> int:
        compiler = QueryCompiler(self.passages, timed=self.timed)
        excluded = [compiler.numbered(without)] if without else []
        query = self.passages.boolean(must=[compiler.audience(audience)], must_not=excluded)
        return self.passages.counts([query])[0]

    def similar_words(self, word: str, audience: SearchAudience) -> list[str]:
        folded = word_forms(word)[0]
        if len(folded) < LIKE_SHOWN:
            return []
        # Only words the audience may see: a suggestion must not reveal a word of a hidden report.
        seen = QueryCompiler(self.records, timed=self.timed).audience(audience)
        words = self.records.words_beginning(folded[:1], limit=LIKE_WORDS, seen=seen)
        known = [term for term, records in words if records > 0]
        return difflib.get_close_matches(folded, known, n=LIKE_SHOWN, cutoff=LIKE_ENOUGH)

    def _compiled(self, request: IndexQuery) -> "_CompiledRequest[Q]":
        compiler, counts = self._compiler(self.records, request.audience)
        return counts.together(lambda: _compiled_request(compiler, request))

    def _passage_search(self, request: IndexQuery) -> PassageSearch[Q]:
        compiler, counts = self._compiler(self.passages, request.audience)
        return counts.together(lambda: PassageSearch(self.passages, compiler, request))

    def _compiler(
        self, level: EngineLevel[Q], audience: SearchAudience
    ) -> tuple[QueryCompiler[Q], WordCounts[Q]]:
        """The compiler for a level and for what an audience may see, and the counts it asks."""
        seen = QueryCompiler(level, timed=self.timed).audience(audience)
        counts = WordCounts(level, seen)
        return QueryCompiler(level, self.languages(audience), self.timed, counts), counts

    def _facet_counts(self, compiled: "_CompiledRequest[Q]") -> dict[str, FacetValues]:
        """Counts of every facet: one pass for all without a selection, one for each other.

        Example: kind = tool is chosen. Year and nation are counted among tools; kind is counted as
        if nothing were chosen, so that readers see how many records another kind has.
        """
        chosen = [facet for facet in FACETS if compiled.request.selections.get(facet)]
        others = [facet for facet in FACETS if facet not in chosen]
        counts = self.records.facet_counts(compiled.query, others) if others else {}
        for facet in chosen:
            counts |= self.records.facet_counts(compiled.without_facet(facet), [facet])
        return {facet: counts[facet] for facet in FACETS}

    def _count_places(self, compiled: "_CompiledRequest[Q]", total: int) -> int | None:
        """The number of passages with any of the words in matching records; None if not counted."""
        request = compiled.request
        if not any(text_nodes(request.tree)):
            return None
        # "fire AND smoke" matches a record with the words on different pages, so passages cannot be
        # counted by the query of passages alone: first the matching records, then any of the words
        # in these. "fire OR smoke" has them in every passage that is counted.
        if _any_word_will_do(request):
            return self._passage_search(request).count(None)
        if total > COUNTED_RECORDS:
            return None
        return self._passage_search(request).count(self._matching_numbers(compiled))

    def _matching_numbers(self, compiled: "_CompiledRequest[Q]") -> frozenset[int] | None:
        """The numbers of all matching records; None if there are more than COUNTED_RECORDS."""
        found = self.records.search(compiled.query, limit=COUNTED_RECORDS + 1, counted=False)
        if len(found.hits) > COUNTED_RECORDS:
            return None
        places = [place for _, place in found.hits]
        return frozenset(self.records.values("number", places) if places else ())


@dataclass(frozen=True)
class _CompiledRequest(Generic[Q]):
    """A request with its compiled query. required, excluded: without the selections."""

    request: IndexQuery
    compiler: QueryCompiler[Q]
    required: tuple[Q, ...]
    excluded: tuple[Q, ...]

    @property
    def query(self) -> Q:
        return self.without_facet("")

    def without_facet(self, facet: str) -> Q:
        """The query without the selection of one facet."""
        selections = self.compiler.selections(self.request.selections, but=facet)
        return self.compiler.engine.boolean(
            must=[*self.required, *selections], must_not=self.excluded
        )


def _compiled_request(compiler: QueryCompiler[Q], request: IndexQuery) -> _CompiledRequest[Q]:
    required = [compiler.audience(request.audience)]
    if request.tree is not None:
        required.append(_matching(request.tree, request.known, compiler))
    if request.years != (None, None):
        required.append(compiler.years(*request.years))
    if request.topics is not None:
        required.append(compiler.about(request.topics))
    if request.among is not None:
        required.append(compiler.as_filter(compiler.numbered(request.among)))
    excluded = (compiler.numbered(request.without),) if request.without else ()
    return _CompiledRequest(request, compiler, tuple(required), excluded)


def _matching(tree: QueryTree, known: KnownItem | None, compiler: QueryCompiler[Q]) -> Q:
    """Records with the words, or the one record that the words name."""
    words = compiler.matching(tree)
    return words if known is None else compiler.any_clause([words, compiler.known_item(known)])


def _any_word_will_do(request: IndexQuery) -> bool:
    """True if every passage with one of the words is in a matching record.

    So for heron OR otter, but not for heron otter: there a record with heron alone is no match.
    """
    tree = request.tree
    parts = tree.parts if isinstance(tree, OrNode) else (tree,)
    plain = all(
        isinstance(part, WordNode | PrefixNode | PhraseNode)
        or (isinstance(part, ExpandedNode) and isinstance(part.typed, WordNode))
        for part in parts
    )
    narrowed = request.topics is not None or request.years != (None, None)
    return plain and not narrowed and not any(request.selections.values())
