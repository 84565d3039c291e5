"""Split a text into sentences."""

import re

from waymark.core.spans import Span

# A sentence ends at . ! or ? (and closing quotes or brackets) before white space and a capital, a
# quote or a digit, but not after a common abbreviation or a single letter.
_END = re.compile(r"[.!?][\"')\]]*(?=\s+[\"'(\[]?[A-Z0-9])")
_SHORT = re.compile(
    r"(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|Miss|Prof|St|No|para|pp?|e\.g|i\.e|cf|vs|etc|[A-Z])\.$"
)
_NUMBER = re.compile(r"(?:^|\n)\s*\d+(?:\.\d+)*\.$")


def sentences(text: str) -> list[Span]:
    """Spans of the sentences of a text, in order, without surrounding white space.

    A paragraph's number ("4.2.") belongs to the sentence after it. Line breaks do not end a
    sentence: pass one paragraph at a time.
    """
    ranges, start = [], 0
    # "4.2. Dr. Smith wrote. She left." has three candidates; only "wrote." ends a sentence.
    for end in _END.finditer(text):
        before = text[start : end.end()]
        if _SHORT.search(before) or _NUMBER.search(before):
            continue
        ranges.append((start, end.end()))
        start = end.end()
    ranges.append((start, len(text)))
    return [
        Span(first + len(part) - len(part.lstrip()), first + len(part.rstrip()))
        for first, last in ranges
        if (part := text[first:last]).strip()
    ]
