"""Summary of a review at the top of its page: its card, and its abstract with sources."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from waymark.frameworks.variables import SILENT
from waymark.library.models import AbstractPlace
from waymark.profiles.queries import NamedPeople, ProfileFact
from waymark.recommendations.queries import FollowedRecommendation

MOST_CHILDREN = 4
"""Children named on the card."""
ROLE, OTHER_CHILD = "role", "other_child"
OF_A_CHILD = ("age", "sex", "outcome")
NATURE = "nature"


@dataclass(frozen=True, slots=True)
class CardChild:
    """A child that the review is about. facts: in words, "4 months, female, died"."""

    name: str
    facts: str


@dataclass(frozen=True, slots=True)
class RecommendationCounts:
    """Number of recommendations, of those overdue, and (state in words, number) of each state."""

    total: int
    overdue: int
    states: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """who: the first children of the review; others: how many more. nature: "" if not agreed."""

    who: tuple[CardChild, ...]
    others: int
    nature: str
    asked: RecommendationCounts


def review_card(
    facts: Sequence[ProfileFact],
    people: NamedPeople,
    followed: Sequence[FollowedRecommendation],
) -> ReviewCard:
    """The card of a review, from its agreed facts; other children of the family are left out."""
    of_child = {
        (fact.child, fact.variable.variable): fact for fact in facts if fact.child is not None
    }
    others = {number for (number, name), fact in of_child.items() if _is_other_child(name, fact)}
    children = [
        CardChild(name, _facts_in_words(of_child.get((number, id_)) for id_ in OF_A_CHILD))
        for number, name in people.children
        if number not in others
    ]
    natures = (
        fact.label
        for fact in facts
        if fact.variable.variable == NATURE and fact.child is None and fact.value not in SILENT
    )
    return ReviewCard(
        tuple(children[:MOST_CHILDREN]),
        max(len(children) - MOST_CHILDREN, 0),
        next(natures, ""),
        recommendation_counts(followed),
    )


def _is_other_child(variable: str, fact: ProfileFact) -> bool:
    return variable == ROLE and fact.value == OTHER_CHILD


def _facts_in_words(facts: Iterable[ProfileFact | None]) -> str:
    return ", ".join(fact.label.lower() for fact in facts if fact and fact.value not in SILENT)


def recommendation_counts(followed: Iterable[FollowedRecommendation]) -> RecommendationCounts:
    """Count recommendations by state: 5, 1 of them overdue: 2 complete, 3 without a report."""
    listed = list(followed)
    states = Counter(
        item.progress.get_status_display().lower() if item.progress else "no progress reported"
        for item in listed
    )
    return RecommendationCounts(
        len(listed), sum(item.overdue for item in listed), tuple(states.most_common())
    )


# ---- the abstract ----


@dataclass(frozen=True, slots=True)
class AbstractPart:
    """Words of an abstract. place: where the report has them word for word; None if it does not."""

    text: str
    place: AbstractPlace | None


@dataclass(frozen=True, slots=True)
class LinkedAbstract:
    """Paragraphs of an abstract. unplaced: sources whose words were edited since."""

    paragraphs: tuple[tuple[AbstractPart, ...], ...]
    unplaced: tuple[AbstractPlace, ...]


def linked_abstract(abstract: str, places: Iterable[AbstractPlace]) -> LinkedAbstract:
    """An abstract with each sentence that is in a report word for word beside its place.

    Example: "He was two. Nobody came." with a place of "Nobody came." gives the parts "He was two."
    without a place and "Nobody came." with it.
    """
    waiting = {place.key: (_one_line(place.exact), place) for place in places}
    paragraphs = []
    for paragraph in abstract.replace("\r\n", "\n").split("\n\n"):
        text = _one_line(paragraph)
        if not text:
            continue
        within = sorted(
            (text.index(words), len(words), key)
            for key, (words, _) in waiting.items()
            if words and words in text
        )
        parts, at = [], 0
        for start, length, key in within:
            if start >= at:
                parts += [AbstractPart(text[at:start], None)] if text[at:start].strip() else []
                parts.append(AbstractPart(text[start : start + length], waiting.pop(key)[1]))
                at = start + length
        parts += [AbstractPart(text[at:], None)] if text[at:].strip() else []
        paragraphs.append(tuple(parts))
    return LinkedAbstract(tuple(paragraphs), tuple(place for _, place in waiting.values()))


def _one_line(text: str) -> str:
    return " ".join(text.split())
