"""Choose the passages that a topic page shows. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from waymark.core.spans import Span
from waymark.core.text import sentences

NUMBER = 5
SHORTEST, LONGEST = 60, 420
"""Characters of a passage that can be understood alone and read at a glance."""
CLOSING = "\"')]\u201d\u2019"
"""Quotation marks and brackets that may follow the end of a sentence."""
BULLET = re.compile(r"^[•◦▪‣∙·*]\s+")
BASES = ("both", "adjudicated", "sole")


@dataclass(frozen=True, slots=True)
class TopicPassage:
    """A passage that a topic page may show.

    review: reference; key: citation key. basis: of an agreed code, the strongest: one of BASES, ""
    for a passage found by its words alone. codes: names of the topic's codes that it has.
    with_words: it contains words of the topic. rank: place of the review in the search, from 0;
    place: of the passage among those that the search shows of its review.
    """

    review: str
    title: str
    key: str
    page: int
    text: str
    basis: str
    codes: tuple[str, ...]
    with_words: bool
    rank: int
    place: int = 0

    @property
    def strength(self) -> tuple[object, ...]:
        """Sorts before that of a weaker passage; no two passages have the same.

        Agreed codes first; then passages of a readable length, those with the topic's words, the
        stronger agreement, more codes, the order of the search; at last the key, so that ties are
        fixed.
        """
        return (
            not self.basis,
            not SHORTEST <= len(self.text) <= LONGEST,
            not self.with_words,
            BASES.index(self.basis) if self.basis else 0,
            -len(self.codes),
            self.rank,
            self.place,
            self.review,
            self.key,
        )


def strongest_passages(
    candidates: Iterable[TopicPassage], *, number: int = NUMBER
) -> list[TopicPassage]:
    """The strongest passages: no review has two before all reviews have one.

    Of reviews A (passages a1, a2) and B (b1), by strength a1, a2, b1: a1, b1, a2.
    """
    by_review = sorted(candidates, key=lambda passage: (passage.review, passage.strength))
    rounds = [
        (place, passage.strength, passage)
        for _, passages in groupby(by_review, key=attrgetter("review"))
        for place, passage in enumerate(passages)
    ]
    return [passage for _, _, passage in sorted(rounds, key=lambda turn: turn[:2])[:number]]


def whole_sentences(paragraph: str, span: Span) -> Span:
    """The sentences of a paragraph that a span is in, whole.

    "He slept. She was seen once, alone." with the span of "seen once" gives the second sentence.
    The span itself where its sentences are too long to be read at a glance.
    """
    touched = [
        sentence
        for sentence in sentences(paragraph)
        if sentence.start < span.end and span.start < sentence.end
    ]
    if not touched:
        return span
    whole = Span(min(span.start, touched[0].start), max(span.end, touched[-1].end))
    return whole if whole.end - whole.start <= LONGEST else span


def with_ellipses(text: str) -> str:
    """A quotation without the bullet of a list, with an ellipsis where it is cut in a sentence."""
    text = BULLET.sub("", text)
    before = "… " if text[:1].islower() else ""
    after = "" if text.rstrip(CLOSING).endswith((".", "!", "?", ":", "…")) else " …"
    return f"{before}{text}{after}"
