"""What a Word file has besides its text: changes, comments, hidden words; and its bounds."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from waymark.core.errors import FileRefused
from waymark.documents.parsers.flow import tidy_text
from waymark.documents.parsers.word.hidden import Reason
from waymark.documents.parsers.word.names import Element, W
from waymark.documents.reading.shown_words import ShownWords
from waymark.documents.reading.values import (
    ALTERNATE,
    COMMENT,
    DELETED,
    INVISIBLE,
    ConcealedText,
    ReadingLimits,
    hidden_warnings,
)

WAS_DELETED: Reason = (DELETED, "it was deleted while Word tracked changes")
IN_COMMENT: Reason = (COMMENT, "it is a comment")
IN_COPY: Reason = (INVISIBLE, "it is in a copy of a drawing for older programs")
IN_INDEX: Reason = (INVISIBLE, "it is a hidden entry for an index")
IN_DESCRIPTION: Reason = (ALTERNATE, "it is a description for screen readers")
NOT_CITED: Reason = (INVISIBLE, "it is a note that nothing refers to")
STEPS = 15  # runs to a passage; a paragraph with changes and links has about 10
SPLIT = "Split it into files of one review each"


@dataclass(slots=True)
class TextBounds:
    """Counts passages and words while a file is read, so that one without bound is refused soon."""

    file_name: str
    limits: ReadingLimits
    passages: int = 0
    words: int = 0
    hidden: int = 0
    steps: int = 0

    def count(self, text: str) -> None:
        """Count a passage. Raises FileRefused when there are too many."""
        self.passages += 1
        self.words += text.count(" ") + 1
        if self.passages > self.limits.passages:
            self._refuse(f"contains more than {self.limits.passages:,} passages")
        if self.words > self.limits.words:
            self._refuse(f"contains more than {self.limits.words:,} words")

    def count_step(self) -> None:
        """Count a paragraph or run, also an empty one. Raises FileRefused when there are too many.

        The longest review has 20,000; without words, they would cost time and never be refused.
        """
        self.steps += 1
        if self.steps > STEPS * self.limits.passages:
            self._refuse(f"contains more than {STEPS * self.limits.passages:,} pieces of text")

    def count_hidden(self) -> None:
        """Count a place with hidden text. Raises FileRefused when there are too many."""
        self.hidden += 1
        if self.hidden > self.limits.hidden:
            self._refuse(f"contains more than {self.limits.hidden:,} places with hidden text")

    def _refuse(self, reason: str) -> None:
        raise FileRefused(self.file_name, reason, SPLIT)


@dataclass(slots=True)
class WordFindings:
    """Findings for the staff: counts of changes and comments, hidden text, and their authors.

    unsure: words that are hidden unless the text has them too, and why.
    """

    bounds: TextBounds
    insertions: int = 0
    deletions: int = 0
    comments: int = 0
    charts: int = 0
    embedded: int = 0
    placeholders: int = 0
    running: int = 0
    unread: int = 0
    hidden: list[ConcealedText] = field(default_factory=list)
    unsure: list[tuple[str, Reason]] = field(default_factory=list)
    people: set[str] = field(default_factory=set)

    def conceal(self, words: str, reason: Reason) -> None:
        """Record hidden text if it has any words."""
        text = tidy_text(words)
        if any(map(str.isalnum, text)):
            self.bounds.count_hidden()
            kind, why = reason
            self.hidden.append(ConcealedText(1, text, why, kind))

    def settle(self, text: str) -> None:
        """Record the unsure words that the text does not have."""
        shown_words = ShownWords([text])
        for words, reason in dict.fromkeys(self.unsure):
            if not shown_words.include(words):
                self.conceal(words, reason)

    def note_comments(self, root: Element | None) -> None:
        """Record the comments of a document."""
        for comment in root.iterchildren(f"{W}comment") if root is not None else ():
            self.comments += 1
            self.note_person(comment)
            self.conceal("".join(words_within(comment)), IN_COMMENT)

    def note_person(self, element: Element) -> None:
        """Record the author of a change or comment."""
        if person := element.get(f"{W}author"):
            self.people.add(person)

    def warnings(self) -> Iterator[str]:
        """One line for each kind of finding."""
        if self.insertions or self.deletions:
            yield (
                f"tracked changes: {self.insertions} insertions kept, "
                f"{self.deletions} deletions left out"
            )
        counts = (
            (self.comments, "comments left out"),
            (self.running, "lines of page headers and footers left out"),
            (self.placeholders, "empty fields of a form left out"),
            (self.charts, "charts left out: their words were not read"),
            (self.unread, "inserted documents left out: their format is not read here"),
            (self.embedded, "embedded files left out: check that they name nobody"),
        )
        yield from (f"{count} {what}" for count, what in counts if count)
        yield from hidden_warnings(self.hidden)
        if self.people:
            yield (
                f"the file names {len(self.people)} people who changed it or commented on it: "
                "remove the names before you share it"
            )


def words_within(element: Element) -> Iterator[str]:
    """All words of an element, however they are shown."""
    for part in element.iter(f"{W}t", f"{W}delText", f"{W}tab", f"{W}br", f"{W}cr", f"{W}p"):
        yield (part.text or "") if part.tag in {f"{W}t", f"{W}delText"} else " "
