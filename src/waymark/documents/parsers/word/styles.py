"""Styles of a Word file: formatting of runs and paragraphs, and colours of its theme.

Formatting comes from the run, its character style, its paragraph's style and the defaults: the
first that sets a property decides. Example: a run without a colour of its own, in a paragraph whose
style is based on one with the colour F7F7F7, is near-white and so hidden on a white page.
"""

import colorsys
from collections.abc import Iterator
from dataclasses import dataclass

from waymark.documents.parsers.colours import BLACK, Colour, colour_of
from waymark.documents.parsers.word.names import VAL, A, Element, W, number_in, value_at

LONGEST_CHAIN = 20  # styles based on styles
USUAL_SIZE = 10.0  # points, where a document names none
SCHEME = {
    "dark1": "dk1",
    "light1": "lt1",
    "dark2": "dk2",
    "light2": "lt2",
    "hyperlink": "hlink",
    "followedHyperlink": "folHlink",
}
SAME = {"text1": "t1", "background1": "bg1", "text2": "t2", "background2": "bg2"}
USUAL_MAPPING = {"t1": "dark1", "bg1": "light1", "t2": "dark2", "bg2": "light2"}

Properties = dict[str, Element]


class Palette:
    """Colours of a document's theme. mapping: w:clrSchemeMapping of its settings."""

    def __init__(self, theme: Element | None, settings: Element | None) -> None:
        scheme = theme.find(f"{A}themeElements/{A}clrScheme") if theme is not None else None
        self._colours: dict[str, Colour] = {}
        for entry in scheme if scheme is not None else ():
            plain = value_at(entry, f"{A}srgbClr", "val") or value_at(
                entry, f"{A}sysClr", "lastClr"
            )
            colour = colour_of(plain)
            if colour is not None:
                self._colours[str(entry.tag).rpartition("}")[2]] = colour
        mapping = settings.find(f"{W}clrSchemeMapping") if settings is not None else None
        self._mapping = {
            key: (mapping.get(f"{W}{key}") if mapping is not None else None) or usual
            for key, usual in USUAL_MAPPING.items()
        }

    def colour(self, element: Element, attribute: str, theme: str) -> Colour | None:
        """The colour that an element states, by its theme or plainly; None for "auto"."""
        # Example: w:color w:val="FFFFFF" w:themeColor="text1" w:themeTint="80" is grey: the theme
        # decides, the plain value is for programs that have none.
        name = element.get(f"{W}{theme}")
        named = self._of_theme(name) if name else None
        if named is not None:
            start = theme.removesuffix("Color")
            return _shifted(named, element.get(f"{W}{start}Tint"), element.get(f"{W}{start}Shade"))
        value = element.get(f"{W}{attribute}", "auto")
        return None if value == "auto" else colour_of(value)

    def shading(self, shading: Element | None) -> Colour | None:
        """The colour of a shading; None if it has none."""
        if shading is None:
            return None
        pattern = shading.get(VAL, "clear")
        fill = self.colour(shading, "fill", "themeFill")
        share = 1.0 if pattern == "solid" else _share_of(pattern)
        if share == 0.0:
            return fill
        ink = self.colour(shading, "color", "themeColor") or BLACK
        paper = fill or (255, 255, 255)
        red, green, blue = (
            round(part * share + other * (1 - share))
            for part, other in zip(ink, paper, strict=True)
        )
        return red, green, blue

    def _of_theme(self, name: str) -> Colour | None:
        role = SAME.get(name)
        entry = self._mapping[role] if role else name
        return self._colours.get(SCHEME.get(entry, entry))


def _share_of(pattern: str) -> float:
    """The share of ink of a pattern, as "pct50"; 0 for those that are lines or nothing."""
    return min(number_in(pattern.removeprefix("pct")) / 100, 1.0) if "pct" in pattern else 0.0


def _shifted(colour: Colour, tint: str | None, shade: str | None) -> Colour:
    """A colour made lighter by a tint, or darker by a shade, each from 00 (all) to FF (none)."""
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    if tint is not None:
        rest = _hexadecimal(tint)
        light = light * rest + (1 - rest)
    elif shade is not None:
        light *= _hexadecimal(shade)
    red, green, blue = colorsys.hls_to_rgb(hue, light, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def _hexadecimal(value: str) -> float:
    try:
        return min(int(value, 16), 255) / 255
    except ValueError:
        return 1.0


@dataclass(frozen=True, slots=True)
class RunFormat:
    """Properties of a run, by local name: its own, else its style's, its paragraph's, the usual."""

    properties: Properties

    def get(self, name: str) -> Element | None:
        """A property, from the nearest place that sets it."""
        return self.properties.get(name)

    @property
    def size(self) -> float:
        """Height of the type in points."""
        size = self.get("sz")
        return number_in(size.get(VAL), 2 * USUAL_SIZE) / 2 if size is not None else USUAL_SIZE


class WordStyles:
    """Formatting of the styles of a document. root: of word/styles.xml, None if it has none."""

    def __init__(self, root: Element | None) -> None:
        styles = list(root.iter(f"{W}style")) if root is not None else []
        self._styles = {style.get(f"{W}styleId", ""): style for style in styles}
        self.default = next(
            (
                style.get(f"{W}styleId", "")
                for style in styles
                if style.get(f"{W}type") == "paragraph"
                and style.get(f"{W}default") in {"1", "true"}
            ),
            "",
        )
        self._default_run: Properties = {}
        self._default_paragraph: Properties = {}
        if root is not None:
            self._default_run = _properties(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))
            self._default_paragraph = _properties(root.find(f"{W}docDefaults/{W}pPrDefault/{W}pPr"))
        self._runs: dict[str, Properties] = {}
        self._bases: dict[tuple[str, str], Properties] = {}
        self._paragraphs: dict[str, Properties] = {}

    def chain(self, style: str) -> Iterator[Element]:
        """A style, and those it is based on."""
        for _ in range(LONGEST_CHAIN):
            element = self._styles.get(style)
            if element is None:
                return
            yield element
            style = value_at(element, f"{W}basedOn")

    def keys(self, style: str) -> list[str]:
        """Keys of a style, and of those it is based on."""
        return [element.get(f"{W}styleId", "") for element in self.chain(style)]

    def linked_lists(self) -> dict[str, str]:
        """Key of each list style -> key of its list."""
        path = f"{W}pPr/{W}numPr/{W}numId"
        return {key: value_at(style, path) for key, style in self._styles.items()}

    def run_format(self, own: Element | None, paragraph_style: str) -> RunFormat:
        """The format of a run, from its own properties and its paragraph's style."""
        direct = _properties(own)
        style = direct.get("rStyle")
        key = (style.get(VAL, "") if style is not None else "", paragraph_style or self.default)
        if key not in self._bases:
            self._bases[key] = self._default_run | self._of_runs(key[1]) | self._of_runs(key[0])
        return RunFormat(self._bases[key] | direct if direct else self._bases[key])

    def paragraph_properties(self, style: str) -> Properties:
        """Paragraph properties of a style, those it is based on, and the defaults."""
        if style not in self._paragraphs:
            merged = dict(self._default_paragraph)
            for element in reversed(list(self.chain(style))):
                merged.update(_properties(element.find(f"{W}pPr")))
            self._paragraphs[style] = merged
        return self._paragraphs[style]

    def shades_tables(self, style: str, palette: Palette) -> bool:
        """True if a table style has shading anywhere."""
        return any(
            palette.shading(shading) is not None
            for element in self.chain(style)
            for shading in element.iter(f"{W}shd")
        )

    def _of_runs(self, style: str) -> Properties:
        if style not in self._runs:
            merged: Properties = {}
            for element in reversed(list(self.chain(style))):
                merged.update(_properties(element.find(f"{W}rPr")))
            self._runs[style] = merged
        return self._runs[style]


def _properties(element: Element | None) -> Properties:
    """Properties by local name; those of later versions of Word keep their namespace."""
    if element is None:
        return {}
    return {str(child.tag).removeprefix(W): child for child in element}
