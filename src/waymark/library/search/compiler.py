"""Compile the query tree to the queries of a search engine, never by way of its own parser.

Ranking is BM25 over the whole text of a record. Example, `neglect year:2004`:

    must     neglect in stems, or a related name: the best of the two scores, names times 0.6
    must     year 2004, as a filter with score 0
    should   neglect in title, score times 0.25
    should   a review and not a resource, 3

A resource with neglect in text (BM25 4.0) and title (BM25 of the title 6.0) scores 4.0 + 0.25 * 6.0
= 5.5. A review that has only a name of two words for it (BM25 5.0) scores 5.0 * 0.6 / 2 + 3 = 4.5.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic

from waymark.core.uk_time import UK_TIME
from waymark.library.language.analyser import runs_of, word_forms, words_in
from waymark.library.language.languages import LANGUAGES
from waymark.library.search.dates import first_day, last_day
from waymark.library.search.engine import Q, QueryFactory
from waymark.library.search.index_values import (
    A_DAY,
    CODE,
    EXACT,
    IDENTIFIER,
    PUBLIC,
    STAFF,
    STEMS,
    TIMED,
    YEAR,
    added_at,
    microseconds,
    words_field,
)
from waymark.library.search.known_items import KnownItem
from waymark.library.search.protocol import COLLECTION, SearchAudience
from waymark.library.search.rarity import Run, WordCounts, form_weights, run_weights
from waymark.library.search.tree import (
    AndNode,
    DatesNode,
    ExpandedNode,
    FieldNode,
    NotNode,
    OrNode,
    PhraseNode,
    PrefixNode,
    QueryTree,
    TextNode,
    TopicNode,
    WordNode,
    YearsNode,
    text_nodes,
)

# Chosen by judged queries (docs/search-quality.md): a word in the title counts a little more, and
# a related name a little less than the typed word. BM25 favours short texts, so without the bonus a
# description of three sentences comes before the report of the review that answers the question.
TITLE_BOOST = 0.25
NAME_BOOST = 0.6
REVIEW_BONUS = 3.0
# More than any BM25 score: a record that was asked for by name comes before all others.
KNOWN_BONUS = 1_000.0
MOST_SCORED = 50
"""Words that begin with the same letters, of which a search with a star takes its scores."""
REVIEWS = "reviews"
A_WHOLE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class QueryCompiler(Generic[Q]):
    """Compiler to the queries of one engine. languages: of the indexed texts.

    timed: True if the index has documents that open or close to the public at a moment. counts: of
    the documents among which words are rare or common.
    """

    engine: QueryFactory[Q]
    languages: tuple[str, ...] = LANGUAGES
    timed: bool = True
    counts: WordCounts[Q] | None = None

    def all_clauses(self, *queries: Q) -> Q:
        return self.engine.boolean(must=queries)

    def any_clause(self, queries: Iterable[Q]) -> Q:
        """Any of the queries; without queries it matches nothing."""
        listed = list(queries)
        return listed[0] if len(listed) == 1 else self.engine.boolean(should=listed)

    def as_filter(self, query: Q) -> Q:
        """A condition that does not change the score."""
        return self.engine.scored(query, 0.0)

    def raw(self, field: str, value: str) -> Q:
        return self.engine.raw(field, value)

    def matching(self, tree: QueryTree) -> Q:
        """Records that match the tree; with words, reviews and words in the title count more."""
        matching = self._any_tree(tree)
        if not any(text_nodes(tree)):
            return matching
        terms = {
            term: weight
            for leaf in typed_words(tree)
            for run, weight in self._weighed_runs(STEMS, leaf.text)
            for term in run
        }
        more = [
            self.engine.boosted(self._run("title", (term,)), TITLE_BOOST * weight)
            for term, weight in sorted(terms.items())
        ]
        more += [
            self.engine.scored(self.engine.prefix("title", word_forms(leaf.text)[0]), 1.0)
            for leaf in text_nodes(tree)
            if isinstance(leaf, PrefixNode)
        ]
        more.append(self.engine.scored(self.raw(COLLECTION, REVIEWS), REVIEW_BONUS))
        return self.engine.boolean(must=[matching], should=more)

    def known_item(self, item: KnownItem) -> Q:
        """Records of exactly this title or identifier, of these authors, or about this child."""
        names = [self.raw(IDENTIFIER, identifier) for identifier in item.identifiers]
        if item.authors and item.year is not None:
            year = self.engine.term(YEAR, item.year)
            names += [
                self.all_clauses(self._credited(item.authors, words_field(field)), year)
                for field in ("author", "publisher")
            ]
        if item.name:
            titled = self._text_query(words_field("title"), item.name)
            names.append(self.all_clauses(titled, self.raw(COLLECTION, REVIEWS)))
        return self.engine.scored(self.any_clause(names), KNOWN_BONUS)

    def _credited(self, names: Iterable[str], field: str) -> Q:
        """Records with all of these words in a name, or with the initial of a given name.

        "John Devaney" is also the "Devaney, J." of a record; one of the words must be there whole.
        """
        whole = {name: self._text_query(field, name) for name in names}
        either = [
            self.any_clause([query, self._text_query(field, name[0])])
            for name, query in whole.items()
        ]
        return self.all_clauses(
            self.any_clause(whole[name] for name in whole if len(name) > 1), *either
        )

    def years(self, first: int | None, last: int | None) -> Q:
        """Records of these years, both included."""
        return self.as_filter(self._between(YEAR, first, last))

    def leaf(self, leaf: TextNode) -> Q:
        """Documents that contain a word, prefix or phrase."""
        if isinstance(leaf, PrefixNode):
            return self._words_beginning(word_forms(leaf.text)[0])
        if isinstance(leaf, PhraseNode):
            return self._run(EXACT, tuple(word_forms(word)[0] for word in words_in(leaf.text)))
        return self._text_query(STEMS, leaf.text, leaf.apart)

    def _words_beginning(self, letters: str) -> Q:
        """Documents with a word that begins so, those with more of them first."""
        matching = self.engine.prefix(EXACT, letters)
        if self.counts is None:
            return matching
        # The commonest of the words give the score.
        weighed = [
            self._weighted(self._run(EXACT, (word,)), weight)
            for word, weight in form_weights(self.counts, EXACT, letters, most=MOST_SCORED)
        ]
        return self.engine.boolean(must=[self.as_filter(matching)], should=weighed)

    def related_name(self, name: WordNode) -> Q:
        """Documents with a related name, which weighs less than what was typed."""
        # The scores of the words of a name add up, so they are divided by its length.
        return self.engine.boosted(self.leaf(name), NAME_BOOST / len(words_in(name.text)))

    def audience(self, audience: SearchAudience) -> Q:
        """The filter that every search has."""
        if audience.staff:
            return self.as_filter(self.raw("audience", STAFF))
        if not self.timed:
            return self.as_filter(self.raw("audience", PUBLIC))
        now = microseconds(audience.now)
        timed = self.all_clauses(
            self.raw("audience", TIMED),
            self._between("since", None, now),
            self._between("until", now + 1, None),
        )
        return self.as_filter(self.any_clause([self.raw("audience", PUBLIC), timed]))

    def selection(self, facet: str, values: Iterable[str]) -> Q:
        """Records with any of the values of a facet."""
        if facet == YEAR:
            return self.as_filter(
                self.any_clause(self.engine.term(YEAR, int(value)) for value in values)
            )
        return self.as_filter(self.any_clause(self.raw(facet, value) for value in values))

    def selections(self, selected: Mapping[str, tuple[str, ...]], *, but: str = "") -> list[Q]:
        """One filter for each facet with a selection; but: a facet to leave out."""
        return [
            self.selection(facet, values)
            for facet, values in selected.items()
            if facet != but and values
        ]

    def about(self, topics: Iterable[TopicNode]) -> Q:
        """Records about any of the topics."""
        return self.as_filter(self.any_clause(map(self._topic, topics)))

    def numbered(self, numbers: Iterable[int]) -> Q:
        """The records with these numbers."""
        terms = [str(number) for number in numbers]
        if len(terms) == 1:
            return self.as_filter(self.raw("record", terms[0]))
        return self.as_filter(self.engine.any_raw("record", terms))

    def _any_tree(self, tree: QueryTree) -> Q:
        match tree:
            case AndNode(parts=parts):
                return self._all(parts)
            case OrNode(parts=parts):
                return self.any_clause(self._any_tree(part) for part in parts)
            case NotNode():
                return self._all((tree,))
            case FieldNode() | TopicNode():
                return self._field(tree)
            case YearsNode(first=first, last=last):
                return self.years(first, last)
            case DatesNode():
                return self.as_filter(self._dated(tree))
            case ExpandedNode(typed=typed, names=names):
                # Names of one subject are one idea: the best of them counts, not their sum.
                related = map(self.related_name, names)
                return self.engine.best_of([self._any_tree(typed), *related])
        return self.leaf(tree)

    def _field(self, field: FieldNode | TopicNode) -> Q:
        if isinstance(field, TopicNode):
            return self._topic(field)
        # A topic that nobody looked up, because there is none of this name: no record is about it.
        if field.name == "topic":
            return self.any_clause(())
        matching = self._text_query(words_field(field.name), field.text)
        return self.as_filter(self._but(matching, field.without))

    def _topic(self, topic: TopicNode) -> Q:
        """Records about a topic, by how well they match its words."""
        coded = self.any_clause(self.raw(CODE, code) for code in topic.codes)
        coded = self._but(coded, topic.without_codes)
        about = [
            self.any_clause(self.raw("subject", subject) for subject in topic.subjects),
            coded,
            *(self._text_query(words_field("title"), words.text) for words in topic.words),
        ]
        return self.engine.boolean(
            must=[self.as_filter(self.any_clause(about))], should=map(self.leaf, topic.words)
        )

    def _but(self, matching: Q, records: Iterable[int]) -> Q:
        """The matching records without those of these numbers."""
        numbers = list(records)
        if not numbers:
            return matching
        return self.engine.boolean(must=[matching], must_not=[self.numbered(numbers)])

    def _all(self, parts: tuple[QueryTree, ...]) -> Q:
        required = [self._any_tree(p) for p in parts if not isinstance(p, NotNode)]
        excluded = [self._any_tree(p.part) for p in parts if isinstance(p, NotNode)]
        return self.engine.boolean(
            must=required or [self.as_filter(self.engine.every())], must_not=excluded
        )

    def _text_query(self, field: str, text: str, apart: int = 0) -> Q:
        """The words of a text, adjacent or near, in any of the indexed languages."""
        runs = [
            self._weighted(self._run(field, run, apart), weight)
            for run, weight in self._weighed_runs(field, text)
        ]
        return self.any_clause(runs)

    def _weighted(self, query: Q, weight: float) -> Q:
        return query if weight == 1 else self.engine.boosted(query, weight)

    def _weighed_runs(self, field: str, text: str) -> list[tuple[Run, float]]:
        """The runs of terms that a text may be indexed as, each with a weight from 0 to 1."""
        runs = runs_of(text, self.languages)
        if self.counts is None or len(self.languages) == 1:
            return [(run, 1.0) for run in runs]
        return run_weights(self.counts, field, runs)

    def _dated(self, dates: DatesNode) -> Q:
        first = None if dates.first is None else first_day(dates.first)
        last = None if dates.last is None else last_day(dates.last)
        if dates.name == "published":
            return self._between(
                "order",
                A_DAY if first is None else first.toordinal() * A_DAY,
                None if last is None else (last.toordinal() + 1) * A_DAY - 1,
            )
        # 0 means an unknown date, so an open range starts at 1.
        return self._between(
            "added",
            1 if first is None else added_at(_start_of_day(first)),
            None if last is None else added_at(_start_of_day(last + A_WHOLE_DAY)) - 1,
        )

    def _run(self, field: str, terms: tuple[str, ...], apart: int = 0) -> Q:
        """Terms with at most so many others between. Tantivy aborts on a phrase of one term."""
        factor = 1.0 if self.counts is None else self.counts.factor(field, terms)
        if len(terms) == 1:
            return self._weighted(self.engine.term(field, terms[0]), factor)
        return self._weighted(self.engine.phrase(field, terms, apart), factor)

    def _between(self, field: str, first: int | None, last: int | None) -> Q:
        """Values from first to last, both included; None: no limit."""
        return self.engine.between(field, first, last)


def _start_of_day(day: date) -> datetime:
    """The start of a day in the UK."""
    return datetime.combine(day, time.min, UK_TIME)


def typed_words(tree: QueryTree) -> Iterable[WordNode]:
    """The typed words that a hit may contain; nothing under a NotNode."""
    if isinstance(tree, AndNode | OrNode):
        for part in tree.parts:
            yield from typed_words(part)
    elif isinstance(tree, ExpandedNode):
        yield from typed_words(tree.typed)
    elif isinstance(tree, WordNode):
        yield tree
