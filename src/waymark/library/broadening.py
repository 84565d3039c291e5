"""Query expansion: add other names that the thesaurus has for the typed words.

A word, or words side by side, that name a subject are expanded with the other names of the subject
and of all narrower subjects; of names that overlap, the longest is used. The typed words and the
added names stay apart in the tree, so that pages can show what was added and undo it.
Not expanded: phrases in quotation marks, words with a star, fields, and everything under a NOT.

Example: with a subject "Neglect" (also "child neglect") and a narrower one "Failure to thrive",
the query
    neglect otter
is searched as
    (neglect, or with less weight child-neglect, failure-to-thrive) AND otter
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from waymark.library.analysis import runs_of, words
from waymark.library.thesaurus import Lexicon
from waymark.library.tree import And, Broadened, Or, Tree, Word, all_of, any_of, word_text

MOST_NAMES = 24
"""Names added for one subject; of very broad subjects the rest is counted, not searched."""
MOST_OF_QUERY = 60
"""Names added for one query."""


@dataclass(frozen=True, slots=True)
class AlsoSearched:
    """Related terms that were added. typed: the words that name a subject; subject: its name.

    names: the added names; left_out: number of further names, which are too many to search.
    """

    typed: str
    subject: str
    names: tuple[str, ...]
    left_out: int


def broadened(
    tree: Tree, lexicon: Lexicon, languages: Sequence[str]
) -> tuple[Tree, tuple[AlsoSearched, ...]]:
    """(expanded tree, added terms in the order typed).

    languages: of the names to add, which are the languages of the indexed texts.
    """
    work = _Broadening(lexicon, tuple(languages))
    return work.of(tree), tuple(work.added)


class _Broadening:
    def __init__(self, lexicon: Lexicon, languages: tuple[str, ...]) -> None:
        self.lexicon, self.languages = lexicon, languages
        self.added: list[AlsoSearched] = []
        self.left = MOST_OF_QUERY

    def of(self, tree: Tree) -> Tree:
        match tree:
            case And(parts=parts):
                return all_of(self._side_by_side(parts))
            case Or(parts=parts):
                return any_of([self.of(part) for part in parts])
            case Word():
                return all_of(self._side_by_side((tree,)))
        return tree

    def _side_by_side(self, parts: Sequence[Tree]) -> Iterator[Tree]:
        """The parts of an And, its words expanded; of names that overlap the longest."""
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
                yield run[0] if run else self.of(parts[at])
                at += 1

    def _words_from(self, parts: Sequence[Tree], at: int) -> list[Word]:
        """The adjacent words from an index on, as many as the longest name has."""
        run: list[Word] = []
        for part in parts[at : at + max(1, self.lexicon.longest)]:
            if not isinstance(part, Word):
                break
            run.append(part)
        return run

    def _named(self, run: Sequence[Word]) -> Broadened | None:
        """The words with the other names of their subject; None if they name no subject."""
        # A word may have a hyphen: co-sleeping baby are three words of a name.
        typed = [word for leaf in run for word in words(leaf.text)]
        key = self.lexicon.named(typed)
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
            AlsoSearched(
                " ".join(leaf.text for leaf in run),
                self.lexicon.name(key),
                tuple(names),
                len(other_names) - len(names),
            )
        )
        leaves = tuple(Word(word_text("-".join(words(name)))) for name in names)
        return Broadened(all_of(run), leaves)
