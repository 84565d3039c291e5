"""Parts of a web page that a browser does not show, from attributes and style sheets (no Django).

Closed <details> are not hidden: a reader opens them with a click. Rules for certain screens or for
printing (@media) are not judged, nor are colours where a style sheet may set the background.
"""

import re
from typing import Any

from waymark.documents.parsers.colours import WHITE, Colour, colour_of, is_dark, is_unreadable
from waymark.documents.reading import COVERED, INVISIBLE

ENDS = r"\s*(?:!important\s*)?(?:;|$)"
UNSEEN = re.compile(
    rf"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0*%?{ENDS}|"
    rf"font-size\s*:\s*(?:0*\.?0*(?:[a-z]+|%)?|0*1?(?:\.\d+)?(?:px|pt)){ENDS}|"
    r"(?:left|right|top|bottom|text-indent|margin-left)\s*:\s*-\s*\d{3,}|"
    r"clip\s*:\s*rect\(\s*(?:0|1px)[\s,]|clip-path\s*:\s*inset\(\s*(?:50|100)%|"
    rf"scale\(\s*0\s*\)",
    re.IGNORECASE,
)
COLOUR = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]+)", re.IGNORECASE)
GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
SHEET_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CONDITIONAL = re.compile(r"@[a-z-]+[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.IGNORECASE)
RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
MOST_RULES = 500
DEEPEST = 100
MARKED = "the page marks it as hidden"
UNDER = "it is as dark as the box behind it"
SAME = "it is in the colour of its background"

Reason = tuple[str, str]
"""Class of hidden text, and why."""


class PageStyles:
    """Style sheets of a web page, as far as they hide anything."""

    def __init__(self, tree: Any) -> None:
        text = " ".join(style.text() or "" for style in tree.css("style"))
        text = SHEET_COMMENT.sub(" ", text)
        linked = tree.css_first("link[rel~=stylesheet]") is not None
        self._knows_grounds = not linked and not re.search(r"background|@import", text)
        self._hidden: set[int] = set()
        for selector in self._hiding(CONDITIONAL.sub(" ", text)):
            try:
                self._hidden.update(node.mem_id for node in tree.css(selector))
            except (ValueError, RuntimeError):
                continue  # a selector that the library does not know

    @staticmethod
    def _hiding(text: str) -> list[str]:
        rules = [
            selector.strip() for selector, body in RULE.findall(text) if UNSEEN.search(body.strip())
        ]
        # What depends on a pointer or a click (":hover") is shown by it.
        return [selector for selector in rules if ":" not in selector][:MOST_RULES]

    def reason(self, node: Any) -> Reason | None:
        """Why the words of a node are hidden; None where they can be seen."""
        attributes = node.attributes
        style = (attributes.get("style") or "").strip()
        if "hidden" in attributes or UNSEEN.search(style) or node.mem_id in self._hidden:
            return INVISIBLE, MARKED
        words = COLOUR.search(style)
        colour = colour_of(words[1] if words else attributes.get("color") or "")
        ground = self._ground(node) if colour else None
        if colour is None or ground is None or not is_unreadable(colour, ground):
            return None
        return (COVERED, UNDER) if is_dark(ground) else (INVISIBLE, SAME)

    def _ground(self, node: Any) -> Colour | None:
        """The colour behind a node; None where it cannot be known."""
        for _ in range(DEEPEST):
            if node is None:
                return WHITE if self._knows_grounds else None
            attributes = node.attributes if node.tag and not node.tag.startswith("-") else {}
            own = GROUND.search(attributes.get("style") or "")
            if own or attributes.get("bgcolor") or attributes.get("background"):
                return colour_of(own[1] if own else attributes.get("bgcolor") or "")
            node = node.parent
        return None
