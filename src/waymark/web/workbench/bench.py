"""What the workbench shows of a desk: one part of the report, codings, codes, state."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from waymark.coding.models import Coding, Suggestion, VeilChoice
from waymark.coding.queries.workbench import (
    Desk,
    DeskState,
    count_codings,
    desk_for,
    desk_state,
    own_codings,
    read_parts,
    settings_of,
    suggestions_within,
)
from waymark.coding.services import CodingPlace
from waymark.core.errors import RuleError
from waymark.core.spans import Span, merged_spans
from waymark.documents.queries.reader import stretches_between
from waymark.documents.queries.readings import content_of, page_of
from waymark.documents.reading.arrangement import arrange, printed_rows
from waymark.library.catalogue.content_notes import ordered_notes
from waymark.library.catalogue.distressing_words import is_distressing
from waymark.web.reader.highlighting import TextMarks
from waymark.web.reader.sheets import Sheet, boxes_on_pages
from waymark.web.workbench.parts import TextPart, part_at, parts_of
from waymark.web.workbench.text_html import CodedTextWriter, place_name

PLACE = re.compile(r"(\d{1,9})-(\d{1,9}):(\S{1,80})")
WORD = re.compile(r"\S+")
MOST_WORDS = 400
"""Words of chosen text that can be narrowed word by word without JavaScript."""

ENTERED = "workbench-entered"
"""Key of the session: the reports whose content note the coder has read since they signed in."""
NEAR_WORDS = 60
"""Words on each side of a suggestion to which its boundaries can be moved."""


@dataclass(frozen=True, slots=True)
class ChosenWord:
    """Word of the chosen text. number: counted from 1; start, end: in the report."""

    number: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part as HTML. boxes: of coded words on its page image, as the script reads them.

    suggestions: of programs, which the coder may see and has not decided.
    """

    part: TextPart
    html: SafeString
    read: bool
    boxes: str
    sheet: Sheet | None
    suggestions: Sequence[Suggestion] = ()


@dataclass
class Bench:
    """A desk with the text of its report; what is costly is read once, and only if it is needed."""

    desk: Desk
    chosen: str = ""

    @classmethod
    def of(cls, request: HttpRequest, key: str, name: str, version: str) -> "Bench":
        """The desk of an address. Raises NotPermitted, NotFound."""
        return cls(desk_for(request.user, key, name, version, timezone.now()))

    @cached_property
    def content(self) -> str:
        """The current text of the report."""
        return content_of(self.desk.report, self.desk.report.reading)

    @cached_property
    def parts(self) -> list[TextPart]:
        """The parts of the report, in order."""
        return parts_of(self.desk.report, len(self.content))

    @cached_property
    def read(self) -> set[int]:
        """Numbers of the parts that the coder has marked as read."""
        return read_parts(self.desk)

    @cached_property
    def veil(self) -> VeilChoice:
        """Which passages are hidden until they are shown."""
        return VeilChoice(settings_of(self.desk.coder).veil)

    def address(self, name: str = "workbench", **more: Any) -> str:
        """Address of a page of this desk."""
        framework = self.desk.framework
        own = {"name": framework.name, "version": framework.version, "key": self.desk.report.key}
        return reverse(name, kwargs=own | more)

    @property
    def act_address(self) -> str:
        """Where acts are sent."""
        return self.address("workbench-act")

    @property
    def begin_address(self) -> str:
        """Where the choices about hidden passages and breaks are sent."""
        return self.address("workbench-begin")

    @property
    def find_address(self) -> str:
        """Where words of the report are found."""
        return self.address("workbench-find")

    @property
    def finish_address(self) -> str:
        """Where the end of the coding is declared."""
        return self.address("workbench-finish")

    @property
    def suggestion_address(self) -> str:
        """Where a suggestion is changed before it is taken."""
        return self.address("workbench-suggestion")

    @property
    def new_act(self) -> str:
        """Id for the act of a form, another one each time."""
        return str(uuid4())

    def part_address(self, part: TextPart) -> str:
        """Address of the workbench at a part."""
        return f"{self.address()}?page={part.number}"

    def part_numbered(self, number: int) -> TextPart:
        """The part of a number, or the nearest one."""
        return self.parts[min(max(number, 1), len(self.parts)) - 1]

    def part_at(self, position: int) -> TextPart:
        """The part in which a position is."""
        return part_at(self.parts, position)

    def state(self) -> DeskState:
        """What undo and redo do next."""
        return desk_state(self.desk)

    def progress(self) -> dict[str, int]:
        """Numbers of the coder's own codings, of parts read, and of parts."""
        return {
            "codings": count_codings(self.desk),
            "read": len(self.read),
            "parts": len(self.parts),
        }

    # ---- one part ----

    def shown(self, part: TextPart) -> ShownPart:
        """A part with its codings."""
        report, span = self.desk.report, part.span
        if span is None:
            return ShownPart(part, mark_safe(""), part.number in self.read, "", self._sheet(part))
        codings = own_codings(self.desk, span)
        stretches = stretches_between(report, self.content, span)
        page = page_of(report, report.reading, part.number) if part.is_page else None
        packed = {page.number: bytes(page.words)} if page and page.has_image and page.words else {}
        rows = printed_rows(stretches, [page], packed) if page else {}
        writer = CodedTextWriter(codings, self.part_address(part), self.is_veiled, self.chosen)
        html = writer.html(arrange(stretches, rows))
        marks = TextMarks(targets=tuple(merged_spans(Span(c.start, c.end) for c in codings)))
        boxes = boxes_on_pages([page], packed, marks).get(part.number, ()) if page else ()
        return ShownPart(
            part,
            mark_safe(html),  # noqa: S308 CodedTextWriter escapes every word
            part.number in self.read,
            ";".join(map(str, boxes)),
            self._sheet(part, boxes),
            suggestions_within(self.desk, span),
        )

    def _sheet(self, part: TextPart, boxes: Sequence[Any] = ()) -> Sheet | None:
        if not part.has_image:
            return None
        page = page_of(self.desk.report, self.desk.report.reading, part.number)
        return Sheet.of(self.desk.report, page, boxes)

    def is_veiled(self, text: str) -> bool:
        """True if a passage is hidden until the coder shows it."""
        if self.veil == VeilChoice.MARKED:
            return is_distressing(text, self._notes)
        return self.veil == VeilChoice.ALWAYS

    @cached_property
    def _notes(self) -> tuple[Any, ...]:
        details = getattr(self.desk.report.review, "details", None)
        return ordered_notes(details.content_notes) if details else ()

    # ---- what is chosen ----

    def coding_named(self, name: str) -> Coding | None:
        """The coder's current coding of a name from an address, None if there is none now."""
        place = place_named(name)
        if place is None:
            return None
        here = own_codings(self.desk, place.span)
        return next((coding for coding in here if place_name(coding) == name), None)

    def words_of(self, span: Span) -> list[ChosenWord]:
        """The words of chosen text, at most MOST_WORDS."""
        return list(islice(self._words(span), MOST_WORDS))

    def words_around(self, span: Span) -> list[ChosenWord]:
        """The words of a span and the NEAR_WORDS on each side of it."""
        before = list(self._words(Span(0, span.start))) if span.start else []
        start = before[-NEAR_WORDS].start if len(before) >= NEAR_WORDS else 0
        inside = sum(1 for _ in self._words(span))
        near = self._words(Span(start, len(self.content)))
        return list(islice(near, min(len(before), NEAR_WORDS) + inside + NEAR_WORDS))

    def _words(self, span: Span) -> Iterator[ChosenWord]:
        matches = WORD.finditer(self.content, span.start, span.end)
        for number, match in enumerate(matches, start=1):
            yield ChosenWord(number, match[0], match.start(), match.end())

    def checked_span(self, start: int | None, end: int | None) -> Span | None:
        """A span of an address without the white space around it; None if it is not in the text."""
        if start is None or end is None or not 0 <= start < end <= len(self.content):
            return None
        text = self.content[start:end]
        start += len(text) - len(text.lstrip())
        return Span(start, start + len(text.strip())) if text.strip() else None


def place_named(name: str) -> CodingPlace | None:
    """The place of a coding from its name, such as "12-40:prac.early"; None for anything else."""
    match = PLACE.fullmatch(name)
    if match is None:
        return None
    try:
        return CodingPlace(Span(int(match[1]), int(match[2])), match[3])
    except RuleError:
        return None
