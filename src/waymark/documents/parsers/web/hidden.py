"""Parts of a web page that a browser does not show (no Django).

Closed <details> are not hidden: a reader opens them with a click; nor is what `aria-hidden` hides
from screen readers alone. Colours are not judged where a style sheet that is not in the file, or a
rule that cannot be judged, may set them.
"""

# Examples of hidden words: <p hidden>, style="display:none", font-size:0, left:-9999px, and
# color:#fff where nothing between the words and the page sets another background.

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from waymark.documents.parsers.colours import BLACK, WHITE, Colour, is_dark, is_unreadable
from waymark.documents.parsers.flow import tidy_text
from waymark.documents.parsers.web.css_colours import Paint, blend, paint_of
from waymark.documents.parsers.web.styles import Properties
from waymark.documents.reading.shown_words import ShownWords
from waymark.documents.reading.values import (
    ALTERNATE,
    COMMENT,
    COVERED,
    DELETED,
    INVISIBLE,
    ConcealedText,
)

MARKED = "the page marks it as hidden"
OUTSIDE = "it lies outside the screen"
CUT_OFF = "it is cut off, blurred or too small to see"
UNDER = "it is as dark as the box behind it"
SAME = "it is in the colour of its background"
STRUCK = "it is struck out or marked as deleted"
IN_COMMENT = "it is a comment"
DESCRIPTION = "it is a description for screen readers"
INHERITED = frozenset({"", "inherit", "initial", "unset", "transparent", "none", "currentcolor"})
WHOLE_COLOUR = re.compile(r"[a-z]+\([^()]*\)|[^\s,/]+")
PICTURES = ("url(", "linear-", "radial-", "var(")
LENGTH = re.compile(r"([+-]?\d*\.?\d+)(px|pt|em|rem|ex|ch|vw|vh|cm|mm|in|pc|%)?")
PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0,
          "vw": 12.8, "vh": 8.0, "cm": 37.8, "mm": 3.78, "in": 96.0, "pc": 16.0,
          "%": 12.8}  # fmt: skip
FAR = -500.0  # pixels; a smaller shift may leave a part of the words on the screen
FAR_MARGIN = -1_000.0  # layouts of columns use shifts up to the width of a page
FAR_AWAY = 5_000.0
TINY = 2.0  # pixels of type
THIN = 1.0  # pixels of a box that shows nothing
BLURRED = 3.0  # pixels
CLIP = re.compile(r"rect\(\s*([^()]*)\)")
CLIP_PATH = re.compile(
    r"inset\(\s*(?:5\d|[6-9]\d|\d{3,})(?:\.\d+)?%|(?:circle|ellipse)\(\s*0(?:px|%)?\b|"
    r"polygon\(\s*((?:0(?:px|%)?\s+0(?:px|%)?[\s,]*)+)\)|path\(\s*[\"']\s*[\"']"
)
FILTER = re.compile(r"opacity\(\s*0*\.?0*%?\s*\)|alpha\(\s*opacity\s*=\s*0\s*\)|contrast\(\s*0")
BLUR = re.compile(rf"blur\(\s*({LENGTH.pattern})\s*\)")
TRANSFORM = re.compile(r"scale(?:x|y|3d)?\(\s*0*\.?0*\s*[,)]|rotate[xy]\(\s*-?(?:90|270)deg")
TRANSLATE = re.compile(r"translate(?:x|y|3d)?\(([^()]*)\)")
FONT = re.compile(r"(?:^|\s)((?:\d*\.)?\d+(?:px|pt|em|rem|%)?)\s*(?:/\s*\S+\s|\s)")

Reason = tuple[str, str]
"""Class of hidden text, and the reason."""


@dataclass(frozen=True, slots=True)
class ElementLook:
    """How the words in an element look. colour and ground: None if they cannot be known.

    reason: why all words in it are hidden; unseen: why they are, unless an element in it says
    otherwise (visibility, size).
    """

    colour: Paint | None = None
    ground: Colour | None = None
    reason: Reason | None = None
    unseen: bool = False
    tiny: bool = False
    preformatted: bool = False

    def reason_of_words(self) -> Reason | None:
        """Reason why words directly in the element are hidden; None if they can be seen."""
        if self.reason is not None:
            return self.reason
        if self.unseen:
            return INVISIBLE, MARKED
        if self.tiny:
            return INVISIBLE, CUT_OFF
        if self.colour is None or (self.ground is None and self.colour[1] > 0.05):
            return None
        ground = self.ground or WHITE
        if self.colour[1] > 0.05 and not is_unreadable(blend(self.colour, ground), ground):
            return None
        return (COVERED, UNDER) if is_dark(ground) else (INVISIBLE, SAME)


def page_look(*, knows_colours: bool) -> ElementLook:
    """The look of a page before anything is declared."""
    return ElementLook((BLACK, 1.0), WHITE) if knows_colours else ElementLook()


def look_of(
    tag: str, attributes: Mapping[str, str | None], properties: Properties, around: ElementLook
) -> ElementLook:
    """The look of words in an element, from its declarations and the look around it."""
    if around.reason is not None:
        return around
    reason = _reason_of_element(tag, attributes, properties)
    if reason is not None:
        return replace(around, reason=reason)
    if not properties and not attributes and tag not in {"a", "svg", "pre", "listing"}:
        return around
    visibility = properties.get("visibility", "")
    return ElementLook(
        _colour(tag, attributes, properties, around),
        _ground(attributes, properties, around),
        None,
        visibility in {"hidden", "collapse"} or (around.unseen and visibility != "visible"),
        _is_tiny(properties, around),
        _is_preformatted(tag, properties, around),
    )


@dataclass(slots=True)
class ConcealedWords:
    """Collector of hidden text: hidden words that follow each other are one find."""

    finds: list[ConcealedText] = field(default_factory=list)
    _descriptions: dict[str, None] = field(default_factory=dict)  # in the order of the page
    _reason: Reason | None = None
    _words: list[str] = field(default_factory=list)

    def add(self, words: str, reason: Reason) -> None:
        """Note hidden words."""
        if reason != self._reason:
            self.close()
        self._reason = reason
        self._words.append(words)

    def describe(self, *texts: str | None) -> None:
        """Note words that only screen readers say, or that appear under the pointer."""
        self._descriptions.update((tidy_text(text), None) for text in texts if text)

    def part(self) -> None:
        """Part words of different elements."""
        self._words.append(" ")

    def close(self) -> None:
        """End the find: visible words follow, or the page ends."""
        text = tidy_text("".join(self._words))
        if self._reason is not None and any(map(str.isalnum, text)):
            kind, why = self._reason
            self.finds.append(ConcealedText(1, text, why, kind))
        self._reason, self._words = None, []

    def settle(self, shown_words: ShownWords) -> None:
        """End the page: descriptions whose words it does not show are finds."""
        self.close()
        self.finds += [
            ConcealedText(1, text, DESCRIPTION, ALTERNATE)
            for text in self._descriptions
            if not shown_words.include(text)
        ]


def _reason_of_element(
    tag: str, attributes: Mapping[str, str | None], properties: Properties
) -> Reason | None:
    """Reason why all words in an element are hidden, whatever the elements in it say."""
    struck = properties.get("text-decoration", "") + properties.get("text-decoration-line", "")
    if tag in {"del", "s", "strike"} or "line-through" in struck:
        return DELETED, STRUCK
    if properties.get("mso-element") == "comment-list":
        return COMMENT, IN_COMMENT
    if _is_marked(tag, attributes, properties):
        return INVISIBLE, MARKED
    if _is_outside(properties):
        return INVISIBLE, OUTSIDE
    return (INVISIBLE, CUT_OFF) if _is_cut_off(properties) else None


def _is_marked(tag: str, attributes: Mapping[str, str | None], properties: Properties) -> bool:
    display = properties.get("display", "")
    if "hidden" in attributes or (tag == "dialog" and "open" not in attributes):
        return display in {"", "none"}
    return (
        display == "none"
        or properties.get("mso-hide") == "all"
        or properties.get("content-visibility") == "hidden"
        or _pixels(properties.get("opacity", ""), per_cent=0.01, other=1.0) <= 0.05
        or FILTER.search(properties.get("filter", "")) is not None
    )


def _is_outside(properties: Properties) -> bool:
    if properties.get("position", "static") != "static":
        for side in ("left", "top", "right", "bottom"):
            place = _pixels(properties.get(side, ""))
            if place <= FAR or (place >= FAR_AWAY and place != MISSING):
                return True
    if _pixels(properties.get("text-indent", "")) <= FAR:
        return True
    margins = (properties.get("margin-left", ""), properties.get("margin-top", ""))
    if any(_pixels(margin) <= FAR_MARGIN for margin in margins if not margin.endswith("%")):
        return True
    match = TRANSLATE.search(properties.get("transform", ""))
    shifts = match[1].split(",") if match else []
    return any(_pixels(shift.strip(), per_cent=5) <= FAR for shift in shifts)


def _is_cut_off(properties: Properties) -> bool:
    overflow = " ".join(properties.get(f"overflow{axis}", "") for axis in ("", "-x", "-y"))
    if "hidden" in overflow or "clip" in overflow:
        sides = ("height", "width", "max-height", "max-width")
        if any(_pixels(properties.get(side, "")) <= THIN for side in sides):
            return True
    blur = BLUR.search(properties.get("filter", ""))
    return (
        _is_clipped(properties.get("clip", ""))
        or CLIP_PATH.search(properties.get("clip-path", "")) is not None
        or (blur is not None and _pixels(blur[1]) >= BLURRED)
        or TRANSFORM.search(properties.get("transform", "")) is not None
        or properties.get("zoom") in {"0", "0%"}
        or properties.get("scale") == "0"
    )


def _is_clipped(clip: str) -> bool:
    """True if the rectangle that is shown has no room: rect(top, right, bottom, left)."""
    match = CLIP.search(clip)
    sides = [_pixels(side) for side in re.split(r"[\s,]+", match[1].strip())] if match else []
    if len(sides) != 4 or MISSING in sides:
        return False
    top, right, bottom, left = sides
    return bottom - top <= THIN or right - left <= THIN


MISSING = float("inf")


def _pixels(value: str, *, per_cent: float = 12.8, other: float = 0.0) -> float:
    """A length in pixels, about; MISSING for anything else. other: pixels of any other unit."""
    match = LENGTH.fullmatch(value)
    if match is None:
        return MISSING
    unit = match[2] or ""
    return float(match[1]) * (per_cent if unit == "%" else other or PIXELS[unit])


def _is_tiny(properties: Properties, around: ElementLook) -> bool:
    """True if type is under 2 pixels: an element that sets its own size is judged by it."""
    size = properties.get("font-size", "")
    if not size and (match := FONT.search(properties.get("font", "") + " ")):
        size = match[1]
    match = LENGTH.fullmatch(size)
    if match is None:
        return around.tiny
    number, unit = float(match[1]), match[2] or ""
    if unit in {"em", "%", "ex", "ch"}:  # of the size around it
        return around.tiny or number * (0.16 if unit == "%" else 16) < TINY
    return number * PIXELS[unit] < TINY


def _is_preformatted(tag: str, properties: Properties, around: ElementLook) -> bool:
    space = properties.get("white-space", "")
    return space.startswith("pre") if space else around.preformatted or tag in {"pre", "listing"}


def _colour(
    tag: str, attributes: Mapping[str, str | None], properties: Properties, around: ElementLook
) -> Paint | None:
    """The colour of words; None where it cannot be known, as of links and gradients."""
    clip = properties.get("background-clip", "") + properties.get("-webkit-background-clip", "")
    if "text" in clip or properties.get("text-shadow", "none") != "none":
        return None
    declared = properties.get("-webkit-text-fill-color") or properties.get("color", "")
    value = declared or (attributes.get("color") or "" if tag in {"font", "basefont"} else "")
    if tag == "body":
        value = value or attributes.get("text") or ""
    if value.lower() not in INHERITED or value.lower() == "transparent":
        return paint_of(value)
    # Links have a colour of their own, drawings have theirs in attributes that are not judged.
    return None if tag == "svg" or (tag == "a" and "href" in attributes) else around.colour


def _ground(
    attributes: Mapping[str, str | None], properties: Properties, around: ElementLook
) -> Colour | None:
    """The colour behind words; None where it cannot be known, as of pictures."""
    if "background" in attributes or properties.get("background-image", "none") != "none":
        return None
    declared = [
        properties[name] for name in ("background", "background-color") if name in properties
    ]
    value = (" ".join(declared) or attributes.get("bgcolor") or "").lower()
    return _painted(WHOLE_COLOUR.findall(value), around.ground)


def _painted(parts: list[str], ground: Colour | None) -> Colour | None:
    """The colour of a ground with a background of these parts; None if it cannot be known."""
    if set(parts) <= INHERITED:
        return ground
    paints = [paint for paint in map(paint_of, parts) if paint is not None]
    if not paints or any(part.startswith(PICTURES) for part in parts):
        return None
    shines_through = paints[-1][1] < 1
    return None if shines_through and ground is None else blend(paints[-1], ground or WHITE)
