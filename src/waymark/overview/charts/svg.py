"""A small SVG writer: presentation attributes only, which a strict content policy allows. Pure.

Text and lines use currentColor, so a drawing follows the page from light to dark. Marks have a
class beside their fill, so that a page can give them its own accent colour.
"""

import textwrap
from dataclasses import dataclass
from html import escape
from typing import Literal

WIDTH = 640
FILL = "#2a7f79"
"""Contrast of 3:1 or better on white and on the dark page (4.8 and 3.7)."""


def element(name: str, *inside: str, **attributes: str | float) -> str:
    """One element. Underscores in attribute names become hyphens; a trailing one is removed."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(rounded_number(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{''.join(inside)}</{name}>" if inside else f"<{name}{written}/>"


def rounded_number(value: str | float) -> str:
    """Coordinates with at most one decimal, so that every machine writes the same."""
    if isinstance(value, str):
        return value
    return f"{value:.1f}".removesuffix(".0")


def text_line(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    bold: bool = False,
    small: bool = False,
) -> str:
    """A line of text on its baseline. anchor: start, middle or end."""
    style: dict[str, str | float] = {"font_weight": "600"} if bold else {}
    if small:
        style["font_size"] = 12
    return element("text", escape(words), x=x, y=y, text_anchor=anchor, **style)


def wrapped_label(label: str, *, width: int = 32) -> list[str]:
    """A label in lines of at most width characters."""
    return textwrap.wrap(label, width, break_long_words=True) or [""]


def label_lines(x: float, middle: float, lines: list[str]) -> str:
    """Lines of a label, centred on a height."""
    top = middle + 5 - 9 * (len(lines) - 1)
    return "".join(text_line(x, top + 18 * place, line) for place, line in enumerate(lines))


def bar(x: float, y: float, width: float, height: float) -> str:
    """A filled bar; "" if its length is zero."""
    if width <= 0 or height <= 0:
        return ""
    return element("rect", x=x, y=y, width=width, height=height, fill=FILL, class_="figure-mark")


@dataclass(frozen=True, slots=True)
class PartShade:
    """The look of a part of a bar. tone: opacity of its fill, from 1 (full) to 0 (none).

    texture: lines over it: vertical, horizontal, or dotted; "" for none. Slanted lines are not
    used, as they mark a withheld number.
    """

    tone: float = 0.0
    texture: Literal["", "upright", "level", "dotted"] = ""


SHADES = (
    PartShade(1.0),
    PartShade(texture="dotted"),
    PartShade(0.6),
    PartShade(texture="upright"),
    PartShade(0.25),
    PartShade(texture="level"),
    PartShade(),
)
"""Solid ones and those with lines alternate, so neighbours differ by more than their tone."""
SPACING = 5


def segment(x: float, y: float, width: float, height: float, *, shade: PartShade) -> str:
    """A part of a stacked bar with an outline; "" if empty.

    The outline keeps pale parts visible; the caller leaves the gap to the next part.
    """
    if width <= 0:
        return ""
    place = {"x": x, "y": y, "width": width, "height": height}
    opacity = f"{shade.tone:.2f}"
    filled = element("rect", **place, fill=FILL, fill_opacity=opacity, class_="figure-mark")
    edge = element("rect", **place, fill="none", stroke="currentColor", stroke_width=1)
    return (filled if shade.tone > 0 else "") + _texture_lines(x, y, width, height, shade) + edge


def _texture_lines(x: float, y: float, width: float, height: float, shade: PartShade) -> str:
    """The texture of a part: thin lines from edge to edge."""
    stroke: dict[str, str | float] = {"stroke": "currentColor", "stroke_width": 1}
    if shade.texture == "upright":
        # Width 20 and spacing 6: lines at 6, 12 and 18. One on the right edge would lie on the
        # outline.
        offsets = [x + SPACING * place for place in range(1, int(width / SPACING) + 1)]
        ends = [(offset, y, offset, y + height) for offset in offsets if offset < x + width]
    else:
        offsets = [y + SPACING * place for place in range(1, int(height / SPACING) + 1)]
        ends = [(x, offset, x + width, offset) for offset in offsets if offset < y + height]
    # Dots are a dashed line: 2 on, the rest of the spacing off.
    if shade.texture == "dotted":
        stroke |= {"stroke_width": 2, "stroke_dasharray": f"2 {SPACING - 1}"}
    return "".join(
        element("line", x1=x1, y1=y1, x2=x2, y2=y2, **stroke)
        for x1, y1, x2, y2 in (ends if shade.texture else [])
    )


HATCHED = 36


def hatched_box(x: float, y: float, height: float) -> str:
    """The mark of a withheld number: always of the same width, so that it reveals nothing."""
    box = element(
        "rect", x=x, y=y, width=HATCHED, height=height, fill="none", stroke="currentColor"
    )
    # Three slanted lines, each 12 wide, fill the box of 36.
    strokes = [line(x + at, y + height, x + at + 12, y) for at in (0, 12, 24)]
    return box + "".join(strokes)


def dot(x: float, y: float) -> str:
    """A filled dot."""
    return element("circle", cx=x, cy=y, r=6, fill=FILL, class_="figure-mark")


def line(x1: float, y1: float, x2: float, y2: float, *, faint: bool = False) -> str:
    """A line in the colour of the text; faint: a guide behind the marks."""
    weight = {"stroke_opacity": "0.25"} if faint else {"stroke_width": 1.5}
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke="currentColor", **weight)


def drawing(name: str, title: str, words: str, height: float, *inside: str) -> str:
    """The whole drawing: an image with a title, and a description for people who cannot see it."""
    named = f"{name}-title {name}-desc"
    return element(
        "svg",
        element("title", escape(title), id=f"{name}-title"),
        element("desc", escape(words), id=f"{name}-desc"),
        element("g", *inside, fill="currentColor"),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {rounded_number(height)}",
        width=WIDTH,
        height=height,
        font_size=15,
        role="img",
        aria_labelledby=named,
    )
