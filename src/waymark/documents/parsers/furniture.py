"""Running headers, footers and page numbers: lines repeated at one height, page after page."""

import re
from collections import defaultdict

from waymark.documents.reading.text_lines import PrintedLine

ZONE = 0.15  # the share of the page's height, at top and bottom, in which they are looked for
SAME_HEIGHT = 6.0  # points
FEWEST_PAGES = 3
NUMBER = re.compile(r"\d+")
PAGE_NUMBER = re.compile(r"(?:[-\u2013|]\s*)?(?:page\s*)?#(?:\s*(?:of|/)\s*#)?(?:\s*[-\u2013|])?")

Place = tuple[int, int]  # page, counted from 0, and number of the line on it


def running_lines(pages: list[list[PrintedLine]], heights: list[float]) -> set[Place]:
    """The lines that are furniture. pages: the lines of each; heights: of the pages, in points.

    A line is furniture if its words, numbers aside, are at the same height near the top or bottom
    edge of at least three pages (of two in a document of two or three), or if a document has a lone
    page number there on two.

    Example: "Page 3 of 40" with its foot at 800 on a page 842 points high, and "Page 4 of 40" at
    553 on one of 595 (turned), are both "page # of #" at -42 from the bottom: one footer.
    """
    groups: dict[tuple[bool, str], list[tuple[float, Place]]] = defaultdict(list)
    for number, (lines, height) in enumerate(zip(pages, heights, strict=True)):
        for index, line in enumerate(lines):
            at_top = line.y1 <= ZONE * height
            if at_top or line.y0 >= (1 - ZONE) * height:
                # Bottom edges are compared from the bottom: pages may differ in size.
                edge = line.y0 if at_top else line.y1 - height
                groups[at_top, _without_numbers(line.text)].append((edge, (number, index)))
    return _repeated_lines(groups, FEWEST_PAGES if len(pages) > FEWEST_PAGES else 2)


def _repeated_lines(
    groups: dict[tuple[bool, str], list[tuple[float, Place]]], least: int
) -> set[Place]:
    """Places of the lines that are at one height on least pages, page numbers on two."""
    repeated: set[Place] = set()
    for (_, text), places in groups.items():
        needed = min(2, least) if PAGE_NUMBER.fullmatch(text) else least
        for run in _at_one_height(places):
            if len({number for number, _ in run}) >= needed:
                repeated.update(run)
    return repeated


def _without_numbers(text: str) -> str:
    """The words with every number as "#": "Page 3 of 12" and "Page 4 of 12" become equal."""
    return NUMBER.sub("#", text.casefold())


def _at_one_height(places: list[tuple[float, Place]]) -> list[list[Place]]:
    runs: list[list[Place]] = []
    last = float("-inf")
    for edge, place in sorted(places):
        if edge - last > SAME_HEIGHT:
            runs.append([])
        runs[-1].append(place)
        last = edge
    return runs
