"""The words that a query searches: typed words, related terms, and no common words."""

from dataclasses import dataclass

from waymark.library.queries.search_backend import search_backend
from waymark.library.queries.thesaurus import subject_lexicon
from waymark.library.search.common_words import asking_words, without_common_words
from waymark.library.search.expansion import RelatedTerms, expand_query, words_near
from waymark.library.search.known_items import is_pseudonym
from waymark.library.search.parser import QueryNote
from waymark.library.search.tree import AndNode, QueryTree, WordNode, text_nodes
from waymark.library.thesaurus import SubjectLexicon

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
    terms.
    """

    def __init__(self, text: str, *, broaden: bool) -> None:
        self.asking = asking_words(text)
        self.lexicon = subject_lexicon() if broaden else None
        self.languages = search_backend().languages() if broaden else ()

    def wording(self, tree: QueryTree | None) -> QueryWording:
        """The wording of one typed tree."""
        if tree is None or not any(text_nodes(tree)):
            return QueryWording(tree)
        related: tuple[RelatedTerms, ...] = ()
        if self.lexicon is not None:
            if name := name_of_child(tree, self.lexicon):
                return QueryWording(name)
            tree, related = expand_query(tree, self.lexicon, self.languages)
        searched = without_common_words(tree, asking=self.asking)
        # "Reviews" is a name in the thesaurus, but in a question it only asks.
        related = tuple(terms for terms in related if terms.typed.lower() not in searched.left_out)
        notes = [QueryNote(terms.note) for terms in related if terms.note]
        if searched.as_phrase:
            notes.append(QueryNote(ALL_COMMON))
        return QueryWording(searched.tree, related, searched.left_out, tuple(notes))


def name_of_child(tree: QueryTree, lexicon: SubjectLexicon) -> WordNode | None:
    """The words of a query that is the name of a child, such as child Birch, side by side.

    Related terms of "child" would bring many records about other children. None for other words,
    and for those that name a subject, such as Child Protection.
    """
    leaves = tree.parts if isinstance(tree, AndNode) else ()
    words = [leaf for leaf in leaves if isinstance(leaf, WordNode)]
    texts = [word.text for word in words]
    if len(words) < len(leaves) or not is_pseudonym(" ".join(texts)):
        return None
    return None if lexicon.key_of_words(texts) else words_near(words, apart=1)
