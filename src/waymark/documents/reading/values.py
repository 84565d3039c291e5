"""Values that reading a file yields, the same for every format (no Django).

Laws, which `broken_laws` checks: every span lies in the text and is not empty; the page texts are
the slices of the text, joined by one line feed, by one space where a passage goes on over the page
break, and by nothing within a word; the words of a page lie inside its span; a passage starts on
`page` and ends on `last_page`. Positions are code points, start included, end not.
"""

# Example: pages "One" and "Two" give the text "One\nTwo" and page spans (0, 3) and (4, 7). Those
# that end in "safe-" and begin with "guarding" give "safeguarding", (0, 4) and (4, 12).

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

MIB = 1024 * 1024
WORD = re.compile(r"\w+")

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points from the top left of the page."""


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Limits of reading one file: pages, processor and wall seconds, bytes of memory and file.

    inflated: bytes that one compressed part of the file may grow to. passages, words, characters,
    hidden: of the result, hidden being places with hidden text. answer: bytes of the result.
    """

    pages: int = 1_500
    cpu_seconds: int = 120
    wall_seconds: int = 240
    memory: int = 2_048 * MIB
    file_size: int = 100 * MIB
    inflated: int = 128 * MIB
    passages: int = 20_000
    words: int = 1_000_000
    characters: int = 8_000_000
    hidden: int = 5_000
    answer: int = 128 * MIB


@dataclass(frozen=True, slots=True)
class WordBox:
    """A word, or the part of one on one line: its span, and its box in points from the top left."""

    start: int
    end: int
    x0: float
    y0: float
    x1: float
    y1: float


FROM_FILE, FROM_LAYER, FROM_SCAN, FROM_POOR_SCAN = "", "layer", "scan", "poor-scan"
PAGE_SOURCES = {
    FROM_LAYER: "Text recognised from a scan",
    FROM_SCAN: "Text recognised from a scan",
    FROM_POOR_SCAN: "Text recognised from a low quality scan: check against the page image",
}
PAGE_SOURCES[FROM_FILE] = ""
"""Source of the words of a page -> the mark where they are quoted. Layer: recognised by whoever
made the file. Scan: recognised by Waymark; poor: with low confidence."""
LEAST_SURE_FIRST = (FROM_POOR_SCAN, FROM_SCAN, FROM_LAYER)


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One page: number from 1, size in points (0 where the format has no pages), span, words.

    source: one of PAGE_SOURCES.
    """

    number: int
    width: float
    height: float
    start: int
    end: int
    words: Sequence[WordBox] = ()
    has_image: bool = True
    source: str = FROM_FILE


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A paragraph, item or heading: its span, first and last page, and the headings above it.

    heading: the path of headings, outermost first, joined with " > ".
    kind: "paragraph", "item" or "heading".
    """

    start: int
    end: int
    page: int
    last_page: int
    heading: str
    kind: str


COVERED, INVISIBLE, DELETED, COMMENT = "covered", "invisible", "deleted", "comment"
REVISION, FIELD, ATTACHMENT = "revision", "field", "attachment"
ACTIVE_CONTENT = "active content, which Waymark never runs"
"""Begins the warning about scripts, attached files and the like in a file."""
BOOKMARK, ALTERNATE, METADATA = "bookmark", "alternate", "metadata"
HIDDEN_CLASSES = {
    COVERED: "Words under a box",
    REVISION: "Words of an earlier version",
    INVISIBLE: "Words that cannot be seen",
    DELETED: "Deleted words",
    COMMENT: "Comments",
    FIELD: "Values of a form that are not shown",
    ATTACHMENT: "Attached files",
    BOOKMARK: "Bookmarks and names of places",
    ALTERNATE: "Texts for screen readers",
    METADATA: "Properties of the file",
}
"""Class of hidden text -> its name. Covered: probably meant to be blacked out. Invisible: in the
colour of the page, tiny, outside the page, or marked as hidden; often harmless."""
ANSWERED_ONE_BY_ONE = frozenset({COVERED, REVISION})
"""Classes that look like a failed redaction: each place needs an answer of its own."""


@dataclass(frozen=True, slots=True)
class ConcealedText:
    """Hidden text: words of the file that its pages do not show. They are not in the text.

    page: its number, 0 for the file as a whole. kind: one of HIDDEN_CLASSES. cause: how they are
    hidden. box: x0, y0, x1, y1 in points from the top left of the page, None without a place.
    """

    page: int
    text: str
    cause: str
    kind: str = INVISIBLE
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class RunningLine:
    """Line of a running header or footer. It is not in the text, so a passage can go on over it."""

    page: int
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A file as read. running_lines: its running headers and footers, from the first page on.

    furniture: spans of them in a text of an earlier extractor, which left them in the text.
    unread: numbers of the pages whose words have to be recognised in their image.
    """

    media_type: str
    extractor: str
    title: str
    text: str
    pages: tuple[ReadPage, ...]
    passages: tuple[ReadPassage, ...]
    furniture: tuple[tuple[int, int], ...] = ()
    running_lines: tuple[RunningLine, ...] = ()
    hidden: tuple[ConcealedText, ...] = ()
    warnings: tuple[str, ...] = field(default_factory=tuple)
    unread: tuple[int, ...] = ()


def excess(report: ReadReport, limits: ReadingLimits) -> str:
    """What a report has more of than the limits allow, as in "more than 20,000 passages"; "" else.

    A report of 1,500 pages has some 15,000 passages and 600,000 words.
    """
    for count, limit, name in (
        (len(report.passages), limits.passages, "passages"),
        (report.text.count(" ") + report.text.count("\n"), limits.words, "words"),
        (len(report.text), limits.characters, "characters"),
        (len(report.hidden), limits.hidden, "places with hidden text"),
    ):
        if count > limit:
            return f"more than {limit:,} {name}"
    return ""


def hidden_warnings(hidden: Sequence[ConcealedText]) -> Iterator[str]:
    """One line for each class of hidden text: how many places and pages, never the words."""
    for kind, name in HIDDEN_CLASSES.items():
        places = [passage for passage in hidden if passage.kind == kind]
        if places:
            pages = len({passage.page for passage in places})
            where = f" on {pages} page{'s' if pages > 1 else ''}" if places[0].box else ""
            count = f"{len(places)} place{'s' if len(places) > 1 else ''}{where}"
            yield f"hidden text left out: {name[0].lower()}{name[1:]}, {count}"


def shown_title(stated: str, text: str) -> str:
    """The title that the properties of a file state, if all its words are in the text; else "".

    Properties are on no page: a name that was removed from a report may still be in them.
    """
    words = set(WORD.findall(text.casefold()))
    return stated if words.issuperset(WORD.findall(stated.casefold())) else ""


def broken_laws(report: ReadReport) -> list[str]:
    """The laws above that the report breaks, one line each; empty for a sound report."""
    return [*_broken_pages(report), *_broken_spans(report), *_broken_notes(report)]


def _broken_pages(report: ReadReport) -> Iterator[str]:
    at = 0
    for count, page in enumerate(report.pages, start=1):
        if page.number != count or page.end < page.start:
            yield f"page {count} does not follow the one before"
        if page.words and not (
            page.start <= page.words[0].start and page.words[-1].end <= page.end
        ):
            yield f"words of page {count} are outside it"
        joined = _is_joint(report.text, at, page) if count > 1 else page.start == 0
        if not joined:
            yield f"page {count} is not joined to the one before"
        at = page.end
    if at != len(report.text):
        yield "the pages are not the whole text"


def _is_joint(text: str, end: int, page: ReadPage) -> bool:
    """True if one line feed or space is between the end of a page and the next, or a word."""
    # Pages 0 to 5 and 6 to 9 of "abcde\nfgh": the line feed at 5 is in neither page. Pages 0 to 4
    # and 4 to 12 of "safeguarding" have nothing between them.
    if page.start == end:
        return 0 < end < page.end and not any(map(str.isspace, text[end - 1 : end + 1]))
    return page.start == end + 1 and text[end : page.start] in {"\n", " "}


def _broken_spans(report: ReadReport) -> Iterator[str]:
    pages, at = report.pages, 0
    for passage in report.passages:
        if not at <= passage.start < passage.end <= len(report.text):
            yield f"passage {passage.start}-{passage.end} is out of order or outside the text"
            return
        at = passage.end
        first, last = passage.page - 1, passage.last_page - 1
        if not 0 <= first <= last < len(pages):
            yield f"passage {passage.start}-{passage.end} is on no page"
        elif not (pages[first].start <= passage.start and passage.end <= pages[last].end):
            yield f"passage {passage.start}-{passage.end} is not on its pages"


def _broken_notes(report: ReadReport) -> Iterator[str]:
    numbers = range(1, len(report.pages) + 1)
    if not all(number in numbers for number in report.unread):
        yield "a page to recognise does not exist"
    if not all(line.page in numbers for line in report.running_lines):
        yield "a running header or footer is on no page"
    for start, end in report.furniture:
        if not 0 <= start < end <= len(report.text):
            yield f"furniture {start}-{end} is outside the text"


def as_plain(report: ReadReport) -> dict[str, Any]:
    """The report as `waymark text --json` prints it; docs/commands.md describes each part."""
    return {
        "media_type": report.media_type,
        "extractor": report.extractor,
        "title": report.title,
        "pages": [
            {
                "number": page.number,
                "text": report.text[page.start : page.end],
                "start": page.start,
                "end": page.end,
                "width": page.width,
                "height": page.height,
                "source": page.source,
            }
            for page in report.pages
        ],
        "text": report.text,
        "passages": [asdict(passage) for passage in report.passages],
        "furniture": [list(span) for span in report.furniture],
        "running_lines": [asdict(line) for line in report.running_lines],
        "hidden": [
            {
                "page": place.page,
                "text": place.text,
                "why": place.cause,
                "class": place.kind,
                "words": len(place.text.split()),
            }
            for place in report.hidden
        ],
        "warnings": list(report.warnings),
        "unread": list(report.unread),
    }
