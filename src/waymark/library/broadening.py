"""Searching other names of what was typed: those that the thesaurus has for it, and for all that
stands under it. What was typed stays apart from what was added, so that it can be told and undone.

A word, or words side by side, that name a subject are broadened; of names that overlap the longest.
Not broadened: what stands in quotation marks, with a star, in a field, or under a NOT.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from waymark.library.analysis import runs_of, words
from waymark.library.thesaurus import Lexicon
from waymark.library.tree import And, Broadened, Or, Tree, Word, all_of, any_of, word_text

MOST_NAMES = 24
"""Names added for one subject: of very wide ones the rest is told, not searched."""
MOST_OF_QUERY = 60


@dataclass(frozen=True, slots=True)
class AlsoSearched:
    """typed: the words that name a subject; subject: its name; names: what is searched besides.

    left_out: how many further names are not, because there are too many.
    """

    typed: str
    subject: str
    names: tuple[str, ...]
    left_out: int


def broadened(
    tree: Tree, lexicon: Lexicon, languages: Sequence[str]
) -> tuple[Tree, tuple[AlsoSearched, ...]]:
    """The tree with other names beside what was typed, and what was added, in the order typed.

    languages: of the names to add: those that texts are held in.
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
        """The parts of an And, its words broadened, of names that overlap the longest."""
        at = 0
        while at < len(parts):
            run = self._words_from(parts, at)
            for length in range(len(run), 0, -1):
                found = self._named(run[:length])
                if found is not None:
                    yield found
                    at += length
                    break
            else:
                yield run[0] if run else self.of(parts[at])
                at += 1

    def _words_from(self, parts: Sequence[Tree], at: int) -> list[Word]:
        """The words that stand side by side from a place on, as many as a name may have."""
        run: list[Word] = []
        for part in parts[at : at + max(1, self.lexicon.longest)]:
            if not isinstance(part, Word):
                break
            run.append(part)
        return run

    def _named(self, run: Sequence[Word]) -> Broadened | None:
        """The words with other names of the subject that they name; None where they name none."""
        typed = [word for leaf in run for word in words(leaf.text)]
        key = self.lexicon.named(typed)
        if key is None:
            return None
        said = set(runs_of("-".join(typed)))
        others = [
            name
            for name in self.lexicon.names_of(key, languages=self.languages)
            if not said.issuperset(runs_of(name))
        ]
        names = others[: min(MOST_NAMES, self.left)]
        if not names:
            return None
        self.left -= len(names)
        self.added.append(
            AlsoSearched(
                " ".join(leaf.text for leaf in run),
                self.lexicon.name(key),
                tuple(names),
                len(others) - len(names),
            )
        )
        leaves = tuple(Word(word_text("-".join(words(name)))) for name in names)
        return Broadened(all_of(run), leaves)
