"""Numbers of lists and headings of an OpenDocument file, as its program shows them: "4.2 "."""

# Example: a level with the format "1", the suffix "." and two levels shown gives "4.2." for the
# second item within the fourth. LibreOffice writes the pattern "%1%.%2%." as well, which alone can
# say "1.1(a)": "%1%.%2%(%3%)".

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from waymark.documents.parsers.open_document.styles import LOEXT, STYLE, TEXT
from waymark.documents.parsers.web.lists import formatted_number, whole_number

FORMATS = {"1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman",
           "I": "upper-roman"}  # fmt: skip
OUTLINE = "\0outline"  # no list style can have this name
DEEPEST = 10
LEVELS = (f"{TEXT}list-level-style-number", f"{TEXT}outline-level-style")
OF_LEVEL = re.compile(r"%(\d{1,2})%([^%]*)")  # in a pattern, with the signs up to the next level


@dataclass(frozen=True, slots=True)
class NumberLevel:
    """How one level is numbered. form: "" for bullets and none; pattern: as "(%1%.%2%)"."""

    form: str
    pattern: str
    start: int


LevelStyles = dict[int, NumberLevel]


def read_list_styles(roots: Iterable[etree._Element]) -> dict[str, LevelStyles]:
    """Name of each list style -> its levels; that of headings is OUTLINE."""
    styles: dict[str, LevelStyles] = {}
    for root in roots:
        for style in root.iter(f"{TEXT}list-style", f"{TEXT}outline-style"):
            is_outline = style.tag == f"{TEXT}outline-style"
            name = OUTLINE if is_outline else style.get(f"{STYLE}name") or ""
            styles[name] = dict(_read_level(level) for level in style if level.tag in LEVELS)
    return styles


def _read_level(style: etree._Element) -> tuple[int, NumberLevel]:
    start = whole_number(style.get(f"{TEXT}start-value"))
    level = whole_number(style.get(f"{TEXT}level")) or 1
    return level, NumberLevel(
        FORMATS.get(style.get(f"{STYLE}num-format") or "", ""),
        style.get(f"{LOEXT}num-list-format") or _plain_pattern(style, level),
        1 if start is None else start,
    )


def _plain_pattern(style: etree._Element, level: int) -> str:
    """The pattern of a level that states how many levels its number shows, and what is around."""
    levels = min(max(whole_number(style.get(f"{TEXT}display-levels")) or 1, 1), DEEPEST)
    numbers = [f"%{place}%" for place in range(max(1, level - levels + 1), level + 1)]
    prefix, suffix = (style.get(f"{STYLE}num-{side}") or "" for side in ("prefix", "suffix"))
    return f"{prefix}{'.'.join(numbers)}{suffix}"


@dataclass(slots=True)
class ListCounters:
    """Counters of the lists of a document, from its start to the place that was reached."""

    styles: dict[str, LevelStyles]
    _open: list[str] = field(default_factory=list)  # names of the styles of the open lists
    _counts: dict[str, list[int]] = field(default_factory=dict)
    _lists: dict[str, str] = field(default_factory=dict)  # identifier of a list -> its style
    _pending: str = ""

    def enter_list(self, element: etree._Element) -> None:
        """Begin a list; one that continues another goes on with its numbers."""
        name = element.get(f"{TEXT}style-name") or (self._open[-1] if self._open else "")
        continued = element.get(f"{TEXT}continue-list")
        if not element.get(f"{TEXT}style-name") and continued:
            name = self._lists.get(continued, name)
        goes_on = continued or element.get(f"{TEXT}continue-numbering") == "true"
        if not self._open and not goes_on:
            self._counts.pop(name, None)
        self._lists[element.get("{http://www.w3.org/XML/1998/namespace}id") or ""] = name
        self._open.append(name)

    def leave_list(self) -> None:
        """End the list that was begun last."""
        self._open.pop()

    def enter_header(self) -> None:
        """Begin the words before the first item, which have no number."""
        self._pending = ""

    def enter_item(self, element: etree._Element) -> None:
        """Begin an item: its first paragraph or heading gets the number."""
        start = whole_number(element.get(f"{TEXT}start-value"))
        self._pending = self._next(self._open[-1], len(self._open), start) if self._open else ""

    def marker(self, element: etree._Element, outline_level: int) -> str:
        """The number before a paragraph, as "4.2 ". outline_level: of a heading, else 0."""
        marker, self._pending = self._pending, ""
        stated = element.findtext(f"{TEXT}number")
        if stated:
            return f"{stated.strip()} "
        if marker or not outline_level or element.get(f"{TEXT}is-list-header") == "true":
            return marker
        start = whole_number(element.get(f"{TEXT}start-value"))
        return self._next(OUTLINE, outline_level, start)

    def _next(self, name: str, level: int, start: int | None) -> str:
        """Count one more at a level, and give the whole number."""
        levels = self.styles.get(name, {})
        own = levels.get(level)
        counts = self._counts.setdefault(name, [])
        if level > DEEPEST:
            return ""
        while len(counts) < level:
            begins = levels.get(len(counts) + 1)
            # A level that was left out counts as its first number: "1.1" without a "1" before it.
            counts.append((begins.start if begins else 1) - (len(counts) + 1 == level))
        del counts[level:]
        counts[-1] = counts[-1] + 1 if start is None else start
        if own is None or not own.form:
            return ""

        def number_of(match: re.Match[str]) -> str:
            place, signs = int(match[1]), match[2]
            style = levels.get(place)
            if style is None or not style.form or place > level:
                # The sign after a level without numbers goes with it: "1.1", not "1..1".
                return signs if match.end() == len(own.pattern) else ""
            return f"{formatted_number(counts[place - 1], style.form)}{signs}"

        return f"{OF_LEVEL.sub(number_of, own.pattern)} "
