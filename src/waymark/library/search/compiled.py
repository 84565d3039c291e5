"""From the tree to Tantivy's query objects. No text of a user reaches the engine's own parser."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tantivy import FieldType, Occur, Query, Schema

from waymark.library.analysis import forms, words
from waymark.library.search import Audience
from waymark.library.search.schema import EXACT, STEMS, YEAR, moment, words_field
from waymark.library.tree import And, Field, Not, Or, Phrase, Prefix, Sought, Tree, Word, Years

# A word of the title counts a little more; a larger boost made rankings worse in every trial.
TITLE_BOOST = 0.5


def must(*queries: Query) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def either(queries: Iterable[Query]) -> Query:
    """Any of the queries; nothing where there is none."""
    listed = list(queries)
    if len(listed) == 1:
        return listed[0]
    return Query.boolean_query([(Occur.Should, query) for query in listed])


def filtering(query: Query) -> Query:
    """A condition that does not change the score."""
    return Query.const_score_query(query, 0.0)


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles for one schema."""

    schema: Schema

    def term(self, field: str, value: str | int) -> Query:
        return Query.term_query(self.schema, field, value)

    def raw(self, field: str, value: str) -> Query:
        return Query.term_query(self.schema, field, value, index_option="basic")

    def described(self, tree: Tree) -> Query:
        """Records that the tree describes; words of the title count a little more."""
        found = self._any_tree(tree)
        stems = {stem for leaf in _words(tree) for stem in _stems(leaf.text)}
        if not stems:
            return found
        title = [Query.boost_query(self.term("title", stem), TITLE_BOOST) for stem in sorted(stems)]
        return Query.boolean_query(
            [(Occur.Must, found), *((Occur.Should, query) for query in title)]
        )

    def leaf(self, leaf: Sought) -> Query:
        """Documents that hold a word, a prefix or a phrase."""
        if isinstance(leaf, Prefix):
            # The pattern is letters, digits and apostrophes only, so it can mean nothing else.
            return Query.regex_query(self.schema, EXACT, f"{forms(leaf.text)[0]}.*")
        if isinstance(leaf, Phrase):
            return self._run(EXACT, [forms(word)[0] for word in words(leaf.text)])
        stems = _stems(leaf.text)
        run = self._run(STEMS, stems)
        if len(stems) == 1 or not all(stem.isalpha() for stem in stems):
            return run
        # co-sleeping is also written cosleeping.
        joined = forms("".join(words(leaf.text)))[1]
        return either([run, self.term(STEMS, joined)])

    def audience(self, audience: Audience) -> Query:
        """The filter that no search goes without."""
        if audience.staff:
            return filtering(self.raw("audience", "staff"))
        now = moment(audience.now)
        timed = must(
            self.raw("audience", "timed"),
            self._between("since", None, now),
            self._between("until", now + 1, None),
        )
        return filtering(either([self.raw("audience", "public"), timed]))

    def selection(self, facet: str, values: Iterable[str]) -> Query:
        """Records with any of the values of a facet."""
        if facet == YEAR:
            return filtering(either(self.term(YEAR, int(value)) for value in values))
        return filtering(either(self.raw(facet, value) for value in values))

    def selections(self, selected: Mapping[str, tuple[str, ...]], *, but: str = "") -> list[Query]:
        """One filter for each facet with a selection; but: a facet left out."""
        return [self.selection(facet, of) for facet, of in selected.items() if facet != but and of]

    def numbered(self, numbers: Iterable[int]) -> Query:
        """The records with these numbers."""
        terms = [str(number) for number in numbers]
        if len(terms) == 1:
            return filtering(self.raw("record", terms[0]))
        return filtering(Query.term_set_query(self.schema, "record", terms))

    def _any_tree(self, tree: Tree) -> Query:
        match tree:
            case And(parts=parts):
                return self._all(parts)
            case Or(parts=parts):
                return either(self._any_tree(part) for part in parts)
            case Not():
                return self._all((tree,))
            case Field(name=name, text=text):
                stems = [forms(word)[1] for word in words(text)]
                return filtering(self._run(words_field(name), stems))
            case Years(first=first, last=last):
                return filtering(self._between(YEAR, first, last))
        return self.leaf(tree)

    def _all(self, parts: tuple[Tree, ...]) -> Query:
        wanted = [(Occur.Must, self._any_tree(p)) for p in parts if not isinstance(p, Not)]
        if not wanted:
            wanted = [(Occur.Must, filtering(Query.all_query()))]
        unwanted = [(Occur.MustNot, self._any_tree(p.part)) for p in parts if isinstance(p, Not)]
        return Query.boolean_query(wanted + unwanted)

    def _run(self, field: str, terms: list[str]) -> Query:
        """The terms side by side. A phrase of one term makes the engine abort."""
        if len(terms) == 1:
            return self.term(field, terms[0])
        return Query.phrase_query(self.schema, field, list(terms))

    def _between(self, field: str, first: int | None, last: int | None) -> Query:
        """Values from first to last, both included; None: no such end."""
        return Query.range_query(self.schema, field, FieldType.Integer, first, last)


def _words(tree: Tree) -> Iterable[Word]:
    """The words that a hit may hold: nothing under a Not."""
    if isinstance(tree, And | Or):
        for part in tree.parts:
            yield from _words(part)
    elif isinstance(tree, Word):
        yield tree


def _stems(text: str) -> list[str]:
    return [forms(word)[1] for word in words(text)]
