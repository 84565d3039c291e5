"""Automatic numbers of a Word file: "4.2", "(a)", "iv." and bullets, which Word adds as it draws.

A paragraph names a list (w:numId) and a level (w:ilvl), itself or by its style. The list points to
an abstract list, whose levels say how to count and how to write the number: lvlText "%1.%2" is the
count of level 0, a point, and the count of level 1. Lists of one abstract list count together.
"""

# Example: Heading 1, Heading 2, Heading 2, Heading 1, Heading 2 are numbered 1, 1.1, 1.2, 2, 2.1.

import re
from dataclasses import dataclass, field

from waymark.documents.parsers.flow import tidy_text
from waymark.documents.parsers.word.names import VAL, Element, W, is_on, number_in, value_at
from waymark.documents.parsers.word.styles import WordStyles
from waymark.documents.parsers.word.symbols import bullet_text

LEVELS = 9
MOST = 32_767  # a count that Word would write
PLACEHOLDER = re.compile(r"%([1-9])")
ROMAN = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L")),
    *((40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)
NONE = "0"


@dataclass(frozen=True, slots=True)
class ListLevel:
    """How one level of a list counts. restart: the level, from 1, that starts it again."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    hidden: bool = False
    font: str = ""
    picture: bool = False
    style: str = ""


@dataclass(slots=True)
class _List:
    """A list: its abstract list, the levels it changes, and the counts it starts anew."""

    abstract: str
    levels: dict[int, ListLevel] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of a document. root: of its numbering part. linked: list of a list style."""

    def __init__(self, root: Element | None, linked: dict[str, str]) -> None:
        self._abstracts: dict[str, dict[int, ListLevel]] = {}
        self._links: dict[str, str] = {}
        self._lists: dict[str, _List] = {}
        self._linked = linked
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._of_styles: dict[str, tuple[str, int]] = {}
        for element in root.findall(f"{W}abstractNum") if root is not None else ():
            key = element.get(f"{W}abstractNumId", "")
            self._abstracts[key] = _levels_of(element)
            self._links[key] = value_at(element, f"{W}numStyleLink")
        for element in root.findall(f"{W}num") if root is not None else ():
            self._lists[element.get(f"{W}numId", "")] = _list_of(element)

    def restarted(self) -> "Numbering":
        """The same lists, not yet counted: for headers and footers."""
        fresh = Numbering(None, self._linked)
        fresh._abstracts, fresh._links, fresh._lists = self._abstracts, self._links, self._lists
        return fresh

    def list_of(self, own: Element | None, style: str, styles: WordStyles) -> tuple[str, int]:
        """Key of the list of a paragraph, and its level; "" for none. own: its properties."""
        key = value_at(own, f"{W}numPr/{W}numId")
        level = value_at(own, f"{W}numPr/{W}ilvl")
        if not key:
            key, of_style = self._list_of_style(style, styles)
            level = level or str(of_style)
        return ("", 0) if key == NONE else (key, min(int(number_in(level)), LEVELS - 1))

    def _list_of_style(self, style: str, styles: WordStyles) -> tuple[str, int]:
        if style not in self._of_styles:
            listed = ("", 0)
            for element in styles.chain(style):
                if key := value_at(element, f"{W}pPr/{W}numPr/{W}numId"):
                    level = self._level_of_style(key, styles.keys(style))
                    if level is None:
                        level = int(number_in(value_at(element, f"{W}pPr/{W}numPr/{W}ilvl")))
                    listed = (key, level)
                    break
            self._of_styles[style] = listed
        return self._of_styles[style]

    def _level_of_style(self, key: str, styles: list[str]) -> int | None:
        """The level of a list that belongs to the first of some styles."""
        levels = self._levels(key)
        for style in styles:
            for number, level in levels.items():
                if level.style == style:
                    return number
        return None

    def next_number(self, key: str, level: int) -> str:
        """Count a paragraph of a list, and its number as Word writes it; "" if it has none."""
        levels = self._levels(key)
        if level not in levels:
            return ""
        chosen = self._lists[key]
        counts = self._counts.setdefault(self._abstract(key), [None] * LEVELS)
        if level in chosen.starts and (key, level) not in self._begun:
            self._begun.add((key, level))
            counts[level] = None
        for number in range(level + 1):
            start = levels.get(number, ListLevel()).start
            before = counts[number]
            if number == level:
                first = chosen.starts.get(level, start)
                counts[number] = first if before is None else min(before + 1, MOST)
            elif before is None:
                # A level that nothing has used yet counts as used: "1.1" can begin a list, and the
                # next paragraph of the first level is then "2".
                counts[number] = chosen.starts.get(number, start)
        for deeper in range(level + 1, LEVELS):
            if _restarts(levels.get(deeper), level):
                counts[deeper] = None
        return _number_text(levels, level, [count or 0 for count in counts])

    def _abstract(self, key: str) -> str:
        """The abstract list of a list, through the list style that it may be linked to."""
        abstract = self._lists[key].abstract
        linked = self._lists.get(self._linked.get(self._links.get(abstract, ""), ""))
        return linked.abstract if linked is not None else abstract

    def _levels(self, key: str) -> dict[int, ListLevel]:
        if key not in self._lists:
            return {}
        own = self._lists[key].levels
        shared = self._abstracts.get(self._abstract(key), {})
        return {**shared, **own} if own else shared


def _levels_of(element: Element) -> dict[int, ListLevel]:
    levels = {}
    for level in element.iterchildren(f"{W}lvl"):
        number = int(number_in(level.get(f"{W}ilvl"), LEVELS))
        if 0 <= number < LEVELS:
            levels[number] = _level_of(level)
    return levels


def _level_of(element: Element) -> ListLevel:
    restart = element.find(f"{W}lvlRestart")
    fonts = element.find(f"{W}rPr/{W}rFonts")
    # A format of a later Word is wrapped in a choice between it and an older one.
    formats = [mark.get(VAL, "") for mark in element.iter(f"{W}numFmt")]
    return ListLevel(
        start=int(number_in(value_at(element, f"{W}start"), 0)),
        format=formats[0] if formats else "decimal",
        text=value_at(element, f"{W}lvlText"),
        restart=None if restart is None else int(number_in(restart.get(VAL))),
        legal=is_on(element.find(f"{W}isLgl")),
        hidden=is_on(element.find(f"{W}rPr/{W}vanish")),
        font=(fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or "") if fonts is not None else "",
        picture=element.find(f"{W}lvlPicBulletId") is not None,
        style=value_at(element, f"{W}pStyle"),
    )


def _list_of(element: Element) -> _List:
    chosen = _List(value_at(element, f"{W}abstractNumId"))
    for override in element.findall(f"{W}lvlOverride"):
        level = int(number_in(override.get(f"{W}ilvl"), LEVELS))
        if not 0 <= level < LEVELS:
            continue
        start, changed = override.find(f"{W}startOverride"), override.find(f"{W}lvl")
        if changed is not None:
            chosen.levels[level] = _level_of(changed)
        if start is not None:
            chosen.starts[level] = int(number_in(start.get(VAL), 1))
    return chosen


def _restarts(deeper: ListLevel | None, level: int) -> bool:
    """True if a paragraph of a level starts the count of a deeper level again."""
    # lvlRestart 0 is never; 1 is by a paragraph of level 0 only; without it, by any level above.
    return deeper is None or deeper.restart is None or level < deeper.restart


def _number_text(levels: dict[int, ListLevel], level: int, counts: list[int]) -> str:
    chosen = levels[level]
    if chosen.hidden:
        return ""
    if chosen.format == "bullet":
        return bullet_text(chosen.text, chosen.font) if chosen.text or chosen.picture else ""

    def written(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        numbering = levels.get(at, ListLevel()).format
        # isLgl: "Article IV" and its sections "4.01", not "IV.01".
        plain = chosen.legal and numbering not in {"bullet", "none", "decimalZero"}
        return format_count(counts[at], "decimal" if plain else numbering)

    return tidy_text(PLACEHOLDER.sub(written, chosen.text))


def format_count(count: int, numbering: str) -> str:
    """A count in one of Word's formats; in plain digits for the formats of other scripts."""
    if numbering in {"none", "bullet"}:
        return ""
    if numbering == "decimalZero":
        return f"{count:02}"
    if numbering == "ordinal":
        return f"{count}{_ordinal_end(count)}"
    if numbering in {"lowerLetter", "upperLetter"} and count > 0:
        # z is followed by aa, bb, cc: the letter is repeated.
        letters = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 99)
        return letters.upper() if numbering == "upperLetter" else letters
    if numbering in {"lowerRoman", "upperRoman"} and 0 < count < 4_000:
        roman = _roman(count)
        return roman if numbering == "upperRoman" else roman.lower()
    return str(count)


def _ordinal_end(count: int) -> str:
    if count % 100 in {11, 12, 13}:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")


def _roman(count: int) -> str:
    parts = []
    for value, letters in ROMAN:
        parts.append(letters * (count // value))
        count %= value
    return "".join(parts)
