"""Filled shapes of a Word file that float over a paragraph, like a black box drawn by hand.

Only Word's own layout knows where on the page a shape and the words are. So a shape that is placed
by a paragraph, in front of it and as high as a line, is taken to cover the words of that paragraph.

Sizes are in EMU (English Metric Units): 914,400 an inch, 12,700 a point. Word writes a box as

    <wp:anchor behindDoc="0"> <wp:positionV relativeFrom="paragraph"/> <wp:extent cy="180000"/>
      <wp:wrapNone/> ... <wps:wsp><wps:spPr><a:solidFill/></wps:spPr></wps:wsp> </wp:anchor>

180,000 EMU are 14.2 points, a line of text, so it covers the words. The same with cy="12700" is a
rule of 1 point, and one with words in it (w:t) is a text box: neither covers anything.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from waymark.documents.parsers.colours import colour_of, is_dark

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
WPS = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
V = "{urn:schemas-microsoft-com:vml}"
LINE = 70_000  # EMU, 5.5 points: anything lower is a rule, not a box
WITH_THE_WORDS = frozenset({"paragraph", "line"})


def is_under_a_shape(paragraph: Element) -> bool:
    """True if a filled shape without words of its own floats over a paragraph."""
    return any(_covers_words(shape) for shape in _anchored_in(paragraph)) or any(
        _is_old_box(shape) for shape in paragraph.findall(f"{W}r/{W}pict/*")
    )


def _anchored_in(paragraph: Element) -> Iterator[Element]:
    """The floating drawings of a paragraph, not those of paragraphs in its text boxes."""
    waiting = [paragraph]
    while waiting:
        for child in waiting.pop():
            if child.tag == f"{WP}anchor":
                yield child
            elif child.tag != f"{W}txbxContent":
                waiting.append(child)


def _covers_words(anchor: Element) -> bool:
    place, size = anchor.find(f"{WP}positionV"), anchor.find(f"{WP}extent")
    if place is None or size is None or anchor.find(f"{WP}wrapNone") is None:
        return False
    return (
        anchor.get("behindDoc") not in {"1", "true"}
        and place.get("relativeFrom") in WITH_THE_WORDS
        and _whole_number(size.get("cy")) >= LINE
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


def _whole_number(value: str | None) -> int:
    return int(value) if value is not None and value.lstrip("-").isdecimal() else 0
