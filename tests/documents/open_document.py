"""OpenDocument texts for tests, written by hand."""

import zipfile
from pathlib import Path

NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"),
        ("draw", "drawing"), ("meta", "meta"), ("fo", "xsl-fo-compatible"),
        ("svg", "svg-compatible"),
    )
) + (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"'
)  # fmt: skip
MIMETYPE = "application/vnd.oasis.opendocument.text"


def odt_file(
    into: Path, body: str, *, automatic: str = "", kind: str = MIMETYPE, **parts: str
) -> Path:
    """An ODT with this body. automatic: its own styles; parts: further files, such as styles."""
    content = (
        f"<office:document-content {NAMES}><office:automatic-styles>{automatic}"
        f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr(zipfile.ZipInfo("mimetype"), kind)  # first, and not packed
        target.writestr("content.xml", content)
        for name, inside in parts.items():
            root = f"<office:document-{name} {NAMES}>{inside}</office:document-{name}>"
            target.writestr(f"{name}.xml", root)
    return into


def style(name: str, family: str, properties: str, parent: str = "") -> str:
    """A style. properties: of its words, such as 'fo:color="#ffffff"'."""
    based = f' style:parent-style-name="{parent}"' if parent else ""
    return (
        f'<style:style style:name="{name}" style:family="{family}"{based}>'
        f"<style:text-properties {properties}/></style:style>"
    )


def number_style(name: str, *levels: str, element: str = "list-style") -> str:
    """A style of numbers. levels: attributes of each, such as 'style:num-format="1"'."""
    kind = "list-level-style-number" if element == "list-style" else "outline-level-style"
    inside = "".join(
        f'<text:{kind} text:level="{level}" {attributes}/>'
        for level, attributes in enumerate(levels, start=1)
    )
    named = f'style:name="{name}"' if name else ""
    return f"<text:{element} {named}>{inside}</text:{element}>"
