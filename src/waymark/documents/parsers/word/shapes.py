"""Filled shapes of a Word file that float over a paragraph, like a black box drawn by hand.

Only Word's own layout knows where on the page a shape and the words are. So a shape that is placed
by a paragraph, in front of it and as high as a line, is taken to cover the words of that paragraph.

Sizes are in EMU (English Metric Units): 914,400 an inch, 12,700 a point. Word writes a box as

    <wp:anchor behindDoc="0"> <wp:positionV relativeFrom="paragraph"/> <wp:extent cy="180000"/>
      <wp:wrapNone/> ... <wps:wsp><wps:spPr><a:solidFill/></wps:spPr></wps:wsp> </wp:anchor>

180,000 EMU are 14.2 points, a line of text, so it covers the words. The same with cy="12700" is a
rule of 1 point, and one with words in it (w:t) is a text box: neither covers anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from waymark.documents.parsers.colours import colour_of, is_dark
from waymark.documents.parsers.word.names import PIC, WP, WPS, A, Element, V, W, number_in

LINE = 70_000  # EMU, 5.5 points: anything lower is a rule, not a box
EMU = 12_700.0  # in a point
LETTER = 5.5  # points: the usual width of a letter, and half the height of a line
STYLE_LENGTH = re.compile(r"(-?[\d.]+)(pt|in|cm|mm|px)?")
POINTS = {"pt": 1.0, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "px": 0.75, None: 0.75}
WITH_THE_WORDS = frozenset({"paragraph", "line"})
SHAPE, PICTURE = "shape", "picture"


@dataclass(frozen=True, slots=True)
class PageSize:
    """Size and margins of the largest pages of a document, in points."""

    width: float = 595.0
    height: float = 842.0
    left: float = 72.0
    top: float = 72.0

    def is_outside(self, across: float, wide: float, down: float, high: float) -> bool:
        """True if a box is outside the page, whether it is placed by the page or by its margins."""
        beyond = across >= self.width or down >= self.height
        before = across + wide + self.left <= 0 or down + high + self.top <= 0
        return beyond or before


def page_size(root: Element) -> PageSize:
    """The largest page of a document."""
    sizes, margins = list(root.iter(f"{W}pgSz")), list(root.iter(f"{W}pgMar"))

    def largest(elements: list[Element], name: str, usual: float) -> float:
        return (
            max((number_in(element.get(f"{W}{name}")) / 20 for element in elements), default=0.0)
            or usual
        )

    usual = PageSize()
    return PageSize(
        largest(sizes, "w", usual.width),
        largest(sizes, "h", usual.height),
        largest(margins, "left", usual.left),
        largest(margins, "top", usual.top),
    )


def is_off_page(anchor: Element, page: PageSize) -> bool:
    """True if a floating drawing is placed outside the page."""
    size = anchor.find(f"{WP}extent")
    wide = number_in(size.get("cx")) / EMU if size is not None else 0.0
    high = number_in(size.get("cy")) / EMU if size is not None else 0.0
    return page.is_outside(_offset(anchor, "positionH"), wide, _offset(anchor, "positionV"), high)


def is_old_shape_off_page(shape: Element, page: PageSize) -> bool:
    """The same for a VML shape, whose place is in its style."""
    # Example: style="position:absolute;margin-left:-2000pt;width:200pt;height:20pt".
    parts = (part.partition(":") for part in shape.get("style", "").lower().split(";"))
    style = {name.strip(): value.strip() for name, _, value in parts}
    if style.get("position") != "absolute":
        return False

    def length(*names: str) -> float:
        return sum(_style_length(style.get(name, "")) for name in names)

    return page.is_outside(
        length("margin-left", "left"),
        length("width"),
        length("margin-top", "top"),
        length("height"),
    )


def _style_length(value: str) -> float:
    match = STYLE_LENGTH.fullmatch(value)
    return number_in(match[1]) * POINTS[match[2]] if match else 0.0


def _offset(anchor: Element, name: str) -> float:
    """Distance of a drawing from what it is placed by, in points."""
    offset = anchor.find(f"{WP}{name}/{WP}posOffset")
    return number_in(offset.text) / EMU if offset is not None else 0.0


def _is_under_a_picture(paragraph: Element, anchors: list[Element], page: PageSize) -> bool:
    """True if a picture surely covers all the words of a paragraph."""
    # Letters and logos have pictures that float beside their words, so size and place must agree:
    # a picture from the left margin over all the width and height that the words can have.
    pictures = [
        anchor
        for anchor in anchors
        if _floats_above(anchor) and any(True for _ in anchor.iter(f"{PIC}pic"))
    ]
    if not pictures:
        return False
    letters = sum(len(text.text or "") for text in paragraph.iter(f"{W}t"))
    room = max(page.width - 2 * page.left, 100.0)
    wide = min(letters * LETTER, room * 0.9)
    high = (1 + letters * LETTER // room) * 2 * LETTER
    return any(
        _place_of(anchor, "positionH") in {"column", "margin", "character"}
        and _offset(anchor, "positionH") <= LETTER
        and _offset(anchor, "positionV") <= LETTER
        and _far_side(anchor, "positionH", "cx") >= wide
        and _far_side(anchor, "positionV", "cy") >= high
        for anchor in pictures
    )


def _far_side(anchor: Element, position: str, extent: str) -> float:
    size = anchor.find(f"{WP}extent")
    length = number_in(size.get(extent)) / EMU if size is not None else 0.0
    return _offset(anchor, position) + length


def _place_of(anchor: Element, name: str) -> str:
    place = anchor.find(f"{WP}{name}")
    return place.get("relativeFrom", "") if place is not None else ""


def covering_shape(paragraph: Element, page: PageSize) -> str:
    """SHAPE if a filled shape without words floats over a paragraph, PICTURE if a picture does."""
    # Most paragraphs have no drawing: asking for any is fast.
    drawn = next(paragraph.iter(f"{WP}anchor", f"{W}pict"), None) is not None
    if not drawn:
        return ""
    anchors = list(_anchored_in(paragraph))
    old_boxes = paragraph.findall(f"{W}r/{W}pict/*")
    if any(map(_covers_words, anchors)) or any(map(_is_old_box, old_boxes)):
        return SHAPE
    return PICTURE if anchors and _is_under_a_picture(paragraph, anchors, page) else ""


def _anchored_in(paragraph: Element) -> Iterator[Element]:
    """The floating drawings of a paragraph, not those of paragraphs in its text boxes."""
    waiting = [paragraph]
    while waiting:
        for child in waiting.pop():
            if child.tag == f"{WP}anchor":
                yield child
            elif child.tag != f"{W}txbxContent":
                waiting.append(child)


def _floats_above(anchor: Element) -> bool:
    """True if a drawing is placed by its paragraph and in front of its words."""
    return (
        anchor.get("behindDoc") not in {"1", "true"}
        and anchor.find(f"{WP}wrapNone") is not None
        and _place_of(anchor, "positionV") in WITH_THE_WORDS
    )


def _covers_words(anchor: Element) -> bool:
    size = anchor.find(f"{WP}extent")
    return (
        size is not None
        and _floats_above(anchor)
        and number_in(size.get("cy")) >= LINE
        and any(map(_is_filled, anchor.iter(f"{WPS}wsp")))
    )


def _is_filled(shape: Element) -> bool:
    """True if a shape has a plain fill and no words of its own."""
    look, style = shape.find(f"{WPS}spPr"), shape.find(f"{WPS}style/{A}fillRef")
    if look is None or any(text.text for text in shape.iter(f"{W}t")):
        return False
    if look.find(f"{A}noFill") is not None:
        return False
    by_style = style is not None and style.get("idx", "0") != "0"
    return by_style or look.find(f"{A}solidFill") is not None


def _is_old_box(shape: Element) -> bool:
    """The same for a VML shape, as old versions of Word write it, if it is dark."""
    # Example: <v:rect style="position:absolute;z-index:1" fillcolor="black [3213]"/>; the number in
    # brackets is an index of Word's palette. A negative z-index is behind the words.
    if shape.tag not in {f"{V}rect", f"{V}roundrect", f"{V}shape"} or len(list(shape.iter())) > 3:
        return False
    style = shape.get("style", "").replace(" ", "").lower()
    fill = colour_of(shape.get("fillcolor", "white").partition("[")[0])
    in_front = "position:absolute" in style and "z-index:-" not in style
    return in_front and fill is not None and is_dark(fill)
