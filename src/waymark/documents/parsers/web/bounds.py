"""Bounds of a web page, checked before it is parsed: elements, nesting and attributes.

The parser's work grows with the square of the nesting; a page of 2 MB that nests 100,000 deep would
take it half a minute.
"""

import re
from collections import Counter
from collections.abc import Iterator

from waymark.core.errors import FileRefused

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
WHOLE_TAG = re.compile(r"<[a-zA-Z][^>]*")
LONG = 10_000  # characters of a tag whose attributes are counted
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
MOST_TAGS = 400_000
DEEPEST = 10_000
MOST_WORK = 500_000_000  # elements around each tag, all tags together
MOST_ATTRIBUTES = 2_000
# Elements that the parser opens again in each paragraph until they are ended, and what that costs.
FORMATTING = frozenset(
    {
        "a",
        "b",
        "big",
        "code",
        "em",
        "font",
        "i",
        "nobr",
        "s",
        "small",
        "strike",
        "strong",
        "tt",
        "u",
    }
)
REOPENED = 100
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
    if any(_has_many_attributes(tag[0]) for tag in WHOLE_TAG.finditer(markup)):
        raise FileRefused(file_name, "has an element with thousands of attributes", HOSTILE)
    work = 0
    for count, (depth, formatting) in enumerate(_nesting(markup), start=1):
        work += depth + REOPENED * formatting
        if depth > DEEPEST or work > MOST_WORK:
            raise FileRefused(file_name, "nests its parts too deeply", HOSTILE)
        if count > MOST_TAGS:
            raise FileRefused(file_name, f"has more than {MOST_TAGS:,} tags", "Split it")


def _nesting(markup: str) -> Iterator[tuple[int, int]]:
    """After each tag, the number of elements around, and of those that format."""
    opened: Counter[str] = Counter()
    depth = formatting = 0
    for tag in TAG.finditer(markup):
        name = tag[2].lower()
        step = 0
        if not tag[1]:
            step = int(name not in SELF_CLOSING)
        elif opened[name]:  # an end without a beginning closes nothing: "<div></x>" stays open
            step = -1
        opened[name] += step
        depth += step
        formatting += step * (name in FORMATTING)
        yield depth, formatting


def _has_many_attributes(tag: str) -> bool:
    if len(tag) < LONG:
        return False
    return len(re.findall(r"[\s/]+", QUOTED.sub(" ", tag))) > MOST_ATTRIBUTES
