"""Divide a pasted text into references. Pure.

A list is divided at its numbers or points, else at its empty lines, else at its lines; a line that
continues the reference before it is joined to it.
"""

import re
from collections.abc import Iterable, Iterator

LONGEST = 40_000
"""Most characters of a pasted text."""
MOST = 100
"""Most references that are checked at once."""
SHORTEST = 8
"""Characters of the shortest text that can be a reference."""
_NUMBER = re.compile(r"\s*(?:\[(\d{1,4})\]|\((\d{1,4})\)|(\d{1,4})[.)])\s+(?=\S)")
FIRST_YEAR = 1_800
"""Least number of a line that may be a year."""
_POINT = re.compile(r"\s*[\u2022\u25cf\u25aa*\u2013\u2014-]\s+(?=\S)")
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d[a-z]?\b|\bn\.?\s?d\.?\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\s*(?:<?https?://|doi\b|www\.|available (?:at|from)\b)", re.IGNORECASE)
_IDENTIFIER = re.compile(r"https?://|www\.|\b10\.\d{4,}/|\bisbn\b", re.IGNORECASE)
_LETTER = re.compile(
    r"(?:dear|hello|hi|good (?:morning|afternoon)|please|could you|can you|i am|i have|we are"
    r"|we have|many thanks|thanks|thank you|kind regards|best wishes|regards|yours)\b"
    r"|(?:references?|reference list|bibliography|works cited|sources|further reading)\W*$",
    re.IGNORECASE,
)
_COMPLETE = re.compile(r"(?:[.)\]>]|https?://\S+|10\.\d{4,}/\S+)\s*$")
_INITIAL = re.compile(r"\b[A-Z]\.,?\s*$")
_SHORT_END = 60
"""Characters of a line without a year that can be the end of the reference before it."""


def split_references(text: str) -> tuple[str, ...]:
    """The references of a text in their order, each on one line, without numbers and points."""
    lines = text.splitlines()
    blocks = _marked(lines) or _blocks(lines)
    joined = (" ".join(" ".join(block).split()) for block in blocks)
    return tuple(
        reference
        for reference in joined
        if len(reference) >= SHORTEST and not _is_other_words(reference)
    )


def _is_other_words(block: str) -> bool:
    """True for the words of a letter around references, or the heading of their list."""
    if _YEAR.search(block) or _IDENTIFIER.search(block):
        return False
    return block.endswith(("?", ":", "!")) or bool(_LETTER.match(block))


def _marked(lines: list[str]) -> list[list[str]]:
    """The blocks of a list with numbers or points; empty for any other text."""
    for mark in (_NUMBER, _POINT):
        starts = list(_starts(mark, lines))
        first = next((at for at, line in enumerate(lines) if line.strip()), 0)
        if len(starts) >= 2 or starts == [first]:
            ends = [*starts[1:], len(lines)]
            before = list(_blocks(lines[: starts[0]]))
            return before + [
                [mark.sub("", lines[start], count=1), *lines[start + 1 : end]]
                for start, end in zip(starts, ends, strict=True)
            ]
    return []


def _starts(mark: re.Pattern[str], lines: list[str]) -> Iterator[int]:
    """Places of the lines that begin with a mark; "2012." is a year unless "2011." was before."""
    before = 0
    for at, line in enumerate(lines):
        if (match := mark.match(line)) is None:
            continue
        number = int(next(filter(None, match.groups()), 0))
        if number < FIRST_YEAR or number == before + 1:
            before = number
            yield at


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        if block and (not line.strip() or not _continues(" ".join(block), line)):
            yield block
            block = []
        if line.strip():
            block.append(line.strip())
    if block:
        yield block


def _continues(before: str, line: str) -> bool:
    """True if a line belongs to the reference before it.

    Example: "Reed A, Heron B and" is continued by "Otter C (2012) Crossing rivers.", and that by
    "London: Riverside." and "https://example.org/rivers".
    """
    line = line.strip()
    if _LETTER.match(line) or _LETTER.match(before):
        return False
    if _ADDRESS.match(line) or line[:1].islower():
        return True
    if not _YEAR.search(before):
        return not _COMPLETE.search(before) or bool(_INITIAL.search(before))
    if not _YEAR.search(line):
        return len(line) <= _SHORT_END
    return False
