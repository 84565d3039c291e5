"""Sentences of a text, as spans."""

import re

from waymark.core.spans import Span

# A sentence ends at . ! or ? (and closing quotes or brackets) before white space and a capital, a
# quote or a digit; not after the usual short forms or single letters, which end no sentence.
_END = re.compile(r"[.!?][\"')\]]*(?=\s+[\"'(\[]?[A-Z0-9])")
_SHORT = re.compile(
    r"(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|Miss|Prof|St|No|para|pp?|e\.g|i\.e|cf|vs|etc|[A-Z])\.$"
)
_NUMBER = re.compile(r"(?:^|\n)\s*\d+(?:\.\d+)*\.$")


def sentences(text: str) -> list[Span]:
    """The sentences of a text, in order, without the white space around them.

    A paragraph's number ("4.2.") belongs to the sentence after it. Line breaks end no sentence:
    give one paragraph at a time.
    """
    found, start = [], 0
    for end in _END.finditer(text):
        before = text[start : end.end()]
        if _SHORT.search(before) or _NUMBER.search(before):
            continue
        found.append((start, end.end()))
        start = end.end()
    found.append((start, len(text)))
    return [
        Span(first + len(part) - len(part.lstrip()), first + len(part.rstrip()))
        for first, last in found
        if (part := text[first:last]).strip()
    ]
