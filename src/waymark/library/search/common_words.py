"""Common words of a query: they are neither searched nor marked. Pure.

In `neglect and school` the word "and" is in every report: searching for it finds no other record,
but marks 260 more passages. So words that carry grammar are left out, and "involved" with them. So
are the words that only ask where a visitor types a whole question, and fewer of them, the words for
a review, where a visitor types a sentence (four words or more, one of them of grammar):

    neglect and school                                       -> neglect school
    neglect with school involved                             -> neglect school
    lessons from cases of neglect                            -> neglect
    what can we learn from reviews about babies' sleep?      -> babies' sleep
    was not brought (a name in the thesaurus)                -> these words side by side
    who am I                                                 -> the exact phrase "who am I"
    "not seen" not*, title:and, heron OR the, NOT the        -> unchanged

Exact phrases, fields, words with a star, and the parts of OR and NOT keep their meaning: there the
visitor chose the word.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from waymark.library.language.analyser import word_forms, words_in
from waymark.library.search.tree import (
    AndNode,
    ExpandedNode,
    PhraseNode,
    QueryTree,
    WordNode,
    all_of,
    text_nodes,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMON = _words(
    """
    a about above after again all also am an and any are aren't as at be because been before
    being between both but by can can't could couldn't did didn't do does doesn't doing
    don't during each for from had hadn't has hasn't have haven't having he he's her here
    hers herself him himself his how i i'm if in into is isn't it it's its itself just let
    me more most my myself no nor not of off on once only or other our ours ourselves out
    over own she should shouldn't so some such than that that's the their theirs them
    themselves then there these they this those through to too until up us very was wasn't
    we were weren't what what's when where which while who whom whose why will with won't
    would wouldn't you your yours yourself agus na y yr yn ac
    concerning involve involved involves involving regarding relating
    """
)
"""Words of grammar in English, and words that only connect, as grammar does: neglect with school
involved. Also a few of Irish and Welsh that are no English words."""

ASKING = _words(
    """
    case cases evidence find finds found get gets happen happened happens inquiries inquiry know
    known knows learn learned learns learnt lesson lessons mean meaning means reports review reviews
    say said says show shown shows teach teaches tell tells told
    """
)
"""Words that ask for what every record is; left out of whole questions only."""
NAMING = _words(
    """
    case cases example examples inquiries inquiry lesson lessons report reports review reviews
    """
)
"""Those that name what every record is; also left out of sentences."""
OF_REVIEWS = _words("learning management practice safeguarding serious")
"""Words that only ask as parts of a name: serious case reviews, learning from reviews."""

OPENINGS = _words(
    """
    are can could did do does has have how is should tell was were what what's when where
    which who whose why
    """
)
SHORTEST_QUESTION = 4
"""Words: "what reviews say" may be a title, "what do reviews say about sleep" is a question."""


@dataclass(frozen=True, slots=True)
class SearchedWords:
    """The part of a query that is searched. left_out: common words of it that are not.

    as_phrase: True if all typed words are common, so they are searched as one exact phrase.
    """

    tree: QueryTree | None
    left_out: tuple[str, ...] = ()
    as_phrase: bool = False


def is_question(text: str) -> bool:
    """True for a question in whole words: it ends with "?", or opens as questions do."""
    typed = words_in(text)
    opening = bool(typed) and word_forms(typed[0])[0] in OPENINGS
    return text.rstrip().endswith("?") or (opening and len(typed) >= SHORTEST_QUESTION)


def asking_words(text: str) -> frozenset[str]:
    """The words that only ask in a text: most in a question, none in a list of words."""
    if is_question(text):
        return ASKING
    typed = words_in(text)
    is_sentence = len(typed) >= SHORTEST_QUESTION and any(map(is_common_word, typed))
    return NAMING if is_sentence else frozenset()


def without_common_words(
    tree: QueryTree | None, *, asking: frozenset[str] = frozenset()
) -> SearchedWords:
    """The query without its common words and those that only ask, from asking_words().

    tree: as typed, or expanded with the names of the thesaurus.
    """
    if not isinstance(tree, AndNode):
        return SearchedWords(tree)
    common, rest = _divided(tree.parts, _is_common)
    if asking:
        only_ask, others = _divided(rest, lambda part: _only_asks(part, asking))
        # "What are lessons learned?" is about these words, "learning from case reviews" as well.
        if any(_has_words(part) and not _is_of_reviews(part, asking) for part in others):
            common, rest = common + only_ask, others
    if not common:
        return SearchedWords(all_of(rest))
    if not any(map(_has_words, rest)):
        return SearchedWords(all_of([_phrase(common), *rest]), as_phrase=len(common) > 1)
    return SearchedWords(all_of(rest), _typed(common))


def _divided(
    parts: Iterable[QueryTree], is_one: Callable[[QueryTree], bool]
) -> tuple[list[QueryTree], list[QueryTree]]:
    """The parts of which something is true, and the others."""
    listed = [(is_one(part), part) for part in parts]
    return [part for true, part in listed if true], [part for true, part in listed if not true]


def _has_words(part: QueryTree) -> bool:
    """True for a part with words to search for, and not only with fields."""
    return any(True for _ in text_nodes(part))


def _is_common(part: QueryTree) -> bool:
    """True for one typed word of grammar."""
    return isinstance(part, WordNode) and is_common_word(part.text)


def is_common_word(word: str) -> bool:
    """True for a word of grammar as typed; "IT" and "WHO" in capitals are names."""
    return word_forms(word)[0] in COMMON and not (len(word) > 1 and word.isupper())


def _only_asks(part: QueryTree, asking: frozenset[str]) -> bool:
    """True for a word like "learn", and for a name of reviews that the thesaurus has."""
    if isinstance(part, WordNode):
        return word_forms(part.text)[0] in asking
    if not isinstance(part, ExpandedNode):
        return False
    typed = _typed_forms(part)
    return bool(typed & asking) and typed <= asking | COMMON | OF_REVIEWS


def _is_of_reviews(part: QueryTree, asking: frozenset[str]) -> bool:
    """True for a word of OF_REVIEWS in a sentence; in a question it is what is asked about."""
    return asking is not ASKING and _typed_forms(part) <= OF_REVIEWS


def _typed_forms(part: QueryTree) -> set[str]:
    typed = part.typed if isinstance(part, ExpandedNode) else part
    return {word_forms(word)[0] for leaf in text_nodes(typed) for word in words_in(leaf.text)}


def _phrase(common: Sequence[QueryTree]) -> QueryTree:
    words = [leaf.text for part in common for leaf in text_nodes(part)]
    return WordNode(words[0]) if len(words) == 1 else PhraseNode(" ".join(words))


def _typed(parts: Iterable[QueryTree]) -> tuple[str, ...]:
    """The typed words of the parts, each once, in the order typed."""
    ordered = sorted(parts, key=_position)
    texts = [
        " ".join(words_in(leaf.text)) if isinstance(part, ExpandedNode) else leaf.text
        for part in ordered
        for leaf in text_nodes(part.typed if isinstance(part, ExpandedNode) else part)
    ]
    return tuple(dict.fromkeys(text.lower() for text in texts))


def _position(part: QueryTree) -> int:
    return next((leaf.start for leaf in text_nodes(part)), 0)
