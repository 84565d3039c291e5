"""Styles of the elements of a web page: style sheets in the page, and style attributes (no Django).

The page is judged as on a screen 1,280 pixels wide with light colours. Of two declarations the more
specific wins, as in browsers. Sheets in other files and conditions that cannot be judged (such as
@supports) are not read: then colours may be set that are not known here.
"""

# Example: in ".no { display: none } @media print { .no { display: block } }" the second rule counts
# on paper alone, so words of that class are hidden.

import re
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from selectolax.lexbor import SelectolaxError

from waymark.documents.parsers.flow import without_parts

Properties = dict[str, str]
Declarations = dict[str, tuple[str, bool]]
"""Name of a property -> its value, and whether it is important."""
Weight = tuple[bool, tuple[int, int, int], int]
"""Important, specificity (ids, classes, elements), place in the sheet: the greatest wins."""

MARKUP_COMMENT = re.compile(r"<!--|-->")  # around sheets of old pages
DECLARATION = re.compile(
    r"(?<![\w-])([\w-]+)\s*:\s*((?:[^;\"'(]|\"[^\"]*\"|'[^']*'|\([^()]*\)|\()*)"
)
IMPORTANT = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)
PIECES = re.compile(r"([{};])")
MEDIA = re.compile(r"@media\b(.*)", re.IGNORECASE | re.DOTALL)
CONDITION = re.compile(r"\(\s*([\w-]+)\s*(?::\s*([^()]*?)\s*)?\)")
LENGTH = re.compile(r"(\d*\.?\d+)(px|em|rem)?")
IDS, CLASSES = re.compile(r"#[\w-]+"), re.compile(r"\.[\w-]+|\[[^\]]*\]|:(?!:)[\w-]+")
ELEMENTS = re.compile(r"(?:^|[\s>+~])[a-zA-Z][\w-]*")
# Those of links and pointers say nothing about the words that all readers see.
POINTING = re.compile(r":(?:hover|focus|active|visited|link|target|focus-within|focus-visible)\b")
PSEUDO_ELEMENT = re.compile(r"::|:(?:before|after|first-line|first-letter)\b")
JOINED = re.compile(r"\s*([>+])\s*")
# Selectors whose matching takes the square of the page, and spaces within brackets.
COSTLY = re.compile(r"~(?!=)|:(?:has|nth|last-of|first-of|only-of)|[\[(][^\])]*\s")
ADDRESS = re.compile(r"url\([^()]*\)")
COLOURING = frozenset({"color", "background", "background-color"})
USED = COLOURING | {
    *("display", "visibility", "opacity", "filter", "font", "font-size", "content-visibility"),
    *("position", "left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top"),
    *("clip", "clip-path", "transform", "overflow", "overflow-x", "overflow-y", "zoom", "scale"),
    *("height", "width", "max-height", "max-width", "white-space", "text-decoration"),
    *("text-decoration-line", "list-style", "list-style-type", "text-shadow", "mso-hide"),
    *("background-clip", "-webkit-background-clip", "-webkit-text-fill-color", "mso-element"),
    *("mso-outline-level", "background-image", "mix-blend-mode"),
}
SCREEN_WIDTH = 1_280.0
MOST_RULES = 2_000
MOST_WORK = 2_000_000  # elements looked at to match selectors
MOST_SECONDS = 2.0  # of processor time to match selectors
LONGEST, LONGEST_HEAD, LONGEST_VALUE = 20_000, 1_000, 300  # characters
INLINE: Weight = (False, (1_000, 0, 0), 0)


class PageStyles:
    """The declared styles of the elements of a parsed page.

    knows_colours: False where colours may be set by sheets or rules that were not judged.
    """

    def __init__(self, tree: Any) -> None:
        self._declared: dict[int, dict[str, tuple[Weight, str]]] = {}
        self._work = 0
        self.knows_colours = tree.css_first("link[rel~=stylesheet]") is None
        sheet = " ".join(
            style.text() or ""
            for style in tree.css("style")
            if _is_for_screens(style.attributes.get("media") or "all")
        )
        sheet = MARKUP_COMMENT.sub(" ", without_parts(sheet, "/*", "*/"))
        begun = time.process_time()
        for place, (selector, declared) in enumerate(self._rules(sheet)):
            if place >= MOST_RULES or time.process_time() - begun > MOST_SECONDS:
                self.knows_colours = False
                break
            self._apply(tree, selector, declared, place)

    def properties(self, node: Any, style: str | None) -> Properties:
        """The properties that win for an element. style: its style attribute."""
        declared = self._declared.get(node.mem_id)
        if not style:
            return {name: value for name, (_, value) in declared.items()} if declared else {}
        own = declarations(style)
        if not declared:
            return {name: value for name, (value, _) in own.items()}
        winners = dict(declared)
        _add_declarations(winners, own, INLINE)
        return {name: value for name, (_, value) in winners.items()}

    def _rules(self, sheet: str) -> Iterator[tuple[str, Declarations]]:
        """Selectors and declarations of the rules for screens, in their order."""
        if "@import" in sheet:
            self.knows_colours = False
        for selector, body, counts in _blocks(ADDRESS.sub("url()", sheet)):
            declared = {name: value for name, value in declarations(body).items() if name in USED}
            if len(selector) > LONGEST_HEAD:
                counts = None
            if declared and counts:
                yield selector, declared
            elif counts is None and COLOURING & declared.keys():
                self.knows_colours = False

    def _apply(self, tree: Any, selector: str, declared: Declarations, place: int) -> None:
        for part in selector.split(","):
            if POINTING.search(part) or PSEUDO_ELEMENT.search(part):
                continue
            nodes = self._selected(tree, part.strip())
            if nodes is None:
                self.knows_colours &= not COLOURING & declared.keys()
                continue
            specificity = (
                len(IDS.findall(part)), len(CLASSES.findall(part)), len(ELEMENTS.findall(part)),
            )  # fmt: skip
            for node in nodes:
                winners = self._declared.setdefault(node, {})
                _add_declarations(winners, declared, (False, specificity, place))

    def _selected(self, tree: Any, selector: str) -> list[int] | None:
        """Identifiers of the elements that a selector matches; None if it is not judged."""
        # The library tries all ways of matching "div div div p", whose number explodes. So each
        # part is matched alone, and the nearest ancestor that fits is taken: any other fits too.
        if COSTLY.search(selector) or not selector:
            return None
        *outer, last = JOINED.sub(r"\1", selector).split()
        try:
            around = [{node.mem_id for node in tree.css(part)} for part in reversed(outer)]
            nodes = tree.css(last)
        except (
            SelectolaxError,
            ValueError,
            RuntimeError,
        ):  # a selector that the library does not know
            return None
        self._work += sum(map(len, around)) + len(nodes)
        selected = []
        for node in nodes:
            if self._work > MOST_WORK:
                return None
            if not around or self._is_within(node, around):
                selected.append(node.mem_id)
        return selected

    def _is_within(self, node: Any, around: list[set[int]]) -> bool:
        """True if an element has ancestors of each set, the first the nearest."""
        level = 0
        above = node.parent
        while above is not None and level < len(around):
            self._work += 1
            level += above.mem_id in around[level]
            above = above.parent
        return level == len(around)


def _add_declarations(
    winners: dict[str, tuple[Weight, str]],
    declared: Declarations,
    weight: Weight,
) -> None:
    """Add declarations, each where no weightier one is."""
    for name, (value, important) in declared.items():
        own = (important, *weight[1:])
        if name not in winners or winners[name][0] <= own:
            winners[name] = own, value


@lru_cache(maxsize=4_096)
def declarations(body: str) -> Declarations:
    """Name -> value and whether it is important, of the declarations of a rule or attribute."""
    declared: Declarations = {}
    for name, value in DECLARATION.findall(body[:LONGEST]):
        value = value[:LONGEST_VALUE]
        plain = IMPORTANT.sub("", value).strip()
        important = plain != value.strip()
        if important or not declared.get(name.lower(), ("", False))[1]:
            declared[name.lower()] = plain.lower(), important
    return declared


def _blocks(sheet: str) -> Iterator[tuple[str, str, bool | None]]:
    """Selector, declarations, and whether the rule counts on screens (None: not known)."""
    # A stack of the conditions around: "@media screen { p { ... } }" has one.
    around: list[bool | None] = []
    selector, body = "", ""
    parts = PIECES.split(sheet)
    for text, end in zip(parts[::2], parts[1::2], strict=False):
        head = text.strip()
        if end == "{" and head.startswith("@"):
            around.append(_condition_of(head))
        elif end == "{":
            selector, body = head, ""
        elif end == ";":
            body = f"{body}{head};"
        elif selector:
            yield selector, f"{body}{head}", _all_count(around)
            selector = ""
        elif around:
            around.pop()


def _condition_of(head: str) -> bool | None:
    """True if the rules in a block such as "@media screen" count; None if that is not known."""
    if match := MEDIA.match(head[:LONGEST_HEAD]):
        return _is_for_screens(match[1])
    return False if head.lower().startswith(("@page", "@font-face", "@keyframes")) else None


def _all_count(around: list[bool | None]) -> bool | None:
    if False in around:
        return False
    return None if None in around else True


def _is_for_screens(query: str) -> bool | None:
    """True if a media query holds on the screen of the judgement; None if that is not known."""
    answers = [_holds(part.strip().lower()) for part in query.split(",")]
    if True in answers:
        return True
    return None if None in answers else False


def _holds(query: str) -> bool | None:
    kind = CONDITION.sub(" ", query).replace(" and ", " ").split()
    negated = kind[:1] == ["not"]
    kind = [word for word in kind if word not in {"only", "and", "not"}]
    if any(word not in {"all", "screen"} for word in kind):
        return negated if set(kind) <= {"print", "speech", "aural", "braille", "tty"} else None
    answers = [_condition_holds(name, value) for name, value in CONDITION.findall(query)]
    if "(" in CONDITION.sub(" ", query) or None in answers:
        return None
    return all(answers) != negated


def _condition_holds(name: str, value: str) -> bool | None:
    if name in {"prefers-color-scheme", "scripting", "hover", "orientation"}:
        return value in {"light", "enabled", "hover", "landscape"}
    length = LENGTH.fullmatch(value)
    if name not in {"min-width", "max-width"} or length is None:
        return None
    pixels = float(length[1]) * (16 if length[2] in {"em", "rem"} else 1)
    return pixels <= SCREEN_WIDTH if name == "min-width" else pixels >= SCREEN_WIDTH
