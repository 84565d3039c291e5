"""Styles of an OpenDocument file as declarations of a style sheet, where they can hide words."""

import re
from collections.abc import Iterable, Iterator

from lxml import etree

URN = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT = f"{{{URN}office:1.0}}", f"{{{URN}text:1.0}}"
TABLE, STYLE, META = f"{{{URN}table:1.0}}", f"{{{URN}style:1.0}}", f"{{{URN}meta:1.0}}"
SVG = f"{{{URN}svg-compatible:1.0}}"
FO = f"{{{URN}xsl-fo-compatible:1.0}}"
DC = "{http://purl.org/dc/elements/1.1/}"
LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
DEEPEST = 20  # styles that styles are based on
DECLARED = {
    f"{FO}color": "color",
    f"{FO}background-color": "background-color",
    f"{FO}font-size": "font-size",
    f"{TEXT}display": "display",
}
HEADING = re.compile(r"Heading_20_([1-9])|Title")
PROPERTIES = ("text-properties", "paragraph-properties", "table-cell-properties")


class OpenDocumentStyles:
    """The styles of a document: those with names, and those of single places."""

    def __init__(self, roots: Iterable[etree._Element]) -> None:
        self._styles: dict[tuple[str, str], etree._Element] = {}
        self._css: dict[tuple[str, str], str] = {}
        for root in roots:
            for style in root.iter(f"{STYLE}style"):
                key = style.get(f"{STYLE}family") or "", style.get(f"{STYLE}name") or ""
                self._styles[key] = style

    def css(self, name: str, family: str) -> str:
        """Declarations of a style, such as "color:#ffffff"; those that it is based on first."""
        key = family, name
        if key not in self._css:
            declared = [_declarations(style) for style in self._chain(name, family)]
            self._css[key] = ";".join(part for part in reversed(declared) if part)
        return self._css[key]

    def outline_level(self, name: str) -> int:
        """Level of the headings that a style of paragraphs is for, from 1; 0 if it is for none."""
        for style in self._chain(name, "paragraph"):
            level = style.get(f"{STYLE}default-outline-level") or ""
            # Programs may write a paragraph in the style of a heading without calling it one.
            match = HEADING.fullmatch(style.get(f"{STYLE}name") or "")
            if level.isdecimal() or match:
                return int(level) if level.isdecimal() else int((match and match[1]) or 1)
        return 0

    def _chain(self, name: str, family: str) -> Iterator[etree._Element]:
        """A style and those that it is based on."""
        for _ in range(DEEPEST):
            style = self._styles.get((family, name))
            if style is None:
                return
            yield style
            name = style.get(f"{STYLE}parent-style-name") or ""


def _declarations(style: etree._Element) -> str:
    declared = []
    for kind in PROPERTIES:
        properties = style.find(f"{STYLE}{kind}")
        if properties is None:
            continue
        for name, css in DECLARED.items():
            value = properties.get(name)
            # A size in per cent refers to the style below, not to the words around.
            if value and not (css == "font-size" and value.endswith("%")):
                declared.append(f"{css}:{'inline' if value == 'true' else value}")
        if properties.get(f"{STYLE}use-window-font-color") == "true":
            declared.append("color:auto")
    return ";".join(declared)
