"""Entries of contents pages: names of chapters, each with the number of its page (no Django)."""

# Example: "Introduction    4", "What happened    6", ... The numbers rise, unlike those of a table
# of counts.

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

from waymark.documents.reading.segment import TextBlock

LEADERS = re.compile(r"(?:\.\s?){4,}\s*\d+$")
TITLE = re.compile(
    r"(?:table of )?contents(?: page)?|(?:list of|in this) [\w ]{1,30}", re.IGNORECASE
)
PAGE_NUMBER = re.compile(r"\d{1,4}")
FEWEST_ENTRIES = 5
MOSTLY = 0.8


def mark_contents(blocks: Sequence[TextBlock]) -> None:
    """Mark the entries of contents pages as listed, and the heading right above them."""
    for _, group in groupby(blocks, key=lambda block: block.page):
        page = list(group)
        entries = [place for place, block in enumerate(page) if is_entry(block)]
        if len(entries) < FEWEST_ENTRIES or not _numbers_rise([page[place] for place in entries]):
            continue
        start = entries[0]
        if start and is_contents_title(page[start - 1]):
            start -= 1
        for block in page[start : entries[-1] + 1]:
            block.listed = True


def is_contents_title(block: TextBlock) -> bool:
    """True for the words above the entries, such as "Table of contents"."""
    return TITLE.fullmatch(block.text) is not None


def is_entry(block: TextBlock) -> bool:
    """True for a line that ends, far from its words or after dots, in the number of a page."""
    last = block.lines[-1]
    far = last.cells > 1 and PAGE_NUMBER.fullmatch(last.text.rsplit(" ", 1)[-1])
    return bool(far or has_leaders(block))


def has_leaders(block: TextBlock) -> bool:
    """True for words with dots that lead to a number."""
    return LEADERS.search(block.lines[-1].text) is not None


def _numbers_rise(entries: list[TextBlock]) -> bool:
    if any(map(has_leaders, entries)):
        return True
    numbers = [int(block.text.rsplit(" ", 1)[-1]) for block in entries]
    rising = sum(number <= following for number, following in pairwise(numbers))
    return rising >= MOSTLY * (len(numbers) - 1)
