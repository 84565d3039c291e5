"""Runs of a Word file that nobody sees: marked as hidden, tiny, or in the colour of their ground.

Formatting comes from the run, its character style, its paragraph's style and the defaults: the
first that sets a property decides. Example: a run without a colour of its own, in a paragraph whose
style is based on one with the colour F7F7F7, is near-white and so hidden on a white page. Where the
ground cannot be known (a text box, a table with a shaded style), no colour is judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from waymark.documents.parsers.colours import (
    BLACK,
    WHITE,
    Colour,
    colour_of,
    is_dark,
    is_unreadable,
)
from waymark.documents.parsers.docx_shapes import is_under_a_shape
from waymark.documents.reading.values import COVERED, INVISIBLE

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = f"{W}val"
LONGEST_CHAIN = 20  # styles based on styles
SMALLEST = 4  # half points
MARKED = "it is formatted as hidden text"
TINY = "it is too small to read"
UNDER = "it is as dark as the box behind it"
UNDER_SHAPE = "a filled shape floats over its paragraph"
UNSEEN = "it is in the colour of its background"


class StyleSheet:
    """Formatting of the styles of a document. root: of word/styles.xml, None if it has none."""

    def __init__(self, root: Element | None) -> None:
        styles = list(root.iter(f"{W}style")) if root is not None else []
        self._styles = {style.get(f"{W}styleId", ""): style for style in styles}
        self._default = next(
            (
                style.get(f"{W}styleId", "")
                for style in styles
                if style.get(f"{W}type") == "paragraph"
                and style.get(f"{W}default") in {"1", "true"}
            ),
            "",
        )
        self._defaults = root.find(f"{W}docDefaults/{W}rPrDefault") if root is not None else None

    def chain(self, style: str) -> Iterator[Element]:
        """A style, and those it is based on."""
        for _ in range(LONGEST_CHAIN):
            element = self._styles.get(style)
            if element is None:
                return
            yield element
            based = element.find(f"{W}basedOn")
            style = based.get(VAL, "") if based is not None else ""

    def run_property(self, name: str, run: Element, paragraph_style: str) -> Element | None:
        """A property of a run, from the nearest place that sets it."""
        own = run.find(f"{W}rPr")
        style = run.find(f"{W}rPr/{W}rStyle")
        sources = [run] if own is not None else []
        sources += self.chain(style.get(VAL, "")) if style is not None else []
        sources += self.chain(paragraph_style or self._default)
        sources += [self._defaults] if self._defaults is not None else []
        properties = (source.find(f"{W}rPr/{W}{name}") for source in sources)
        return next((element for element in properties if element is not None), None)

    def paragraph_fill(self, paragraph: Element, style: str) -> Colour | None:
        """The shading behind a paragraph; None if it has none."""
        sources = [paragraph, *self.chain(style or self._default)]
        fills = (_shading_colour(source.find(f"{W}pPr/{W}shd")) for source in sources)
        return next((fill for fill in fills if fill is not None), None)

    def shades_tables(self, style: str) -> bool:
        """True if a table style has shading anywhere."""
        return any(
            _shading_colour(shading) is not None
            for element in self.chain(style)
            for shading in element.iter(f"{W}shd")
        )


@dataclass(frozen=True, slots=True)
class HiddenRun:
    """A run that nobody sees. paragraph: runs of one paragraph share it."""

    parent: Element
    run: Element
    paragraph: int
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class _RunContext:
    """Surroundings of an element. ground: the colour behind it, None if it is not known."""

    ground: Colour | None = WHITE
    paragraph: int = 0
    style: str = ""
    under_a_shape: bool = False


def hidden_runs(root: Element, sheet: StyleSheet) -> Iterator[HiddenRun]:
    """The runs of a part that nobody sees, in its order, without recursion."""
    # A stack instead of recursion: a hostile file may nest elements deeper than Python allows.
    waiting = [(root, root, _RunContext())]
    while waiting:
        parent, element, place = waiting.pop()
        if element.tag == f"{W}r":
            reason = _hidden_reason(element, place, sheet)
            if reason is not None:
                yield HiddenRun(parent, element, place.paragraph, *reason)
                continue
        inner = _context_within(element, place, sheet)
        waiting += [(element, child, inner) for child in reversed(element)]


def _context_within(element: Element, place: _RunContext, sheet: StyleSheet) -> _RunContext:
    tag = element.tag
    if tag == f"{W}p":
        style = element.find(f"{W}pPr/{W}pStyle")
        name = style.get(VAL, "") if style is not None else ""
        fill = sheet.paragraph_fill(element, name)
        ground = place.ground if fill is None else fill
        return _RunContext(ground, id(element), name, is_under_a_shape(element))
    if tag == f"{W}tbl":
        style = element.find(f"{W}tblPr/{W}tblStyle")
        shaded = style is not None and sheet.shades_tables(style.get(VAL, ""))
        return replace(place, ground=None) if shaded else place
    if tag == f"{W}tc":
        fill = _shading_colour(element.find(f"{W}tcPr/{W}shd"))
        return place if fill is None else replace(place, ground=fill)
    if tag == f"{W}txbxContent":
        return replace(place, ground=None)
    return place


def _hidden_reason(run: Element, place: _RunContext, sheet: StyleSheet) -> tuple[str, str] | None:
    """Class of hidden text and reason; None for a run that can be seen."""
    if _is_on(sheet.run_property("vanish", run, place.style)):
        return INVISIBLE, MARKED
    # The run that holds the shape itself has no w:t and stays.
    if place.under_a_shape and run.find(f"{W}t") is not None:
        return COVERED, UNDER_SHAPE
    size = sheet.run_property("sz", run, place.style)
    if size is not None and _half_points(size.get(VAL, "")) < SMALLEST:
        return INVISIBLE, TINY
    ground, highlighted = _ground_behind(run, place, sheet)
    colour = _text_colour(sheet.run_property("color", run, place.style), highlighted=highlighted)
    if ground is None or colour is None or not is_unreadable(colour, ground):
        return None
    return (COVERED, UNDER) if is_dark(ground) else (INVISIBLE, UNSEEN)


def _ground_behind(
    run: Element, place: _RunContext, sheet: StyleSheet
) -> tuple[Colour | None, bool]:
    """The colour behind a run, and True if it is that of a highlighter."""
    highlight = sheet.run_property("highlight", run, place.style)
    if highlight is not None and highlight.get(VAL, "none") != "none":
        return colour_of(highlight.get(VAL, "")), True
    fill = _shading_colour(sheet.run_property("shd", run, place.style))
    return (place.ground if fill is None else fill), False


def _text_colour(element: Element | None, *, highlighted: bool) -> Colour | None:
    """The colour of a run's words; None for "auto", where Word chooses one that can be read.

    Over a highlighter, Word does not: its automatic colour stays black.
    """
    value = element.get(VAL, "auto") if element is not None else "auto"
    if value == "auto":
        return BLACK if highlighted else None
    return colour_of(value)


def _shading_colour(shading: Element | None) -> Colour | None:
    if shading is None:
        return None
    fill = "color" if shading.get(VAL) == "solid" else "fill"
    value = shading.get(f"{W}{fill}", "auto")
    if value == "auto":
        return BLACK if fill == "color" else None
    return colour_of(value)


def _is_on(mark: Element | None) -> bool:
    return mark is not None and mark.get(VAL, "true").lower() not in {"0", "false", "off"}


def _half_points(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return float(SMALLEST)
