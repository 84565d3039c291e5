"""The topic nearest to words for which a search finds nothing. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from waymark.library.language.analyser import word_forms, words_in
from waymark.library.search.common_words import ASKING, OF_REVIEWS, is_common_word


def content_terms(text: str) -> frozenset[str]:
    """The terms of a text that carry meaning: "lessons on asthmatic babies" -> asthmat, babi."""
    forms = [word_forms(word) for word in words_in(text) if not is_common_word(word)]
    return frozenset(term for folded, term in forms if folded not in ASKING | OF_REVIEWS)


OTHER_NAMES = 0.5
"""Weight of a term that only the subjects of a topic have."""


@dataclass(frozen=True, slots=True)
class TopicNames:
    """What a topic is called. own: its name and words; others: the names of its subjects."""

    own: tuple[str, ...]
    others: tuple[str, ...] = ()

    def weights(self) -> dict[str, float]:
        """Term -> weight."""
        others = dict.fromkeys(chain.from_iterable(map(content_terms, self.others)), OTHER_NAMES)
        return others | dict.fromkeys(chain.from_iterable(map(content_terms, self.own)), 1.0)


def nearest_topic(text: str, names: Mapping[str, TopicNames]) -> str | None:
    """The key of the topic whose names share most with a text; None if none shares a term.

    A term of many topics counts little: one that two of them have counts half in each. Of equal
    topics the first by key.
    """
    terms = {key: called.weights() for key, called in names.items()}
    sharing = Counter(chain.from_iterable(terms.values()))
    typed = content_terms(text)
    scores = {
        key: sum(weights[term] / sharing[term] for term in typed & weights.keys())
        for key, weights in terms.items()
    }
    best = min(scores, key=lambda key: (-scores[key], key), default=None)
    return best if best is not None and scores[best] > 0 else None
