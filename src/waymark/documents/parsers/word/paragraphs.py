"""Paragraphs of a Word file as they are read, the fields within them, and the rows of tables."""

from dataclasses import dataclass, field, replace

from waymark.documents.parsers.word.headings import BODY, NOTE, ParagraphLook, WordParagraph
from waymark.documents.parsers.word.hidden import ParagraphFormat, Reason
from waymark.documents.parsers.word.names import Element, W, is_on, number_in, value_at

TICKED, EMPTY = "☒", "☐"
BETWEEN_CELLS = " | "
LABEL = 100  # characters: a longer cell of a table is prose
INSTRUCTION, RESULT = "instruction", "result"


@dataclass(slots=True)
class RunState:
    """The run that is read: why it is hidden, None if it is not; its font, size and weight."""

    reason: Reason | None = None
    cause: int = 0
    font: str = ""
    size: float = 0.0
    bold: bool = False


@dataclass(slots=True)
class OpenParagraph:
    """A paragraph while it is read.

    hidden: hidden words by reason and cause. before, after: boxes anchored in it. notes: those it
    cites.
    """

    format: ParagraphFormat = field(default_factory=ParagraphFormat)
    properties: Element | None = None
    words: list[str] = field(default_factory=list)
    hidden: dict[tuple[Reason, int], list[str]] = field(default_factory=dict)
    before: list[WordParagraph] = field(default_factory=list)
    after: list[WordParagraph] = field(default_factory=list)
    notes: list[WordParagraph] = field(default_factory=list)
    size: float = 0.0
    plain: bool = False

    def say(self, text: str, run: RunState) -> None:
        """Add text of a run, seen or hidden."""
        if run.reason is not None:
            self.hidden.setdefault((run.reason, run.cause), []).append(text)
            return
        self.words.append(text)
        for words in self.hidden.values():
            words.append(" ")  # "Jane" and "Doe", with seen words between, are two words
        if any(map(str.isalnum, text)):
            self.size = min(self.size or run.size, run.size)
            self.plain = self.plain or not run.bold

    @property
    def look(self) -> ParagraphLook:
        return ParagraphLook(self.size, not self.plain and self.size > 0)

    def attach(self, boxes: list[WordParagraph]) -> None:
        """Put text boxes before the words if they are anchored before the first, else after."""
        begun = any(word.strip() for word in self.words)
        (self.after if begun else self.before).extend(boxes)


@dataclass(slots=True)
class OpenField:
    """A field while it is read: its instruction, then its result.

    texts_before: number of texts before it. fallback: what a form field shows without a result.
    """

    texts_before: int
    fallback: str = ""
    state: str = INSTRUCTION
    instruction: list[str] = field(default_factory=list)


def form_value(data: Element | None) -> str:
    """What a check box or list of a form shows; "" for other fields."""
    # Example: <w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData>.
    if data is None:
        return ""
    box, choices = data.find(f"{W}checkBox"), data.find(f"{W}ddList")
    if box is not None:
        checked = box.find(f"{W}checked")
        return TICKED if is_on(box.find(f"{W}default") if checked is None else checked) else EMPTY
    entries = choices.findall(f"{W}listEntry") if choices is not None else []
    chosen = int(number_in(value_at(choices, f"{W}result") or value_at(choices, f"{W}default")))
    return entries[chosen].get(f"{W}val", "") if 0 <= chosen < len(entries) else ""


def row_paragraphs(cells: list[list[WordParagraph]]) -> list[WordParagraph]:
    """The passages of a table row: a label and its value are one, two cells of prose are two.

    Headings and the paragraphs of a longer cell stay apart; only the first joins a label before it.
    """
    # Examples: "Judgement" | "Good" is "Judgement | Good"; "Rec. 1" | "First." and "Second." below
    # it are "Rec. 1 | First." and "Second."; two cells of 300 characters are two passages.
    rows: list[WordParagraph] = []
    notes: list[WordParagraph] = []
    joined: list[WordParagraph] = []

    def close() -> None:
        rows.extend(_joined_cells(joined))
        joined.clear()

    for cell in cells:
        notes += [paragraph for paragraph in cell if paragraph.part == NOTE]
        paragraphs = [paragraph for paragraph in cell if paragraph.part != NOTE]
        for place, paragraph in enumerate(paragraphs):
            if (
                place
                or paragraph.level is not None
                or (_is_prose(paragraph) and _has_prose(joined))
            ):
                close()
            joined.append(paragraph)
            if paragraph.level is not None or len(paragraphs) > 1:
                close()
    close()
    return rows + notes


def _is_prose(paragraph: WordParagraph) -> bool:
    return len(paragraph.text) > LABEL


def _has_prose(paragraphs: list[WordParagraph]) -> bool:
    return any(map(_is_prose, paragraphs))


def _joined_cells(paragraphs: list[WordParagraph]) -> list[WordParagraph]:
    if len(paragraphs) < 2:
        return list(paragraphs)
    text = BETWEEN_CELLS.join(paragraph.text for paragraph in paragraphs)
    return [replace(paragraphs[0], text=text, kind="paragraph")]


def part_within(part: str, inner: str) -> str:
    """The part of a document that a paragraph in a table or box belongs to."""
    return inner if part == BODY else part
