"""Split the paragraphs of a text into sentences, with the marks of each. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from waymark.publishing.document.markdown import (
    SILENT_MARKS,
    Block,
    MarkdownText,
    Runs,
    TextAside,
    TextList,
    TextMark,
    TextParagraph,
    TextQuote,
)

FIRST = 0xE000
"""First character of the private use area: in a sentence, one such character is a mark."""
MARKS = "\ue000-\uf8ff"
SHORT_FORM = re.compile(r"\b(?:[A-Z]|Dr|Mr|Mrs|Ms|St|No|e\.g|i\.e)\.$")
"""End of a text that ends no sentence: "Dr. Ash", "A. Ash", "e.g. Ash"."""
END = re.compile(rf"[.?!][\"”)\]]*(?=\s+[\"“(]?[A-Z0-9{MARKS}]|\s*$|[{MARKS}])")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Sentence of a text. text: each mark is one character, the key of it in marks.

    paragraph, number: of the paragraph in its text and the sentence in its paragraph, from 1;
    every item of a list is a paragraph. line: of the text on which it begins.
    """

    text: str
    marks: Mapping[str, TextMark]
    paragraph: int
    number: int
    line: int

    def marks_of(self, *kinds: str) -> list[TextMark]:
        """Its marks of some kinds, in order."""
        return [mark for mark in self.marks.values() if mark.kind in kinds]

    @property
    def words(self) -> str:
        """The sentence as typed, without notes and marks that print nothing."""
        typed = {"cell": "{{{}}}", "see": "{{see {}}}"}
        parts = (
            typed.get(self.marks[part].kind, "").format(self.marks[part].name)
            if part in self.marks
            else part
            for part in self.text
        )
        return " ".join("".join(parts).split())


def sentences_of(text: MarkdownText) -> list[Sentence]:
    """Sentences of a text in order; headings and quotations are none.

    A quotation is cited by the sentence right before it.
    """
    sentences: list[Sentence] = []
    paragraph = 0
    for block in text.blocks:
        if isinstance(block, TextQuote) and sentences:
            last = sentences[-1]
            key = f"quote {len(last.marks)}"
            sentences[-1] = replace(last, marks={**last.marks, key: block.mark})
        for runs in _paragraphs_of(block):
            paragraph += 1
            sentences += _split(runs, paragraph)
    return sentences


def _paragraphs_of(block: Block) -> tuple[Runs, ...]:
    match block:
        case TextParagraph():
            return (block.runs,)
        case TextList():
            return block.items
        case TextAside():
            return block.paragraphs
        case _:
            return ()


def _split(runs: Runs, paragraph: int) -> Iterator[Sentence]:
    text, lines = "", [(0, 0)]
    marks: dict[str, TextMark] = {}
    for run in runs:
        # Links have no line of their own: they are on that of the words before them.
        lines.append((len(text), getattr(run, "line", lines[-1][1])))
        if isinstance(run, TextMark):
            key = chr(FIRST + len(marks))
            marks[key] = run
            text += key
        else:
            text += run.text
    start = 0
    for number, end in enumerate(_ends(text, marks), start=1):
        words = text[start:end]
        at = start + len(words) - len(words.lstrip())
        own = {key: marks[key] for key in words if key in marks}
        line = [line for begins, line in lines if begins <= at][-1]
        yield Sentence(words.strip(), own, paragraph, number, line)
        start = end


def _ends(text: str, marks: Mapping[str, TextMark]) -> Iterator[int]:
    """Offsets after each sentence.

    A note or a silent mark right after the full stop belongs to the sentence before it; a number
    or a reference begins the next one.
    """
    begins, last = 0, len(text.rstrip())
    for match in END.finditer(text):
        # Five characters are enough for every short form; the whole text each time would be slow.
        if SHORT_FORM.search(text, max(0, match.end() - 5), match.end()) and match.end() < last:
            continue
        end = _after_trailing_marks(text, match.end(), marks)
        if text[begins:end].strip():
            yield end
            begins = end
    if text[begins:].strip():
        yield len(text)


def _after_trailing_marks(text: str, at: int, marks: Mapping[str, TextMark]) -> int:
    """Offset after the notes and silent marks that follow a full stop."""
    end = at
    for place in range(at, len(text)):
        mark = marks.get(text[place])
        if mark is not None and mark.kind in {"note", *SILENT_MARKS}:
            end = place + 1
        elif not text[place].isspace():
            break
    return end
