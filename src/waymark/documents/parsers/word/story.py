"""One walk over a part of a Word file, in the order of the document: its paragraphs as shown.

Every element that is not known is walked through, so that no wrapper loses words. Words come only
from runs; whether they are seen is judged run by run. Deletions are hidden text, and a paragraph
whose mark was deleted goes on in the next.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from waymark.documents.parsers.flow import tidy_text
from waymark.documents.parsers.word.findings import WAS_DELETED, WordFindings
from waymark.documents.parsers.word.headings import (
    BOX,
    CONTENTS,
    NOTE,
    HeadingStyles,
    WordParagraph,
    is_a_sentence,
)
from waymark.documents.parsers.word.hidden import MARKED, Place, VisibilityRules
from waymark.documents.parsers.word.names import MC, WP, Element, W, is_on
from waymark.documents.parsers.word.notes import Notes
from waymark.documents.parsers.word.numbering import Numbering
from waymark.documents.parsers.word.package import WordPackage
from waymark.documents.parsers.word.paragraphs import RESULT, OpenField, OpenParagraph, RunState
from waymark.documents.parsers.word.shapes import PageSize
from waymark.documents.parsers.word.styles import WordStyles

# Two line breaks in a row, or a page break, part a paragraph; one line break does not.
PARTED = re.compile(r"\f|\n[ \t]*\n")
LONG_NUMBER = re.compile(r"\d+\.\d")
BULLETS = tuple("•●▪◦‣")
PROPERTIES = ("p", "r", "tbl", "tr", "tc", "sect", "sdt", "sdtEnd", "ruby", "smartTag", "customXml")
SKIPPED = frozenset(
    {
        *(f"{W}{name}Pr" for name in PROPERTIES),
        *(f"{W}{name}" for name in ("tblGrid", "tblPrEx", "rt", "fldData")),
        *(f"{WP}{name}" for name in ("positionH", "positionV", "extent")),
        f"{MC}Fallback",
    }
)


@dataclass(slots=True)
class WordDocument:
    """A Word file and all that its parts share.

    handlers: what reads an element, by its tag. read_chunk: reads a document inserted in it.
    """

    package: WordPackage
    styles: WordStyles
    numbering: Numbering
    rules: VisibilityRules
    headings: HeadingStyles
    notes: Notes
    page: PageSize
    findings: WordFindings
    handlers: Mapping[str, "Handler"]
    read_chunk: Callable[[str, bytes], list[WordParagraph]]


class StoryReader:
    """Reader of one part. name: of the part, whose relations it uses."""

    def __init__(self, document: WordDocument, name: str, numbering: Numbering) -> None:
        self.document, self._name, self._numbering = document, name, numbering
        self.findings, self._handlers = document.findings, document.handlers
        self.out: list[WordParagraph] = []
        self.cells: list[list[WordParagraph]] | None = None
        self.open: OpenParagraph | None = None
        self.joined: OpenParagraph | None = None
        self.fields: list[OpenField] = []
        self.run_state = RunState()
        self._changes = 0

    def read(self, element: Element, place: Place) -> list[WordParagraph]:
        """The paragraphs below an element, apart from those around it."""
        outer = (self.out, self.cells, self.open, self.joined, self.fields, self.run_state)
        self.out, self.cells, self.open, self.joined = [], None, None, None
        self.fields, self.run_state = [], RunState()
        self.children(element, place)
        self.end_joined(place)
        paragraphs = self.out
        self.out, self.cells, self.open, self.joined, self.fields, self.run_state = outer
        return paragraphs

    def children(self, element: Element, place: Place) -> None:
        """Read what is in an element."""
        for child in element:
            handler = self._handlers.get(str(child.tag))
            if handler is not None:
                handler(self, child, place)
            elif child.tag not in SKIPPED:
                self.children(child, place)

    def paragraph(self, element: Element, place: Place) -> None:
        """Read a paragraph."""
        self.findings.bounds.count_step()
        paragraph = self.joined or OpenParagraph()
        self.joined = None
        paragraph.format = self.document.rules.paragraph(element)
        paragraph.properties = element.find(f"{W}pPr")
        outer, self.open = self.open, paragraph
        self.children(element, place)
        self.open = outer
        # An instruction ends with its paragraph: a field that never ends must not hide the rest.
        self.fields = [frame for frame in self.fields if frame.state == RESULT]
        change = _deleted_mark(paragraph.properties)
        if change is not None and place.hidden is None:
            self.findings.deletions += 1
            self.findings.note_person(change)
            self.joined = paragraph
        else:
            self._finish(paragraph, place)

    def end_joined(self, place: Place) -> None:
        """A paragraph whose mark was deleted, with no paragraph after it, ends by itself."""
        if self.joined is not None:
            paragraph, self.joined = self.joined, None
            self._finish(paragraph, place)

    def _finish(self, paragraph: OpenParagraph, place: Place) -> None:
        for (reason, _), words in paragraph.hidden.items():
            self.findings.conceal("".join(words), reason)
        text = "".join(paragraph.words)
        if place.clip is not None:
            place.clip.fill(text, paragraph.size or self._usual_size(paragraph))
        parts = [part for part in map(tidy_text, PARTED.split(text)) if part]
        number = ""
        if place.hidden is None and (parts or not paragraph.hidden):
            number = self._number(paragraph)
        self.out += paragraph.before
        self.out += self._made(paragraph, parts, number, place) if parts else []
        self.out += paragraph.notes + paragraph.after

    def _usual_size(self, paragraph: OpenParagraph) -> float:
        return self.document.styles.run_format(None, paragraph.format.style).size

    def _number(self, paragraph: OpenParagraph) -> str:
        style = paragraph.format.style or self.document.styles.default
        key, level = self._numbering.list_of(paragraph.properties, style, self.document.styles)
        return self._numbering.next_number(key, level) if key else ""

    def _made(
        self, paragraph: OpenParagraph, parts: list[str], number: str, place: Place
    ) -> list[WordParagraph]:
        style = paragraph.format.style or self.document.styles.default
        level = self.document.headings.level(paragraph.properties, style)
        if place.part in {NOTE, BOX} or is_a_sentence(" ".join(parts)):
            level = None
        parts = parts if level is None else [" ".join(parts)]
        parts[0] = f"{number} {parts[0]}" if number else parts[0]
        part = CONTENTS if self.document.headings.is_listed(style) else place.part
        may_head = self.document.headings.may_head(style) and number not in BULLETS
        paragraphs = []
        for text in parts:
            self.findings.bounds.count(text)
            kind = "heading" if level is not None else _kind_of(text, number)
            paragraphs.append(WordParagraph(text, kind, level, part, paragraph.look, may_head))
        return paragraphs

    def run(self, element: Element, place: Place) -> None:
        """Read a run: words of one format."""
        self.findings.bounds.count_step()
        if self.open is None:
            self._loose(element, place)
            return
        rules, paragraph = self.document.rules, self.open.format
        run = self.document.styles.run_format(element.find(f"{W}rPr"), paragraph.style)
        in_field = bool(self.fields)
        reason = place.hidden or rules.reason(run, paragraph, place, in_field=in_field)
        fonts = run.get("rFonts")
        outer = self.run_state
        self.run_state = RunState(
            reason,
            place.cause,
            (fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or "") if fonts is not None else "",
            run.size,
            is_on(run.get("b")),
        )
        # Only words share the fate of their run's colour and size; what is marked as hidden hides
        # the drawings in it too.
        inner = replace(place, hidden=reason) if reason == MARKED else place
        self.children(element, inner)
        self.run_state = outer

    def _loose(self, element: Element, place: Place) -> None:
        """A run outside any paragraph, which Word does not write."""
        self.open = OpenParagraph()
        self.run(element, place)
        paragraph, self.open = self.open, None
        self._finish(paragraph, place)

    def say(self, text: str) -> None:
        """Add text of the run to the paragraph, but not inside the instruction of a field."""
        if self.open is not None and all(frame.state == RESULT for frame in self.fields):
            self.open.say(text, self.run_state)

    def attach(self, paragraphs: list[WordParagraph]) -> None:
        """Add the paragraphs of a text box, at its anchor."""
        if self.open is None:
            self.out += paragraphs
        else:
            self.open.attach(paragraphs)

    def deletion(self, element: Element, place: Place) -> Place:
        """The place within a deletion."""
        self.findings.deletions += 1
        self.findings.note_person(element)
        self._changes += 1
        if place.hidden is not None:
            return place
        return replace(place, hidden=WAS_DELETED, cause=self._changes)

    def relation(self, key: str) -> tuple[str, str]:
        """Kind and name of a part that this part refers to; empty if there is none."""
        return self.document.package.relations(self._name).get(key, ("", ""))


def _kind_of(text: str, number: str) -> str:
    """An item has a bullet or a plain number; "4.12" is the number of a paragraph."""
    if number and not LONG_NUMBER.match(number):
        return "item"
    return "item" if text.startswith(BULLETS) else "paragraph"


def _deleted_mark(properties: Element | None) -> Element | None:
    """The deletion of the end of a paragraph, which joins it to the next; None without one."""
    mark = properties.find(f"{W}rPr") if properties is not None else None
    if mark is None:
        return None
    deleted = mark.find(f"{W}del")
    return mark.find(f"{W}moveFrom") if deleted is None else deleted


Handler = Callable[[StoryReader, Element, Place], None]
