"""Bounds of a web page, checked before it is parsed: elements, nesting and attributes.

The parser's work grows with the square of the nesting; a page of 2 MB that nests 100,000 deep would
take it half a minute.
"""

import re
from collections import Counter

from waymark.core.errors import FileRefused

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
LONG_TAG = re.compile(r"<[a-zA-Z][^>]{10000,}")
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
MOST_TAGS = 1_000_000
DEEPEST = 10_000
MOST_WORK = 500_000_000  # elements around each tag, all tags together
MOST_ATTRIBUTES = 2_000
# Elements that close themselves, or that end where the next of their kind begins.
SELF_CLOSING = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr", "p", "li", "dt", "dd", "option", "tr", "td", "th", "thead"),
        *("tbody", "tfoot", "optgroup", "rt", "rp", "html", "head", "body"),
    }
)
HOSTILE = "Ask for another copy: this file may be malicious, or is badly damaged"


def check_markup(markup: str, file_name: str) -> None:
    """Raise FileRefused for a page that would take too long to parse."""
    if any(map(_has_many_attributes, LONG_TAG.findall(markup))):
        raise FileRefused(file_name, "has an element with thousands of attributes", HOSTILE)
    opened: Counter[str] = Counter()
    depth = work = 0
    for count, tag in enumerate(TAG.finditer(markup), start=1):
        name = tag[2].lower()
        if tag[1]:
            # An end without a beginning closes nothing: "<div></x>" stays open.
            if opened[name]:
                opened[name] -= 1
                depth -= 1
        elif name not in SELF_CLOSING:
            opened[name] += 1
            depth += 1
        work += depth
        if depth > DEEPEST or work > MOST_WORK:
            raise FileRefused(file_name, "nests its parts too deeply", HOSTILE)
        if count > MOST_TAGS:
            raise FileRefused(file_name, f"has more than {MOST_TAGS:,} tags", "Split it")


def _has_many_attributes(tag: str) -> bool:
    return len(re.findall(r"[\s/]+", QUOTED.sub(" ", tag))) > MOST_ATTRIBUTES
