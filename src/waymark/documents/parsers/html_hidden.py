"""Parts of a web page that a browser does not show, from attributes and style sheets (no Django).

Closed <details> are not hidden: a reader opens them with a click. Rules for certain screens or for
printing (@media) are not judged, nor are colours that a linked style sheet may set.
"""

# Examples of hidden words: <p hidden>, style="display:none", font-size:0, left:-9999px, and
# color:#fff where nothing between the words and the page sets another background.

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from waymark.documents.parsers.colours import (
    BLACK,
    WHITE,
    Colour,
    colour_of,
    is_dark,
    is_unreadable,
)
from waymark.documents.reading.values import COVERED, INVISIBLE

# Declarations that hide an element, in the order of the pattern:
#   display: none; visibility: hidden; opacity: 0
#   font-size: 0, or up to 1.99 px or pt
#   left, text-indent ...: -100 and beyond, which moves it off the page
#   clip: rect(0 ...) and clip-path: inset(50%), as for screen readers
#   transform: scale(0); color: transparent or rgba(..., 0)
#   height or width: 0 together with overflow: hidden, in either order
# ENDS keeps "opacity: 0" apart from "opacity: 0.5".
ENDS = r"\s*(?:!important\s*)?(?:;|$)"
UNSEEN = re.compile(
    rf"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0*%?{ENDS}|"
    rf"font-size\s*:\s*(?:0*\.?0*(?:[a-z]+|%)?|0*1?(?:\.\d+)?(?:px|pt)){ENDS}|"
    r"(?:left|right|top|bottom|text-indent|margin-left)\s*:\s*-\s*\d{3,}|"
    r"clip\s*:\s*rect\(\s*(?:0|1px)[\s,]|clip-path\s*:\s*inset\(\s*(?:50|100)%|"
    rf"scale\(\s*0\s*\)|(?:^|[;\s])color\s*:\s*(?:transparent|rgba\([^)]*[,/]\s*0*\.?0*%?\s*\)){ENDS}|"
    rf"(?:^|[;\s])(?:max-)?(?:height|width)\s*:\s*0(?:[a-z]+|%)?{ENDS}(?=.*overflow\s*:\s*hidden)|"
    rf"overflow\s*:\s*hidden(?=.*[;\s](?:max-)?(?:height|width)\s*:\s*0(?:[a-z]+|%)?{ENDS})",
    re.IGNORECASE,
)
COLOUR = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]+)", re.IGNORECASE)
GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
SHEET_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# @media and other conditional blocks, with the rules inside them; these are skipped.
CONDITIONAL = re.compile(r"@[a-z-]+[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.IGNORECASE)
WHOLE_COLOUR = re.compile(r"[a-z]+\([^)]*\)|\S+", re.IGNORECASE)
# Style sheets after which colours cannot be judged: imported ones, and rules that set colours under
# a condition (@media) or a pseudo-class such as :nth-child. Those of links and pointers do not
# count.
UNKNOWN = re.compile(
    r"@import|@[a-z-]+[^{};]*\{(?:[^{}]*\{[^{}]*\})*?[^{}]*\{[^{}]*(?:color|background)|"
    r":(?!hover|focus|active|visited|link|:)[a-z-]+[^{};]*\{[^{}]*(?:color|background)",
    re.IGNORECASE,
)
RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
MOST_RULES = 500
DEEPEST = 100
MOST_INNER = 1_000
INHERITED = frozenset({"", "inherit", "initial", "unset", "transparent", "none", "currentcolor"})
MARKED = "the page marks it as hidden"
UNDER = "it is as dark as the box behind it"
SAME = "it is in the colour of its background"

Reason = tuple[str, str]
"""Class of hidden text, and the reason."""


class PageStyles:
    """Style sheets of a web page, as far as they hide anything."""

    def __init__(self, tree: Any) -> None:
        text = " ".join(style.text() or "" for style in tree.css("style"))
        text = SHEET_COMMENT.sub(" ", text)
        linked = tree.css_first("link[rel~=stylesheet]") is not None
        self._knows_all = not linked and UNKNOWN.search(text) is None
        self._hidden: set[int] = set()
        self._declared: dict[int, str] = {}
        for selector, body in self._read(CONDITIONAL.sub(" ", text)):
            self._apply(tree, selector, body)

    @staticmethod
    def _read(text: str) -> list[tuple[str, str]]:
        """Selectors and declarations of the rules that hide or colour, in their order."""
        rules = ((selector.strip(), body.strip()) for selector, body in RULE.findall(text))
        # Rules that depend on a pointer or a click (":hover") can be shown by the reader.
        return [
            (selector, body)
            for selector, body in rules
            if ":" not in selector
            and (UNSEEN.search(body) or COLOUR.search(body) or GROUND.search(body))
        ][:MOST_RULES]

    def _apply(self, tree: Any, selector: str, body: str) -> None:
        try:
            nodes = [node.mem_id for node in tree.css(selector)]
        except (ValueError, RuntimeError):
            return  # a selector that the library does not know
        if UNSEEN.search(body):
            self._hidden.update(nodes)
        for node in nodes:
            self._declared[node] = f"{self._declared.get(node, '')};{body}"

    def reason(self, node: Any) -> Reason | None:
        """Reason why all words in a node are hidden; None if some can be seen."""
        attributes = node.attributes
        style = (attributes.get("style") or "").strip()
        if "hidden" in attributes or UNSEEN.search(style) or node.mem_id in self._hidden:
            return INVISIBLE, MARKED
        # Example: <div style="color:white"><p style="color:black">seen</p> unseen</div> is not
        # hidden as a whole: its own words are, those of the paragraph are not.
        if not self._sets_colours(node) or any(map(self._sets_colours, _elements_in(node))):
            return None  # words are judged one by one: see reason_of_words
        return self.reason_of_words(node)

    def reason_of_words(self, parent: Any) -> Reason | None:
        """Reason why the words directly in a node are hidden by colour; None if visible."""
        colour, ground = self._colour(parent), self._ground(parent)
        if colour is None or ground is None or not is_unreadable(colour, ground):
            return None
        return (COVERED, UNDER) if is_dark(ground) else (INVISIBLE, SAME)

    def _style(self, node: Any) -> str:
        own = (_attributes_of(node).get("style") or "").strip()
        return f"{self._declared.get(node.mem_id, '')};{own}"

    def _sets_colours(self, node: Any) -> bool:
        return bool(self._own_colour(node) or self._own_ground(node) or node.tag == "a")

    def _own_colour(self, node: Any) -> str:
        """The colour that a node sets for its words; "" if it inherits its parent's."""
        declared = COLOUR.findall(self._style(node))
        value = declared[-1].strip() if declared else _attributes_of(node).get("color") or ""
        return "" if value.lower() in INHERITED else value

    def _own_ground(self, node: Any) -> str:
        """The background that a node sets; "" if its parent's shows through."""
        attributes = _attributes_of(node)
        declared = GROUND.findall(self._style(node))
        value = declared[-1].strip() if declared else attributes.get("bgcolor") or ""
        return "" if value.lower() in INHERITED else value or attributes.get("background") or ""

    def _colour(self, node: Any) -> Colour | None:
        """The colour of words in a node; None if it cannot be known."""
        for around in _ancestors_of(node):
            if own := self._own_colour(around):
                return colour_of(own)
            if around.tag == "a":
                return None  # the browser's own colour for links, or one of ":link"
        return BLACK if self._knows_all else None

    def _ground(self, node: Any) -> Colour | None:
        """The colour behind a node; None if it cannot be known."""
        for around in _ancestors_of(node):
            if own := self._own_ground(around):
                colours = map(colour_of, WHOLE_COLOUR.findall(own))
                return next((colour for colour in colours if colour is not None), None)
        return WHITE if self._knows_all else None


def _attributes_of(node: Any) -> dict[str, str | None]:
    return node.attributes if node.tag and not node.tag.startswith("-") else {}


def _ancestors_of(node: Any) -> Iterator[Any]:
    for _ in range(DEEPEST):
        if node is None:
            return
        yield node
        node = node.parent


def _elements_in(node: Any) -> Iterator[Any]:
    return islice((inner for inner in node.traverse() if inner.mem_id != node.mem_id), MOST_INNER)
