"""Numbers of lists and headings of an OpenDocument file, as its program shows them: "4.2 "."""

# Example: a level with the format "1", the suffix "." and two levels shown gives "4.2." for the
# second item within the fourth.

from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from waymark.documents.parsers.open_document.styles import STYLE, TEXT
from waymark.documents.parsers.web.lists import formatted_number, whole_number

FORMATS = {"1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman",
           "I": "upper-roman"}  # fmt: skip
OUTLINE = "\0outline"  # no list style can have this name
DEEPEST = 10
LEVELS = (f"{TEXT}list-level-style-number", f"{TEXT}outline-level-style")


@dataclass(frozen=True, slots=True)
class NumberLevel:
    """How one level is numbered. shown: levels in its number; form: "" for bullets and none."""

    form: str
    prefix: str
    suffix: str
    start: int
    shown: int


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


def _read_level(level: etree._Element) -> tuple[int, NumberLevel]:
    start = whole_number(level.get(f"{TEXT}start-value"))
    return whole_number(level.get(f"{TEXT}level")) or 1, NumberLevel(
        FORMATS.get(level.get(f"{STYLE}num-format") or "", ""),
        level.get(f"{STYLE}num-prefix") or "",
        level.get(f"{STYLE}num-suffix") or "",
        1 if start is None else start,
        min(max(whole_number(level.get(f"{TEXT}display-levels")) or 1, 1), DEEPEST),
    )


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
        first = max(0, level - own.shown)
        numbers = [
            formatted_number(count, levels[place].form)
            for place, count in enumerate(counts[first:], start=first + 1)
            if place in levels and levels[place].form
        ]
        return f"{own.prefix}{'.'.join(numbers)}{own.suffix} "
