"""Words of a Word file that nobody sees: hidden, tiny, clipped, or in the colour of their ground.

A rule judges one run in its place. Where the ground cannot be known (a text box, a table with a
shaded style), no colour is judged.
"""

import math
from dataclasses import dataclass

from waymark.documents.parsers.colours import (
    BLACK,
    WHITE,
    Colour,
    colour_of,
    is_dark,
    is_unreadable,
)
from waymark.documents.parsers.word.headings import BODY, own_style
from waymark.documents.parsers.word.names import (
    VAL,
    W14,
    Element,
    W,
    is_on,
    number_in,
    value_at,
)
from waymark.documents.parsers.word.shapes import PICTURE, SHAPE, PageSize, covering_shape
from waymark.documents.parsers.word.styles import Palette, Properties, RunFormat, WordStyles
from waymark.documents.reading.values import COVERED, INVISIBLE

SMALLEST = 2.0  # points
NARROWEST = 10.0  # per cent of the usual width of letters
CRAMPED = -0.4  # of the type's size: letters lie on each other
SEEN = 0.3  # of the type's size: the part of a line that is needed to read it
HALF = 0.5
NARROW_LETTER = 0.35  # of the type's size: rather less than letters are wide
TWIPS = 20.0  # in a point
TEXT_FILL, TEXT_OUTLINE = f"{W14}textFill", f"{W14}textOutline"

Reason = tuple[str, str]

MARKED: Reason = (INVISIBLE, "it is formatted as hidden text")
WEB: Reason = (INVISIBLE, "it is formatted as hidden in Word's view of a web page")
TINY: Reason = (INVISIBLE, "it is too small to read")
NARROW: Reason = (INVISIBLE, "its letters are pressed together")
LOW: Reason = (INVISIBLE, "its line is too low to be seen")
CLIPPED: Reason = (INVISIBLE, "its table row is too low to show it")
MERGED: Reason = (INVISIBLE, "its cell is merged into the one above")
OFF_PAGE: Reason = (INVISIBLE, "it is placed outside the page")
UNPAINTED: Reason = (INVISIBLE, "its letters have no colour")
UNSEEN: Reason = (INVISIBLE, "it is in the colour of its background")
UNDER: Reason = (COVERED, "it is as dark as the box behind it")
UNDER_SHAPE: Reason = (COVERED, "a filled shape floats over its paragraph")
UNDER_PICTURE: Reason = (COVERED, "a picture floats over its paragraph")
COVERS = {SHAPE: UNDER_SHAPE, PICTURE: UNDER_PICTURE}


@dataclass(slots=True)
class RowClip:
    """A table row of fixed height, and how much of it the paragraphs of a cell have filled."""

    height: float
    width: float
    used: float = 0.0

    def fill(self, text: str, size: float) -> None:
        """Add a paragraph, taking it to be as low as it can be."""
        lines = 1 + text.count("\n")
        if self.width > 0:
            lines = max(lines, math.ceil(len(text) * NARROW_LETTER * size / self.width))
        self.used += lines * size


@dataclass(frozen=True, slots=True)
class Place:
    """Surroundings of an element. ground: the colour behind it, None if it is not known.

    hidden: why all of it is hidden, and a number that tells two places apart.
    """

    ground: Colour | None = WHITE
    hidden: Reason | None = None
    cause: int = 0
    part: str = BODY
    clip: RowClip | None = None


@dataclass(frozen=True, slots=True)
class ParagraphFormat:
    """What the rules need to know of a paragraph. line: exact height of its lines, in points."""

    style: str = ""
    ground: Colour | None = None
    hidden: Reason | None = None
    line: float | None = None


class VisibilityRules:
    """Rules of one document."""

    def __init__(self, styles: WordStyles, palette: Palette, page: PageSize) -> None:
        self._styles, self._palette, self._page = styles, palette, page

    def paragraph(self, paragraph: Element) -> ParagraphFormat:
        """The format of a paragraph."""
        own = paragraph.find(f"{W}pPr")
        style = own_style(own)
        properties = dict(self._styles.paragraph_properties(style or self._styles.default))
        properties.update(
            {str(child.tag).removeprefix(W): child for child in (own if own is not None else ())}
        )
        hidden = COVERS.get(covering_shape(paragraph, self._page))
        if hidden is None and self._is_off_page(properties):
            hidden = OFF_PAGE
        return ParagraphFormat(
            style,
            self._palette.shading(properties.get("shd")),
            hidden,
            _exact_line(properties.get("spacing")),
        )

    def cell_ground(self, cell: Element, ground: Colour | None) -> Colour | None:
        """The colour behind the words of a cell."""
        fill = self._palette.shading(cell.find(f"{W}tcPr/{W}shd"))
        return ground if fill is None else fill

    def table_ground(self, table: Element, ground: Colour | None) -> Colour | None:
        """The colour behind a table; None if its style may shade some of its cells."""
        style = value_at(table, f"{W}tblPr/{W}tblStyle")
        return None if style and self._styles.shades_tables(style, self._palette) else ground

    def reason(
        self, run: RunFormat, paragraph: ParagraphFormat, place: Place, *, in_field: bool
    ) -> Reason | None:
        """Why the words of a run cannot be seen; None if they can."""
        if is_on(run.get("vanish")):
            return MARKED
        # Contents pages hide their page numbers so, in the fields that make them.
        if is_on(run.get("webHidden")) and not in_field:
            return WEB
        return (
            paragraph.hidden
            or _by_size(run, paragraph, place)
            or self._by_colour(run, paragraph, place)
        )

    def _by_colour(self, run: RunFormat, paragraph: ParagraphFormat, place: Place) -> Reason | None:
        if _is_unpainted(run):
            return UNPAINTED
        ground, highlighted = self._ground_behind(run, paragraph, place)
        colour = self._text_colour(run.get("color"), highlighted=highlighted)
        if ground is None or colour is None or not is_unreadable(colour, ground):
            return None
        return UNDER if is_dark(ground) else UNSEEN

    def _ground_behind(
        self, run: RunFormat, paragraph: ParagraphFormat, place: Place
    ) -> tuple[Colour | None, bool]:
        """The colour behind a run, and True if it is that of a highlighter."""
        highlight = run.get("highlight")
        if highlight is not None and highlight.get(VAL, "none") != "none":
            return colour_of(highlight.get(VAL, "")), True
        fill = self._palette.shading(run.get("shd"))
        if fill is None:
            fill = paragraph.ground
        return (place.ground if fill is None else fill), False

    def _text_colour(self, element: Element | None, *, highlighted: bool) -> Colour | None:
        """The colour of a run's words; None for "auto", where Word chooses one that can be read.

        Over a highlighter, Word does not: its automatic colour stays black.
        """
        if element is None:
            return BLACK if highlighted else None
        colour = self._palette.colour(element, "val", "themeColor")
        return BLACK if colour is None and highlighted else colour

    def _is_off_page(self, properties: Properties) -> bool:
        frame, indent = properties.get("framePr"), properties.get("ind")
        if frame is not None:
            across = number_in(frame.get(f"{W}x")) / TWIPS
            down = number_in(frame.get(f"{W}y")) / TWIPS
            wide = number_in(frame.get(f"{W}w"), 20 * self._page.width) / TWIPS
            high = number_in(frame.get(f"{W}h"), 20 * self._page.height) / TWIPS
            return self._page.is_outside(across, wide, down, high)
        if indent is None:
            return False
        left = number_in(indent.get(f"{W}left") or indent.get(f"{W}start")) / TWIPS
        return left + self._page.left >= self._page.width


def _exact_line(spacing: Element | None) -> float | None:
    if spacing is None or spacing.get(f"{W}lineRule") != "exact":
        return None
    return number_in(spacing.get(f"{W}line"), 240.0) / TWIPS


def _by_size(run: RunFormat, paragraph: ParagraphFormat, place: Place) -> Reason | None:
    size = run.size
    if size < SMALLEST:
        return TINY
    width, spacing = run.get("w"), run.get("spacing")
    if width is not None and number_in(width.get(VAL, "").removesuffix("%"), 100) <= NARROWEST:
        return NARROW
    if spacing is not None and number_in(spacing.get(VAL)) / TWIPS <= CRAMPED * size:
        return NARROW
    if paragraph.line is not None and paragraph.line < SEEN * size:
        return LOW
    # Example: a row of exactly 12 points shows one line of 11 points; what is below it is cut off.
    clip = place.clip
    return CLIPPED if clip is not None and clip.used + HALF * size > clip.height else None


def _is_unpainted(run: RunFormat) -> bool:
    """True for letters filled with nothing, or with a colour that lets everything through."""
    effect = run.get(TEXT_FILL)
    if effect is None or run.get(TEXT_OUTLINE) is not None:
        return False
    # Here "alpha" is how much shines through: 100000 is all.
    alphas = [number_in(alpha.get(f"{W14}val")) for alpha in effect.iter(f"{W14}alpha")]
    return effect.find(f"{W14}noFill") is not None or any(alpha >= 98_000 for alpha in alphas)
