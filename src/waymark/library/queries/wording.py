"""The words that a query searches: typed words, related terms, and no common words."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from waymark.documents.queries.reader import open_reviews
from waymark.library.language.analyser import words_in
from waymark.library.queries.search_backend import search_backend
from waymark.library.queries.thesaurus import subject_lexicon
from waymark.library.search.common_words import asking_words, without_common_words
from waymark.library.search.expansion import RelatedTerms, expand_query, words_near
from waymark.library.search.known_items import is_pseudonym, may_be_pseudonym
from waymark.library.search.numbers_in_words import with_numbers
from waymark.library.search.parser import QueryNote
from waymark.library.search.protocol import SearchAudience
from waymark.library.search.tree import AndNode, QueryTree, WordNode, text_nodes
from waymark.library.thesaurus import SubjectLexicon

MOST_TITLES = 20
"""Titles that are compared with a name in lower case: "child p" is part of many."""
ALL_COMMON = (
    "Every word you typed is very common, so we searched for this exact phrase. "
    "Add another word to get better results."
)


@dataclass(frozen=True, slots=True)
class QueryWording:
    """The tree that runs. related: terms added; left_out: common words that are not searched."""

    tree: QueryTree | None
    related: tuple[RelatedTerms, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[QueryNote, ...] = ()


class QueryWorder:
    """Turns typed trees into trees to run; the thesaurus is read once for all of them.

    text: as typed, which tells questions and sentences from a list of words. broaden: add related
    terms, in the languages of the texts that the audience may see.
    """

    def __init__(self, text: str, audience: SearchAudience, *, broaden: bool) -> None:
        self.asking = asking_words(text)
        self.lexicon = subject_lexicon() if broaden else None
        self.languages = search_backend().languages(audience) if broaden else ()

    def wording(self, tree: QueryTree | None) -> QueryWording:
        """The wording of one typed tree."""
        if tree is None or not any(text_nodes(tree)):
            return QueryWording(tree)
        related: tuple[RelatedTerms, ...] = ()
        if self.lexicon is not None:
            if name := name_of_child(tree, self.lexicon):
                return QueryWording(name)
            tree, readings = with_numbers(tree, self._names_of)
            numbers = [RelatedTerms(reading.typed, "", (reading.meant,), 0) for reading in readings]
            tree, names = expand_query(tree, self.lexicon, self.languages)
            related = (*numbers, *names)
        searched = without_common_words(tree, asking=self.asking)
        # "Reviews" is a name in the thesaurus, but in a question it only asks.
        related = tuple(terms for terms in related if terms.typed.lower() not in searched.left_out)
        notes = [QueryNote(terms.note) for terms in related if terms.note]
        if searched.as_phrase:
            notes.append(QueryNote(ALL_COMMON))
        return QueryWording(searched.tree, related, searched.left_out, tuple(notes))

    def _names_of(self, words: str) -> tuple[str, ...]:
        """All names of the subject that words name; none without one."""
        if self.lexicon is None or not (key := self.lexicon.key_of_words(words.split())):
            return ()
        return self.lexicon.names_of(key, languages=self.languages)


def name_of_child(tree: QueryTree, lexicon: SubjectLexicon) -> WordNode | None:
    """The words of a query that is the name of a child, such as child Birch, side by side.

    Related terms of "child" would bring many records about other children. None for other words,
    and for those that name a subject, such as child protection.
    """
    leaves = tree.parts if isinstance(tree, AndNode) else ()
    words = [leaf for leaf in leaves if isinstance(leaf, WordNode)]
    texts = [word.text for word in words]
    if len(words) < len(leaves) or lexicon.key_of_words(texts):
        return None
    return words_near(words, apart=1) if is_name_of_child(" ".join(texts)) else None


def is_name_of_child(text: str) -> bool:
    """True for words that read as the name of a child or family, or that are in a public title."""
    if is_pseudonym(text):
        return True
    if not may_be_pseudonym(text):
        return False
    typed = words_in(text.casefold())
    # Titles are asked as the public sees them, so that nobody learns of a review by its name.
    titles = open_reviews(AnonymousUser(), timezone.now()).filter(title__icontains=" ".join(typed))
    return any(
        _side_by_side(typed, words_in(title.casefold()))
        for title in titles.values_list("title", flat=True)[:MOST_TITLES]
    )


def _side_by_side(typed: list[str], words: list[str]) -> bool:
    return any(words[at : at + len(typed)] == typed for at in range(len(words)))
