"""A draft abstract of a review: sentences of its own reports, chosen by rules, word for word.

The parts are those of the abstracts of a national repository: the event, the background, the key
issues, the recommendations. A sentence is chosen for what people have agreed about it, for the
heading it stands under and for cue words; which of these is told with it. A person decides: nothing
here is ever saved by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from waymark.core.spans import Span
from waymark.core.text import sentences
from waymark.library.abstract_cues import NUMBER, Part, caution, points

PARTS: tuple[Part, ...] = ("event", "background", "issues", "recommendations")
NAMES: dict[Part, str] = {
    "event": "",
    "background": "Background",
    "issues": "Key issues",
    "recommendations": "Recommendations",
}
"""How each part begins in an abstract; the event comes first and without a name."""
MOST: dict[Part, int] = {"event": 2, "background": 4, "issues": 6, "recommendations": 6}
LEAST: dict[Part, float] = {"event": 5, "background": 2.5, "issues": 3, "recommendations": 3}
"""A sentence needs this much to be proposed; abstract_cues.points() says what counts."""
ONE_OF_EACH: frozenset[Part] = frozenset({"background", "issues"})
"""Parts in which one sentence on an agreed subject is enough."""
FEWEST_WORDS, MOST_WORDS = 5, 60
AGREED = 5.0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A passage of a report. start: where it begins in the report's text, in code points;
    at: its place among all the passages, 0 to 1; heading: the path above it."""

    report: str
    start: int
    text: str
    heading: str
    at: float


@dataclass(frozen=True, slots=True)
class Agreed:
    """Words that people have agreed bear on a part. what: on which subject, in a few words."""

    part: Part
    report: str
    span: Span
    what: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """A sentence proposed for a part of the abstract, at its place in the text of its report.

    why: what spoke for it. caution: what to think of before it is taken, or "".
    """

    part: Part
    report: str
    span: Span
    text: str
    why: str
    caution: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    report: str
    span: Span
    text: str
    heading: str
    at: float


def propose(paragraphs: Iterable[Paragraph], agreed: Iterable[Agreed] = ()) -> list[Proposed]:
    """The sentences to choose from, part by part, each part in reading order.

    paragraphs: all the reports' paragraphs and list items in their order. No sentence is proposed
    twice. The more was agreed about a review, the less is left to headings and cues.
    """
    found = [one for paragraph in paragraphs for one in _sentences_of(paragraph)]
    marks: dict[str, list[Agreed]] = defaultdict(list)
    for mark in agreed:
        marks[mark.report].append(mark)
    taken: set[int] = set()
    proposed: list[Proposed] = []
    # The recommendations first: nothing else looks so much like one.
    for part in ("recommendations", "event", "issues", "background"):
        proposed += _best(part, found, marks, taken)
    order = {part: number for number, part in enumerate(PARTS)}
    place = {(one.report, one.span.start): number for number, one in enumerate(found)}
    return sorted(proposed, key=lambda one: (order[one.part], place[one.report, one.span.start]))


def _sentences_of(paragraph: Paragraph) -> list[_Sentence]:
    """The paragraph's sentences of a fitting length, without the numbers they begin with."""
    kept = []
    for span in sentences(paragraph.text):
        said = span.of(paragraph.text)
        number = NUMBER.match(said)
        start = span.start + (number.end() if number else 0)
        text = paragraph.text[start : span.end]
        if FEWEST_WORDS <= len(text.split()) <= MOST_WORDS:
            place = Span(paragraph.start + start, paragraph.start + span.end)
            kept.append(_Sentence(paragraph.report, place, text, paragraph.heading, paragraph.at))
    return kept


def _best(
    part: Part, found: Sequence[_Sentence], marks: dict[str, list[Agreed]], taken: set[int]
) -> list[Proposed]:
    """The sentences with the highest scores, at most as many as the part has room for.

    Of sentences that bear on the same agreed subject one is enough.
    """
    scored = []
    for number, one in enumerate(found):
        if number in taken:
            continue
        what = _agreed_on(part, one, marks[one.report])
        score, said = points(part, one.text, one.heading, one.at)
        why = "; ".join(said)
        if what:
            score, why = score + AGREED, f"agreed: {what}"
        if score >= LEAST[part]:
            scored.append((-score, number, what, why))
    chosen: list[Proposed] = []
    subjects: set[str] = set()
    for _, number, what, why in sorted(scored):
        if len(chosen) == MOST[part]:
            break
        if part in ONE_OF_EACH and what and what in subjects:
            continue
        subjects.add(what)
        taken.add(number)
        one = found[number]
        chosen.append(Proposed(part, one.report, one.span, one.text, why, caution(part, one.text)))
    return chosen


def _agreed_on(part: Part, one: _Sentence, marks: Sequence[Agreed]) -> str:
    """The subject of the first agreed words of this part that lie in the sentence, or ""."""
    return next(
        (
            mark.what
            for mark in marks
            if mark.part == part
            and mark.span.start < one.span.end
            and one.span.start < mark.span.end
        ),
        "",
    )


# ---- from proposals to an abstract, and back ----


def folded(text: str) -> str:
    """Words with single spaces between them: as an abstract holds a sentence."""
    return " ".join(text.split())


def composed(chosen: Sequence[tuple[Part, str]], *, after: str = "") -> str:
    """An abstract of the chosen sentences, part by part, each part a paragraph with its name.

    after: an abstract there is already; a part that it has is added to, and what it says stays.
    """
    paragraphs = [folded(one) for one in after.split("\n") if one.strip()]
    for part in PARTS:
        said = [folded(text) for of, text in chosen if of == part]
        said = [text for text in said if text not in folded(after)]
        if not said:
            continue
        place = next((n for n, one in enumerate(paragraphs) if part_of(one) == part), None)
        if place is None:
            name = f"{NAMES[part]}: " if NAMES[part] else ""
            later = PARTS[PARTS.index(part) + 1 :]
            before = (n for n, one in enumerate(paragraphs) if part_of(one) in later)
            paragraphs.insert(next(before, len(paragraphs)), name + " ".join(said))
        else:
            paragraphs[place] = " ".join([paragraphs[place], *said])
    return "\n\n".join(paragraphs)


def part_of(paragraph: str) -> Part:
    """Which part a paragraph of an abstract is, by the name it begins with."""
    for part, name in NAMES.items():
        if name and paragraph.casefold().startswith(f"{name.casefold()}:"):
            return part
    return "event"


def still_said(abstract: str, sentence: str) -> bool:
    """Whether an abstract holds a sentence word for word, white space apart."""
    return folded(sentence) in folded(abstract)
