"""Find the title of a work among the words of a reference. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import log

from waymark.enquiries.references.parts import ReferenceText
from waymark.library.catalogue.duplicates import plain_title, titles_match

NEAR_TITLE, NEAR_TITLE_OF_BODY = 0.55, 0.62
"""Least likeness, 0 to 1, of another wording of a title by persons, and by bodies alone."""
EDITION = re.compile(r"\s*[(\[]((?:18|19|20)\d\d)[)\]]\s*$")
_ARTICLES = frozenset({"the", "a", "an"})


@dataclass(frozen=True, slots=True)
class WorkTitle:
    """A title of the library as plain words. strapline: what may follow it in a reference."""

    words: tuple[str, ...]
    strapline: frozenset[str]


def work_title(title: str, strapline: str = "") -> WorkTitle:
    """The title without the year of an edition in brackets: "Working together (2018)"."""
    words = plain_title(EDITION.sub("", title)).split()
    return WorkTitle(tuple(words), frozenset(plain_title(strapline).split()))


@dataclass(frozen=True, slots=True)
class FoundTitle:
    """Where a reference has a title. start, end: its words there, end not included.

    typed: as the reference has it. similarity: see WordWeights; same: up to spelling.
    """

    start: int
    end: int
    typed: str
    similarity: float
    same: bool


class WordWeights:
    """Weights of words: what is in many titles says little. titles: all of the library.

    Of 100 titles, a word in one weighs ln 101 and one in all of them ln 2; a word in none weighs
    as much as one in one.
    """

    def __init__(self, titles: Iterable[WorkTitle]) -> None:
        listed = list(titles)
        self._titles = len(listed)
        self._frequency = Counter(word for title in listed for word in set(title.words))

    def likeness(self, first: Collection[str], second: Collection[str]) -> float:
        """Weight of the common words twice, by the weight of all words of both: 0 to 1."""
        ours, theirs = Counter(first), Counter(second)
        common, every = self._sum(ours & theirs), self._sum(ours) + self._sum(theirs)
        return 2 * common / every if every else 0.0

    def _sum(self, words: Counter[str]) -> float:
        return sum(
            number * log(1 + self._titles / self._frequency.get(word, 1))
            for word, number in words.items()
        )


def find_title(
    title: WorkTitle, reference: ReferenceText, allowed: Collection[str], weights: WordWeights
) -> FoundTitle | None:
    """The place in a reference that is most like a title; None if it has none of its words.

    allowed: other words that may stand beside a title, such as the publisher's.
    """
    window = _window(title.words, [word.plain for word in reference.words])
    if window is None:
        return None
    start, end = window
    end = _with_rest(reference, end, set(title.strapline) | set(allowed))
    start = _with_beginning(reference, start, set(allowed))
    plain = [word.plain for word in reference.words[start:end]]
    typed = reference.text[reference.words[start].start : reference.words[end - 1].end]
    # A strapline is no part of the title in the library, and often is in a reference.
    own = window[1] - start
    plain = [*plain[:own], *(word for word in plain[own:] if word not in title.strapline)]
    plain, words = _without_article(plain), _without_article(title.words)
    same = titles_match(" ".join(plain), " ".join(words))
    return FoundTitle(start, end, typed, 1.0 if same else weights.likeness(words, plain), same)


def _without_article(words: Collection[str]) -> list[str]:
    listed = list(words)
    return listed[1:] if listed and listed[0] in _ARTICLES else listed


def _window(title: tuple[str, ...], words: list[str]) -> tuple[int, int] | None:
    """The stretch of words with most of a title: around the longest run that both have."""
    compared = SequenceMatcher(None, title, words, autojunk=False)
    run = compared.find_longest_match()
    if not run.size:
        return None
    # As far to each side as the title has words there, and one more for a word put in.
    lowest = max(0, run.b - run.a - 1)
    highest = min(len(words), run.b + len(title) - run.a + 1)
    inner = SequenceMatcher(None, title, words[lowest:highest], autojunk=False)
    blocks = [block for block in inner.get_matching_blocks() if block.size]
    first, last = blocks[0], blocks[-1]
    # Misspelt words at its ends belong to it: "Lerning from neglect".
    start = max(0, lowest + first.b - first.a)
    end = min(len(words), lowest + last.b + len(title) - last.a)
    start = start if _like(title, words[start : lowest + first.b], at=0) else lowest + first.b
    tail = words[lowest + last.b + last.size : end]
    if not _like(title, tail, at=last.a + last.size):
        end = lowest + last.b + last.size
    return start, end


def _like(title: tuple[str, ...], words: list[str], *, at: int) -> bool:
    """True if the words are spellings of those of a title from a place in it."""
    theirs = title[at : at + len(words)]
    return len(theirs) == len(words) and all(
        SequenceMatcher(None, word, title_word, autojunk=False).ratio() >= 0.75
        for word, title_word in zip(words, theirs, strict=True)
    )


def _with_rest(reference: ReferenceText, end: int, allowed: set[str]) -> int:
    """The end of the sentence that a title is in, as far as it is no publisher or place.

    "Crossing rivers: a handbook for otters. London" goes on until "otters".
    """
    at = end
    while at < len(reference.words) and not reference.breaks_after(at - 1, comma=True):
        at += 1
    rest = [word.plain for word in reference.words[end:at]]
    return end if all(word in allowed or word.isdigit() for word in rest) else at


def _with_beginning(reference: ReferenceText, start: int, allowed: set[str]) -> int:
    """The beginning of the sentence that a title is in, as far as that is no author or year."""
    at = start
    while at > 0 and not reference.breaks_after(at - 1, comma=True):
        at -= 1
    before = reference.words[at:start]
    if all(
        word.plain in allowed | _ARTICLES or word.plain.isdigit() or len(word.plain) == 1
        for word in before
    ):
        return start
    # "Reed A 2012 Crossing rivers": all before the year is the author.
    years = [place for place in range(at, start) if reference.words[place].plain.isdigit()]
    return years[-1] + 1 if years else at
