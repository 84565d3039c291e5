"""Running headers, footers and page numbers: lines repeated at one height, page after page."""

# Example, a page of a report (left) and what becomes of its lines:
#
#     Anytown Safeguarding Board       repeated on every page: furniture
#     Child K: Findings                a line of its type at its place is repeated: furniture
#     The school called twice ...      body text
#     Page iv                          a page number: furniture

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from waymark.documents.reading.text_lines import PrintedLine

ZONE = 0.15  # the share of the page's height, at top and bottom, in which they are looked for
SAME_HEIGHT = 6.0  # points
SAME_TYPE = 0.5  # points
MOST_EDGE_LINES = 12  # of one page near one edge
MOST_REPEATED = 60  # lines of a page; one with more has a text that other pages have too
MOST_LEADING = 0.7  # space between lines of the body, as a multiple of their height
FEWEST_PAGES = 3
MOST_APART = 2  # pages: left and right pages may have headers of their own
LONGEST_LINE = 150
NUMBER = re.compile(r"\d+")
NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    "|sixteen|seventeen|eighteen|nineteen"
    "|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    "(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
)
ROMAN = "(?=[ivxl])(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
COUNTED = f"(?:#|{ROMAN}|{NUMBER_WORDS})"
PAGE_NUMBER = re.compile(
    rf"(?:[-\u2013|]\s*)?(?:page\s*|p\.\s*)?{COUNTED}(?:\s*(?:of|/)\s*{COUNTED})?"
    r"(?:\s*[-\u2013|])?(?:\s*page)?"
)
NAMED_PAGE = re.compile(rf"page\s*{COUNTED}(?:\s*(?:of|/)\s*{COUNTED})?")
# Words before a number that belongs to the part of a document, not to the page.
PART = re.compile(
    r"(?:recommendation|finding|lesson|learning point|theme|question|standard|chapter|section|part"
    r"|appendix|annex|table|figure|case|child|family|review|step|stage|priority|action)s?\s+#"
    r"|#(?:(?:\.#)*[.)]|(?:\.#)+)\s+\w"
)

Place = tuple[int, int]  # page, counted from 0, and number of the line on it


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """A line near the top or bottom of a page. edge: its distance from there, in points.

    words: without its numbers, as far as these can be page numbers.
    """

    place: Place
    at_top: bool
    edge: float
    words: str
    line: PrintedLine


@dataclass(frozen=True, slots=True)
class RunningPlace:
    """A place of running lines: their pages, the type of the first, and the least space between
    them and the body text."""

    pages: frozenset[int]
    line: PrintedLine
    gap: float

    @classmethod
    def of(
        cls, members: list[EdgeLine], repeated: set[Place], pages: list[list[PrintedLine]]
    ) -> "RunningPlace":
        """From the running lines of one place."""
        gap = min(_gap_to_body(line, repeated, pages) for line in members)
        return cls(frozenset(line.place[0] for line in members), members[0].line, gap)

    def is_of(self, page: int, line: PrintedLine) -> bool:
        """True if a line of a page that has none here could be a running line too."""
        return (
            page not in self.pages
            and len(line.text) <= LONGEST_LINE
            and _same_type(line, self.line)
        )


def running_lines(pages: list[list[PrintedLine]], heights: list[float]) -> set[Place]:
    """The lines that are furniture. pages: the lines of each; heights: of the pages, in points.

    A line is furniture if its words, numbers aside, are at the same height near the top or bottom
    edge of at least three pages that follow each other (of two in a document of two or three, and
    of all left or all right pages), or if a document has a lone page number there on two. Then so
    is a line of the same type at the same place of another page. The head of a table that is
    repeated on each page is furniture on all but the first. Lines of the body's type, as close to
    it as its own lines, are not, even if pages are alike.

    Example: "Page 3 of 40" with its foot at 800 on a page 842 points high, and "Page 4 of 40" at
    553 on one of 595 (turned), are both "page # of #" at -42 from the bottom: one footer.
    """
    lines = list(_edge_lines(pages, heights))
    repeated = _repeated_lines(lines, len(pages))
    counts = Counter(page for page, _ in repeated)
    repeated = {place for place in repeated if counts[place[0]] <= MOST_REPEATED}
    for _ in range(MOST_EDGE_LINES):  # from the innermost line outwards
        touching = _lines_of_the_body(lines, repeated, pages)
        if not touching:
            break
        repeated -= touching
    furniture = repeated | _lines_in_their_place(lines, repeated, pages)
    furniture -= _first_table_heads(lines, furniture, pages)
    return set() if _is_all_furniture(pages, furniture) else furniture


def _edge_lines(pages: list[list[PrintedLine]], heights: list[float]) -> Iterator[EdgeLine]:
    for number, (lines, height) in enumerate(zip(pages, heights, strict=True)):
        for index, line in enumerate(lines):
            at_top = line.y1 <= ZONE * height
            if at_top or line.y0 >= (1 - ZONE) * height:
                # Bottom edges are compared from the bottom: pages may differ in size.
                edge = line.y0 if at_top else line.y1 - height
                yield EdgeLine((number, index), at_top, edge, _without_numbers(line.text), line)


def _without_numbers(text: str) -> str:
    """The words with every number as "#": "Page 3 of 12" and "Page 4 of 12" become equal.

    "Recommendation 3" and "3. Findings" keep it: where each has a page of its own, they are
    headings.
    """
    words = NUMBER.sub("#", text.casefold())
    if NAMED_PAGE.fullmatch(words):
        return "page #"
    if PAGE_NUMBER.fullmatch(words):
        return "#"
    number = NUMBER.search(text)
    return words.replace("#", number[0], 1) if number and PART.match(words) else words


def _repeated_lines(lines: list[EdgeLine], page_count: int) -> set[Place]:
    """Places of the lines that are at one height on several pages, page numbers on two."""
    groups: dict[tuple[bool, str], list[EdgeLine]] = defaultdict(list)
    for line in lines:
        groups[line.at_top, line.words].append(line)
    repeated: set[Place] = set()
    for (_, words), members in groups.items():
        for run in _at_one_height(members):
            if _is_running(words, sorted({line.place[0] for line in run}), page_count):
                repeated.update(line.place for line in run)
    return repeated


def _at_one_height(members: list[EdgeLine]) -> list[list[EdgeLine]]:
    runs: list[list[EdgeLine]] = []
    last = float("-inf")
    for line in sorted(members, key=lambda line: line.edge):
        if line.edge - last > SAME_HEIGHT:
            runs.append([])
        runs[-1].append(line)
        last = line.edge
    return runs


def _is_running(words: str, numbers: list[int], page_count: int) -> bool:
    """True if words at one height of these pages are a running header or footer.

    Example: on pages 3, 4 and 5 of 40 they are; on pages 3, 17 and 30 they are a heading at the top
    of a page; on pages 2 and 4 of 5 they are the header of the left pages.
    """
    if words == "page #":
        return True
    if words == "#" or page_count <= FEWEST_PAGES:
        return len(numbers) >= 2
    every_other = list(range(numbers[0], page_count, 2))
    if len(numbers) >= 2 and numbers == every_other and numbers[0] < 3:
        return True
    together = best = 1
    for before, after in pairwise(numbers):
        together = together + 1 if after - before <= MOST_APART else 1
        best = max(best, together)
    return best >= FEWEST_PAGES


def _lines_of_the_body(
    lines: list[EdgeLine], repeated: set[Place], pages: list[list[PrintedLine]]
) -> set[Place]:
    """Repeated lines that are the first or last lines of the body on most of their pages."""
    groups: dict[tuple[str, int], list[EdgeLine]] = defaultdict(list)
    for line in lines:
        if line.place in repeated and line.words not in {"#", "page #"}:
            groups[line.words, round(line.edge)].append(line)
    touching: set[Place] = set()
    for members in groups.values():
        if 2 * sum(_touches_body(line, repeated, pages) for line in members) > len(members):
            touching.update(line.place for line in members)
    return touching


def _touches_body(line: EdgeLine, repeated: set[Place], pages: list[list[PrintedLine]]) -> bool:
    page, own = line.place
    for index, other in enumerate(pages[page]):
        if index == own:
            continue
        if other.beside(line.line):
            return False  # cells of a table, or the parts of a header
        gap = other.y0 - line.line.y1 if line.at_top else line.line.y0 - other.y1
        close = -0.5 < gap / line.line.height < MOST_LEADING
        if close and (page, index) not in repeated and _same_type(line.line, other):
            return True
    return False


def _same_type(line: PrintedLine, other: PrintedLine) -> bool:
    return line.bold == other.bold and abs(line.size - other.size) <= SAME_TYPE


def _lines_in_their_place(
    lines: list[EdgeLine], repeated: set[Place], pages: list[list[PrintedLine]]
) -> set[Place]:
    """Lines whose words do not repeat, at a place that is of running lines: the titles of short
    sections in a header.

    They are of the same type and at the same height, are the outermost of their page but for
    furniture, and are as far from the body text.
    """
    groups: dict[tuple[bool, int], list[EdgeLine]] = defaultdict(list)
    for line in lines:
        if line.place in repeated:
            groups[line.at_top, round(line.edge)].append(line)
    places = {
        key: RunningPlace.of(members, repeated, pages)
        for key, members in groups.items()
        if len(members) >= FEWEST_PAGES
    }
    return {
        line.place
        for line in lines
        if line.place not in repeated
        and (place := places.get((line.at_top, round(line.edge)))) is not None
        and place.is_of(line.place[0], line.line)
        and _gap_to_body(line, repeated, pages) >= place.gap - 1
    }


def _gap_to_body(line: EdgeLine, repeated: set[Place], pages: list[list[PrintedLine]]) -> float:
    """Space between a line and the nearest other of its page towards the middle; below 0 if a line
    that is no furniture is further out."""
    page, own = line.place
    gap = float("inf")
    for index, other in enumerate(pages[page]):
        if index == own or (page, index) in repeated or other.beside(line.line):
            continue
        below = other.y0 - line.line.y1
        above = line.line.y0 - other.y1
        gap = min(gap, below if line.at_top else above)
    return gap


def _first_table_heads(
    lines: list[EdgeLine], furniture: set[Place], pages: list[list[PrintedLine]]
) -> set[Place]:
    """The repeated heads of tables on the first page that has them: the text needs them once.

    A head has several cells, no numbers, and the cells of a row that is no furniture below it.
    """
    first: dict[str, Place] = {}
    for line in lines:
        page = line.place[0]
        body = [other for index, other in enumerate(pages[page]) if (page, index) not in furniture]
        if (
            line.place in furniture
            and line.at_top
            and line.words not in first
            and "#" not in line.words
            and _heads_a_table(line, pages[page], body)
        ):
            first[line.words] = line.place
    return set(first.values())


def _heads_a_table(line: EdgeLine, page: list[PrintedLine], body: list[PrintedLine]) -> bool:
    """True if the nearest row of the body has a cell below each cell of the line's own row."""
    row = [other for other in page if other.beside(line.line)]
    below = [other for other in body if other.y0 >= line.line.y1 - 1]
    if len(row) < 2 or not below:
        return False
    nearest = min(below, key=lambda other: other.y0)
    edges = [other.x0 for other in below if other.beside(nearest)]
    return all(any(abs(cell.x0 - edge) < 3 for edge in edges) for cell in row)


def _is_all_furniture(pages: list[list[PrintedLine]], furniture: set[Place]) -> bool:
    """True if most pages would have no other lines: then pages are alike, and nothing runs."""
    filled = [number for number, lines in enumerate(pages) if lines]
    bare = [
        number
        for number in filled
        if all((number, index) in furniture for index in range(len(pages[number])))
    ]
    return 2 * len(bare) > len(filled)
