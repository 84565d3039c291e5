"""Query expansion: add other names that the thesaurus has for the typed words.

A word, or words side by side, that name a subject are expanded with the other names of the subject
and of all narrower subjects; of names that overlap, the longest is used. The words of a name must
be near each other, because apart they mean something else: "the county ... telephone lines" is no
name of county lines. A name with words of grammar, such as "was not brought", must be side by side:
apart its words are in every record. The typed words and the added names stay apart in the tree, so
that pages can show what was added and undo it.
Not expanded: phrases in quotation marks, words with a star, fields, and everything under a NOT.

Example: with a subject "Neglect" (also "child neglect") and a narrower one "Failure to thrive",
the query
    neglect otter
is searched as
    (neglect, or with less weight child-neglect, failure-to-thrive) AND otter
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from waymark.library.language.analyser import runs_of, words_in
from waymark.library.search.common_words import is_common_word
from waymark.library.search.tree import (
    AndNode,
    ExpandedNode,
    OrNode,
    QueryTree,
    WordNode,
    all_of,
    any_of,
    word_text,
)
from waymark.library.thesaurus import SubjectLexicon

MOST_NAMES = 24
"""Names added for one subject; of very broad subjects the rest is counted, not searched."""
NEAR = 4
"""Words between those of a name; one that comes first instead of second counts for two. So missed
appointments are also "appointments that she missed"."""
MOST_OF_QUERY = 60
"""Names added for one query."""


@dataclass(frozen=True, slots=True)
class RelatedTerms:
    """Related terms that were added. typed: the words that name a subject; subject: its name.

    names: the added names; left_out: number of further names, which are too many to search.
    note: what the thesaurus says about the typed words, or "".
    """

    typed: str
    subject: str
    names: tuple[str, ...]
    left_out: int
    note: str = ""


def expand_query(
    tree: QueryTree, lexicon: SubjectLexicon, languages: Sequence[str]
) -> tuple[QueryTree, tuple[RelatedTerms, ...]]:
    """(expanded tree, added terms in the order typed).

    languages: of the names to add, which are those of the texts that the person may see.
    """
    work = _QueryExpansion(lexicon, tuple(languages))
    return work.expand(tree), tuple(work.added)


class _QueryExpansion:
    def __init__(self, lexicon: SubjectLexicon, languages: tuple[str, ...]) -> None:
        self.lexicon, self.languages = lexicon, languages
        self.added: list[RelatedTerms] = []
        self.left = MOST_OF_QUERY

    def expand(self, tree: QueryTree) -> QueryTree:
        match tree:
            case AndNode(parts=parts):
                return all_of(self._side_by_side(parts))
            case OrNode(parts=parts):
                return any_of([self.expand(part) for part in parts])
            case WordNode():
                return all_of(self._side_by_side((tree,)))
        return tree

    def _side_by_side(self, parts: Sequence[QueryTree]) -> Iterator[QueryTree]:
        """The parts of an AndNode, its words expanded; of names that overlap the longest."""
        at = 0
        while at < len(parts):
            run = self._words_from(parts, at)
            for length in range(len(run), 0, -1):
                broadened_words = self._named(run[:length])
                if broadened_words is not None:
                    yield broadened_words
                    at += length
                    break
            else:
                yield run[0] if run else self.expand(parts[at])
                at += 1

    def _words_from(self, parts: Sequence[QueryTree], at: int) -> list[WordNode]:
        """The adjacent words from an index on, as many as the longest name has."""
        run: list[WordNode] = []
        for part in parts[at : at + max(1, self.lexicon.longest)]:
            if not isinstance(part, WordNode):
                break
            run.append(part)
        return run

    def _named(self, run: Sequence[WordNode]) -> ExpandedNode | None:
        """The words with the other names of their subject; None if they name no subject."""
        # A word may have a hyphen: co-sleeping baby are three words of a name.
        typed = [word for leaf in run for word in words_in(leaf.text)]
        key = self.lexicon.key_of_words(typed)
        if key is None:
            return None
        # Names that the typed words match anyway are left out: neglect also matches "neglected".
        typed_runs = set(runs_of("-".join(typed)))
        other_names = [
            name
            for name in self.lexicon.names_of(key, languages=self.languages)
            if not typed_runs.issuperset(runs_of(name))
        ]
        names = other_names[: min(MOST_NAMES, self.left)]
        if not names:
            return None
        self.left -= len(names)
        self.added.append(
            RelatedTerms(
                " ".join(leaf.text for leaf in run),
                self.lexicon.name(key),
                tuple(names),
                len(other_names) - len(names),
                self.lexicon.note_on(typed),
            )
        )
        leaves = tuple(WordNode(word_text("-".join(words_in(name)))) for name in names)
        return ExpandedNode(words_near(run), leaves)


def words_near(run: Sequence[WordNode], *, apart: int = NEAR) -> WordNode:
    """The words of a name as one node; apart: see WordNode, 0 with words of grammar."""
    if len(run) == 1:
        return run[0]
    typed = [word for leaf in run for word in words_in(leaf.text)]
    return WordNode(
        word_text("-".join(typed)),
        start=run[0].start,
        end=run[-1].end,
        apart=0 if any(map(is_common_word, typed)) else apart,
    )
