"""A small SVG writer: presentation attributes only, which a strict content policy allows. Pure.

Every colour is written, so that a saved drawing looks the same everywhere. Beside it each shape has
the class of its colour, by which a page can give it another: that of the dark page, for example.
"""

from dataclasses import dataclass
from html import escape
from typing import Literal

from waymark.overview.charts.metrics import text_width, wrapped_text

WIDTH = 640
"""Of a drawing for a wide page."""
SIZE, SMALL = 15, 13
FONTS = "'Source Sans 3', Arial, Helvetica, sans-serif"
LINE = 18

COLOURS = {
    "ground": "#ffffff",
    "ink": "#16211e",
    "soft": "#4d5852",
    "guide": "#c9cdc6",
    "track": "#e4e6e0",
    "withheld": "#6b5a86",
    "tone-1": "#0b5a57",
    "tone-2": "#559792",
    "tone-3": "#9cc4bf",
    "on-tone-1": "#ffffff",
    "on-tone-2": "#16211e",
    "on-tone-3": "#16211e",
}
"""Colour by class, chart-ink and so on. Text: 4.5:1 or better on the ground, and on-tone-1 on its
tone. The fills that lie side by side: 3:1 or better, also in grey."""


def filled(colour: str) -> dict[str, str | float]:
    """Attributes of a fill."""
    return {"fill": COLOURS[colour], "class_": f"chart-{colour}"}


def stroked(colour: str, weight: float = 1.0) -> dict[str, str | float]:
    """Attributes of a line."""
    return {
        "stroke": COLOURS[colour],
        "stroke_width": f"{weight:g}",
        "class_": f"chart-{colour}-line",
    }


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
    size: float = SIZE,
    colour: str = "ink",
) -> str:
    """A line of text on its baseline. anchor: start, middle or end."""
    style: dict[str, str | float] = {"font_weight": "600"} if bold else {}
    if size != SIZE:
        style["font_size"] = size
    return element("text", escape(words), x=x, y=y, text_anchor=anchor, **style, **filled(colour))


def tick_label(x: float, y: float, words: str, *, anchor: str = "middle") -> str:
    """A number of a scale."""
    return text_line(x, y, words, anchor=anchor, size=SMALL, colour="soft")


def wrapped_label(label: str, *, room: float) -> list[str]:
    """A label in lines that fit into a width."""
    return wrapped_text(label, room, SIZE)


def label_lines(x: float, middle: float, lines: list[str]) -> str:
    """Lines of a label, centred on a height."""
    top = middle + 5 - LINE / 2 * (len(lines) - 1)
    return "".join(text_line(x, top + LINE * place, line) for place, line in enumerate(lines))


def bar(x: float, y: float, width: float, height: float, *, colour: str = "tone-1") -> str:
    """A filled bar; "" if its length is zero."""
    if width <= 0 or height <= 0:
        return ""
    return element("rect", x=x, y=y, width=width, height=height, **filled(colour))


@dataclass(frozen=True, slots=True)
class PartShade:
    """The look of a part of a bar: a colour, and a texture of lines over it.

    texture: vertical, horizontal, or dotted; "" for none. Slanted lines are not used, as they mark
    a withheld number.
    """

    colour: str
    texture: Literal["", "upright", "level", "dotted"] = ""


SHADES = (
    PartShade("tone-1"),
    PartShade("ground", "dotted"),
    PartShade("tone-2"),
    PartShade("ground", "upright"),
    PartShade("tone-1", "level"),
    PartShade("ground"),
    PartShade("tone-2", "upright"),
)
"""A tone and the ground alternate, so that neighbours differ at 3:1 or better, also in grey."""
SHADES_OF_TWO = (PartShade("tone-1"), PartShade("tone-3"))
SPACING = 5
PATCH = 3
"""Ground left and right of a number on a texture."""


def segment(x: float, y: float, width: float, height: float, *, shade: PartShade) -> str:
    """A part of a stacked bar with an outline; "" if empty.

    The outline keeps pale parts visible; the caller leaves the gap to the next part.
    """
    if width <= 0:
        return ""
    place = {"x": x, "y": y, "width": width, "height": height}
    edge = element("rect", **place, fill="none", **stroked("ink"))
    fill = element("rect", **place, **filled(shade.colour))
    return fill + _texture_lines(x, y, width, height, shade) + edge


def number_on(x: float, middle: float, words: str, *, shade: PartShade) -> str:
    """A number on a part of a bar, centred. Lines of a texture stop before it."""
    baseline = middle + 5
    if not shade.texture:
        colour = "ink" if shade.colour == "ground" else f"on-{shade.colour}"
        return text_line(x, baseline, words, anchor="middle", colour=colour)
    half = text_width(words, SIZE) / 2 + PATCH
    left, right, top, floor = map(rounded_number, (x - half, x + half, middle - 9, middle + 9))
    # A path: a filled rectangle would look like a bar to who counts them.
    patch = element("path", d=f"M{left} {top}H{right}V{floor}H{left}z", **filled("ground"))
    return patch + text_line(x, baseline, words, anchor="middle")


def room_on(words: str) -> float:
    """The length of a part that a number fits on."""
    return text_width(words, SIZE) + 2 * PATCH + 2


def _texture_lines(x: float, y: float, width: float, height: float, shade: PartShade) -> str:
    """The texture of a part: thin lines from edge to edge."""
    stroke = stroked("ink" if shade.colour == "ground" else "ground")
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
        stroke |= {"stroke_width": "2", "stroke_dasharray": f"2 {SPACING - 1}"}
    return "".join(
        element("line", x1=x1, y1=y1, x2=x2, y2=y2, **stroke)
        for x1, y1, x2, y2 in (ends if shade.texture else [])
    )


HATCHED = 36


def broken_bar(x: float, y: float, height: float) -> str:
    """The mark of a withheld number: always of the same width, so that it reveals nothing.

    Slanted lines, and a break through the middle: this bar has no length.
    """
    line_of = stroked("withheld", 1.5)
    box = element("rect", x=x, y=y, width=HATCHED, height=height, fill="none", **line_of)
    # Three slanted lines, each 12 wide, fill the box of 36.
    strokes = [
        element("line", x1=x + at, y1=y + height, x2=x + at + 12, y2=y, **line_of)
        for at in (0, 12, 24)
    ]
    # The break leans against the hatching, and reaches a little over the box.
    middle, top, floor = x + HATCHED / 2, y - 2, y + height + 2
    corners = ((-6, top), (0, top), (6, floor), (0, floor))
    points = " ".join(
        f"{rounded_number(middle + at)},{rounded_number(level)}" for at, level in corners
    )
    edges = [
        element("line", x1=middle + at, y1=top, x2=middle + at + 6, y2=floor, **line_of)
        for at in (-6, 0)
    ]
    return (
        box
        + "".join(strokes)
        + element("polygon", points=points, **filled("ground"))
        + "".join(edges)
    )


def dot(x: float, y: float) -> str:
    """A filled dot."""
    return element("circle", cx=x, cy=y, r=6, **filled("tone-1"))


def line(x1: float, y1: float, x2: float, y2: float, *, faint: bool = False) -> str:
    """A line in the colour of the text; faint: a guide behind the marks."""
    style = stroked("guide") if faint else stroked("ink", 1.5)
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **style)


def on_page(drawn: str, name: str) -> str:
    """A drawing on a page that says in text what it shows: it has a short name and no description.

    So nothing is read out twice.
    """
    head = drawn.partition(" aria-labelledby=")[0]
    return f'{head} aria-label="{escape(name)}">{drawn.partition("</desc>")[2]}'


def drawing(
    name: str, title: str, words: str, height: float, *inside: str, width: float = WIDTH
) -> str:
    """The whole drawing: an image with a title, and a description for people who cannot see it."""
    return element(
        "svg",
        element("title", escape(title), id=f"{name}-title"),
        element("desc", escape(words), id=f"{name}-desc"),
        element("g", *inside),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {rounded_number(width)} {rounded_number(height)}",
        width=width,
        height=height,
        font_family=FONTS,
        font_size=SIZE,
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )
