"""Draft abstract of a review: sentences of its own reports, selected by rules, word for word.

The parts follow the abstracts of a national repository: the event, the background, the key issues,
the recommendations. A sentence scores for what people agreed about it, for the heading above it and
for cue words; the reasons are shown with it. A person decides: nothing is saved automatically.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from waymark.core.spans import Span
from waymark.core.text import sentences
from waymark.library.catalogue.abstract_cues import NUMBER, Part, sentence_score, sentence_warning

PARTS: tuple[Part, ...] = ("event", "background", "issues", "recommendations")
PART_NAMES: dict[Part, str] = {
    "event": "",
    "background": "Background",
    "issues": "Key issues",
    "recommendations": "Recommendations",
}
"""Name that begins each part of an abstract; the event comes first, without one."""
MAX_SENTENCES: dict[Part, int] = {"event": 2, "background": 4, "issues": 6, "recommendations": 6}
MIN_SCORE: dict[Part, float] = {"event": 5, "background": 2.5, "issues": 3, "recommendations": 3}
"""Lowest score of a proposed sentence; abstract_cues.sentence_score() computes it."""
ONE_OF_EACH: frozenset[Part] = frozenset({"background", "issues"})
"""Parts in which one sentence on an agreed subject is enough."""
FEWEST_WORDS, MOST_WORDS = 5, 60
AGREED_POINTS = 5.0


@dataclass(frozen=True, slots=True)
class ReportParagraph:
    """A passage of a report. start: its offset in the report's text, in code points;
    position: its place among all passages, 0 to 1; heading: the path above it.
    """

    report: str
    start: int
    text: str
    heading: str
    position: float


@dataclass(frozen=True, slots=True)
class EvidenceOfPart:
    """Words that people agreed are evidence for a part. subject: in a few words."""

    part: Part
    report: str
    span: Span
    subject: str


@dataclass(frozen=True, slots=True)
class ProposedSentence:
    """A sentence proposed for a part of the abstract, at its place in the text of its report.

    why: the reasons for its score. caution: what to consider before using it, or "".
    """

    part: Part
    report: str
    span: Span
    text: str
    why: str
    caution: str


@dataclass(frozen=True, slots=True)
class _ReportSentence:
    report: str
    span: Span
    text: str
    heading: str
    position: float


def propose_sentences(
    paragraphs: Iterable[ReportParagraph], agreed: Iterable[EvidenceOfPart] = ()
) -> list[ProposedSentence]:
    """Return the sentences to choose from, part by part, each part in reading order.

    paragraphs: paragraphs and list items of all reports, in order. No sentence is proposed twice.
    The more is agreed about a review, the fewer sentences come from headings and cues alone.
    """
    candidates = [sentence for paragraph in paragraphs for sentence in _sentences_of(paragraph)]
    marks: dict[str, list[EvidenceOfPart]] = defaultdict(list)
    for mark in agreed:
        marks[mark.report].append(mark)
    used: set[int] = set()
    proposed: list[ProposedSentence] = []
    # Recommendations first: their cue words are the most distinctive, so that no other part
    # can take such a sentence for its own.
    for part in ("recommendations", "event", "issues", "background"):
        proposed += _best_sentences(part, candidates, marks, used)
    # Back from order of choice to order of reading.
    order = {part: number for number, part in enumerate(PARTS)}
    place = {(s.report, s.span.start): number for number, s in enumerate(candidates)}
    return sorted(proposed, key=lambda row: (order[row.part], place[row.report, row.span.start]))


def _sentences_of(paragraph: ReportParagraph) -> list[_ReportSentence]:
    """The paragraph's sentences of 5 to 60 words, without leading numbers such as "3.2"."""
    fitting = []
    for span in sentences(paragraph.text):
        number = NUMBER.match(span.of(paragraph.text))
        start = span.start + (number.end() if number else 0)
        text = paragraph.text[start : span.end]
        if FEWEST_WORDS <= len(text.split()) <= MOST_WORDS:
            place = Span(paragraph.start + start, paragraph.start + span.end)
            fitting.append(
                _ReportSentence(
                    paragraph.report, place, text, paragraph.heading, paragraph.position
                )
            )
    return fitting


def _best_sentences(
    part: Part,
    candidates: Sequence[_ReportSentence],
    marks: dict[str, list[EvidenceOfPart]],
    used: set[int],
) -> list[ProposedSentence]:
    """The sentences with the highest scores, up to the limit of the part; adds them to used.

    In some parts one sentence is enough for each agreed subject.
    """
    chosen: list[ProposedSentence] = []
    subjects: set[str] = set()
    for number, subject, why in _ranked_sentences(part, candidates, marks, used):
        if len(chosen) == MAX_SENTENCES[part]:
            break
        if part in ONE_OF_EACH and subject and subject in subjects:
            continue
        subjects.add(subject)
        used.add(number)
        sentence = candidates[number]
        warning = sentence_warning(part, sentence.text)
        chosen.append(
            ProposedSentence(part, sentence.report, sentence.span, sentence.text, why, warning)
        )
    return chosen


def _ranked_sentences(
    part: Part,
    candidates: Sequence[_ReportSentence],
    marks: dict[str, list[EvidenceOfPart]],
    used: set[int],
) -> list[tuple[int, str, str]]:
    """Index, agreed subject and reasons of each sentence with a sufficient score, best first."""
    scored = []
    for number, sentence in enumerate(candidates):
        if number in used:
            continue
        subject = _agreed_subject(part, sentence, marks[sentence.report])
        score, cues = sentence_score(part, sentence.text, sentence.heading, sentence.position)
        why = "; ".join(cues)
        # Agreement outweighs any cue, and is the better reason to show.
        if subject:
            score, why = score + AGREED_POINTS, f"agreed: {subject}"
        if score >= MIN_SCORE[part]:
            scored.append((-score, number, subject, why))
    return [(number, subject, why) for _, number, subject, why in sorted(scored)]


def _agreed_subject(part: Part, sentence: _ReportSentence, marks: Sequence[EvidenceOfPart]) -> str:
    """The subject of the first agreed words of this part that overlap the sentence, or ""."""
    return next(
        (
            mark.subject
            for mark in marks
            if mark.part == part
            and mark.span.start < sentence.span.end
            and sentence.span.start < mark.span.end
        ),
        "",
    )


# ---- from proposals to an abstract, and back ----


def single_spaced(text: str) -> str:
    """The text with single spaces, as sentences are stored and compared in an abstract."""
    return " ".join(text.split())


def compose_abstract(chosen: Sequence[tuple[Part, str]], *, after: str = "") -> str:
    """Return an abstract of the chosen sentences, each part a paragraph that begins with its name.

    after: an existing abstract. Its text stays; new sentences go at the end of their part.
    """
    paragraphs = [single_spaced(paragraph) for paragraph in after.split("\n") if paragraph.strip()]
    for part in PARTS:
        texts = [single_spaced(text) for chosen_part, text in chosen if chosen_part == part]
        texts = [text for text in texts if text not in single_spaced(after)]
        if texts:
            _add_sentences(paragraphs, part, " ".join(texts))
    return "\n\n".join(paragraphs)


def _add_sentences(paragraphs: list[str], part: Part, text: str) -> None:
    """Append text to the paragraph of a part, or insert one before those of later parts."""
    parts = [part_of(paragraph) for paragraph in paragraphs]
    if part in parts:
        paragraphs[parts.index(part)] += f" {text}"
        return
    later = PARTS[PARTS.index(part) + 1 :]
    place = next((n for n, other in enumerate(parts) if other in later), len(parts))
    paragraphs.insert(place, f"{PART_NAMES[part]}: {text}" if PART_NAMES[part] else text)


def part_of(paragraph: str) -> Part:
    """The part that a paragraph of an abstract belongs to, from the name it begins with."""
    for part, name in PART_NAMES.items():
        if name and paragraph.casefold().startswith(f"{name.casefold()}:"):
            return part
    return "event"


def contains_sentence(abstract: str, sentence: str) -> bool:
    """Return True if an abstract contains a sentence word for word, apart from white space."""
    return single_spaced(sentence) in single_spaced(abstract)
