"""Find the words of one reading in another reading of the same file (no Django).

As with the quote selector of the W3C, words are found by what they are and what is around them, not
by where they were. Three outcomes, and never a silent guess:

- moved: the same words in the same order stand in one place only, or its surroundings tell it from
  all others. White space, and running headers and footers inside the quotation, do not count.
- unsure: a place is proposed, for a person to decide: letters and digits agree but for hyphens,
  quotation marks, ligatures or case; or at least 3 of 4 words agree in order; or several places
  hold the same words and their surroundings do not tell them apart.
- lost: there is no such place.

Example: "the visits stopped" is in the older text twice, once after "In May" and once after "In
June". The newer text has it after "In June" only. For the second quotation that place is certain;
for the first it is a proposal, because nothing around it is the same.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Literal

from waymark.core.spans import Span

Outcome = Literal["moved", "unsure", "lost"]

AROUND = 200
"""Most characters compared on each side."""
SURE = 12
"""Characters around a place that must agree before they tell it from another."""
LONG = 20
"""Letters and digits of a quotation that needs no surroundings if it is in each text once."""
MOST_PLACES = 2_000
SIMILAR = 0.75
"""Share of words that must agree in order: 2 x agreeing / (words there + words here)."""
LEAST_WORDS = 4
MOST_WORDS = 1_500
COMMON = 200
"""Occurrences of a word above which it does not lead to a place."""
TRIED = 3
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Relocation:
    """Place of quoted words in another text. span: None if lost."""

    outcome: Outcome
    span: Span | None


LOST = Relocation("lost", None)


class Stream:
    """Characters of a text that count, joined. at: position in the text of each of them."""

    def __init__(self, characters: str, at: "array[int]") -> None:
        self.characters = characters
        self.at = at

    def places(self, quoted: str) -> list[tuple[int, int]]:
        """Every occurrence of some characters: start and end in the stream; at most MOST_PLACES."""
        places: list[tuple[int, int]] = []
        start = self.characters.find(quoted)
        while start >= 0 and len(places) < MOST_PLACES:
            places.append((start, start + len(quoted)))
            start = self.characters.find(quoted, start + 1)
        return places

    def range_of(self, span: Span) -> tuple[int, int]:
        """The part of the stream that comes from a span of the text."""
        return bisect_left(self.at, span.start), bisect_left(self.at, span.end)

    def span_of(self, start: int, end: int) -> Span:
        """The span of the text that a part of the stream comes from."""
        return Span(self.at[start], self.at[end - 1] + 1)


class SearchableText:
    """A text in which quotations of another reading are looked for, prepared once for many.

    furniture: start and end of running headers and footers, which are passed over.
    """

    def __init__(self, text: str, furniture: Iterable[Sequence[int]] = ()) -> None:
        self.text = text
        self.furniture = sorted((start, end) for start, end in furniture)

    @cached_property
    def plain(self) -> Stream:
        """All but white space and furniture."""
        at = array("l")
        for start, end in self._body(Span(0, len(self.text))) if self.text else ():
            at.extend(place for place in range(start, end) if not self.text[place].isspace())
        return Stream("".join(map(self.text.__getitem__, at)), at)

    @cached_property
    def folded(self) -> Stream:
        """Its letters and digits alone, in lower case, ligatures taken apart."""
        characters: list[str] = []
        at = array("l")
        for character, place in zip(self.plain.characters, self.plain.at, strict=True):
            for part in _folded(character):
                characters.append(part)
                at.append(place)
        return Stream("".join(characters), at)

    @cached_property
    def words(self) -> list[tuple[str, int, int]]:
        """Each word, folded, with its start and end."""
        parts = self._body(Span(0, len(self.text))) if self.text else ()
        matches = (match for part in parts for match in WORD.finditer(self.text, *part))
        return [("".join(map(_folded, match.group())), *match.span()) for match in matches]

    @cached_property
    def word_places(self) -> dict[str, list[int]]:
        """Folded word -> its numbers in words."""
        places: dict[str, list[int]] = defaultdict(list)
        for number, (word, _, _) in enumerate(self.words):
            places[word].append(number)
        return places

    def spaced(self, span: Span) -> str:
        """The words of a span with single spaces and without furniture."""
        parts = (self.text[start:end] for start, end in self._body(span))
        return " ".join(" ".join(parts).split())

    def cut_ends(self, span: Span) -> frozenset[str]:
        """The ends of a span that cut a word in two."""
        ends = {"start": span.start, "end": span.end}
        return frozenset(
            name
            for name, at in ends.items()
            if self.text[max(0, at - 1) : at].isalnum() and self.text[at : at + 1].isalnum()
        )

    def _body(self, span: Span) -> Iterable[tuple[int, int]]:
        """The parts of a span that are not furniture."""
        at = span.start
        for start, end in self.furniture:
            if at < start < span.end:
                yield at, start
            if start < span.end:
                at = max(at, end)
        if at < span.end:
            yield at, span.end


def _folded(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    whole = unicodedata.normalize("NFKD", character).casefold()
    return "".join(filter(str.isalnum, whole))


def relocate(span: Span, old: SearchableText, new: SearchableText) -> Relocation:
    """Find the words of a span of an older text in a newer one."""
    return (
        _exact_place(span, old, new)
        or _folded_place(span, old, new)
        or _similar_place(span, old, new)
        or LOST
    )


def _exact_place(span: Span, old: SearchableText, new: SearchableText) -> Relocation | None:
    """The place of the same words; None if the newer text has them nowhere."""
    start, end = old.plain.range_of(span)
    quoted = old.plain.characters[start:end]
    if not quoted:
        return None  # all of it is furniture
    spaced, cut = old.spaced(span), old.cut_ends(span)
    places = _places_like(quoted, spaced, cut, new)
    if not places:
        return None
    own = old.plain.span_of(start, end)
    rivals = [place for place in _places_like(quoted, spaced, cut, old) if place != own]
    return _told_apart(own, rivals, places, old, new)


def _places_like(quoted: str, spaced: str, cut: frozenset[str], text: SearchableText) -> list[Span]:
    """The places of the same words, which cut no word where the quotation cuts none."""
    spans = [text.plain.span_of(*place) for place in text.plain.places(quoted)]
    return [
        place for place in spans if text.cut_ends(place) <= cut and text.spaced(place) == spaced
    ]


def _told_apart(
    own: Span, rivals: list[Span], places: list[Span], old: SearchableText, new: SearchableText
) -> Relocation:
    """Choose among the places of the same words in the newer text.

    rivals: other places of the same words in the older text, which may be meant instead.
    """
    shared = {place: _shared_around(own, place, old, new) for place in places}
    best = max(places, key=lambda place: (shared[place], -_distance(own, place, old, new)))
    others = [shared[place] for place in places if place != best]
    others += [_shared_around(rival, best, old, new) for rival in rivals]
    if others:
        sure = shared[best] >= SURE + max(others)
    else:
        start, end = old.folded.range_of(own)
        sure = end - start >= LONG or shared[best] >= SURE
    return Relocation("moved" if sure else "unsure", best)


def _distance(own: Span, place: Span, old: SearchableText, new: SearchableText) -> float:
    """How far two places are apart, each as a share of its text."""
    return abs(own.start / len(old.text) - place.start / len(new.text))


def _shared_around(own: Span, place: Span, old: SearchableText, new: SearchableText) -> int:
    """Number of letters and digits before and after that two places have in common."""
    first, last = old.folded.range_of(own)
    start, end = new.folded.range_of(place)
    before, after = old.folded.characters, new.folded.characters
    return _shared(
        before[max(0, first - AROUND) : first][::-1], after[max(0, start - AROUND) : start][::-1]
    ) + _shared(before[last : last + AROUND], after[end : end + AROUND])


def _shared(text: str, other: str) -> int:
    """Length of the common beginning of two strings."""
    for number, (left, right) in enumerate(zip(text, other, strict=False)):
        if left != right:
            return number
    return min(len(text), len(other))


def _folded_place(span: Span, old: SearchableText, new: SearchableText) -> Relocation | None:
    """The likeliest place where letters and digits agree, as a proposal; None if none does."""
    start, end = old.folded.range_of(span)
    quoted = old.folded.characters[start:end]
    places = [new.folded.span_of(*place) for place in new.folded.places(quoted)] if quoted else []
    cut = old.cut_ends(span)
    places = [place for place in places if new.cut_ends(place) <= cut]
    if not places:
        return None
    own = old.folded.span_of(start, end)
    best = max(
        places,
        key=lambda place: (
            _shared_around(own, place, old, new),
            -_distance(own, place, old, new),
        ),
    )
    return Relocation("unsure", _with_marks(best, old.text[span.start : span.end], new.text))


def _with_marks(place: Span, quoted: str, text: str) -> Span:
    """Widen a place by the marks that the quotation begins and ends with, as far as they follow."""
    first = next((at for at, sign in enumerate(quoted) if sign.isalnum()), 0)
    last = next((at for at, sign in enumerate(reversed(quoted)) if sign.isalnum()), 0)
    before, after = quoted[:first], quoted[len(quoted) - last :]
    preceding = text[max(0, place.start - len(before)) : place.start]
    following = text[place.end : place.end + len(after)]
    return Span(
        place.start - _shared(before[::-1], preceding[::-1]),
        place.end + _shared(after, following),
    )


def _similar_place(span: Span, old: SearchableText, new: SearchableText) -> Relocation | None:
    """The place where most words agree in order, as a proposal; None if none is similar enough."""
    quoted = ["".join(map(_folded, word)) for word in WORD.findall(old.spaced(span))]
    if not LEAST_WORDS <= len(quoted) <= MOST_WORDS:
        return None
    best, most = None, SIMILAR
    for begin in _likely_beginnings(quoted, new):
        first = max(0, begin - len(quoted) // 8 - 2)
        window = new.words[first : begin + len(quoted) + len(quoted) // 8 + 2]
        share, start, end = _alignment(quoted, [word for word, _, _ in window])
        if share >= most:
            best, most = Span(window[start][1], window[end - 1][2]), share
    if best is None:
        return None
    return Relocation("unsure", _with_marks(best, old.text[span.start : span.end], new.text))


def _likely_beginnings(quoted: list[str], new: SearchableText) -> list[int]:
    """Numbers of the words at which most of the quoted words would be in their places."""
    votes: Counter[int] = Counter()
    for number, word in enumerate(quoted):
        places = new.word_places.get(word, ())
        if len(places) <= COMMON:
            votes.update(place - number for place in places)
    return [max(0, begin) for begin, _ in votes.most_common(TRIED)]


def _alignment(quoted: list[str], window: list[str]) -> tuple[float, int, int]:
    """Share of agreeing words, and the start and end of the part of the window that has them."""
    blocks = SequenceMatcher(None, quoted, window, autojunk=False).get_matching_blocks()[:-1]
    if not blocks:
        return 0.0, 0, 1
    start, end = blocks[0].b, blocks[-1].b + blocks[-1].size
    agreeing = sum(block.size for block in blocks)
    return 2 * agreeing / (len(quoted) + end - start), start, end
