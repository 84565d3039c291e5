"""OpenDocument text (ODT) -> a report, in the final view, by way of HTML.

Deletions, comments and hidden sections become hidden parts of the HTML, and its reader finds them
as in a web page. The zip is checked before anything is unpacked; document types are forbidden.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from lxml import etree

from waymark.core.errors import FileRefused
from waymark.documents.parsers.flow import tidy_text
from waymark.documents.parsers.html import report_of_page
from waymark.documents.parsers.open_document.lists import ListCounters, read_list_styles
from waymark.documents.parsers.open_document.styles import (
    DC,
    META,
    OFFICE,
    SVG,
    TABLE,
    TEXT,
    OpenDocumentStyles,
)
from waymark.documents.parsers.packages import SAVE_AS, CheckedPackage, opened_archive
from waymark.documents.reading.values import ReadingLimits, ReadReport

MEDIA_TYPE = "application/vnd.oasis.opendocument.text"
EXTRACTOR = "waymark-odt/1"
OTHERS = {
    b"spreadsheet": "is an OpenDocument spreadsheet",
    b"presentation": "is an OpenDocument presentation",
    b"graphics": "is an OpenDocument drawing",
}
MIMETYPE = slice(30, 120)  # place of the first entry's name and content in the zip
SKIPPED = frozenset(
    {
        f"{TEXT}tracked-changes", f"{OFFICE}forms", f"{TEXT}sequence-decls",
        f"{TEXT}variable-decls", f"{TEXT}user-field-decls", f"{TABLE}covered-table-cell",
        f"{TEXT}note-citation", f"{TEXT}number", f"{OFFICE}annotation-end",
        f"{OFFICE}event-listeners", f"{TEXT}alphabetical-index-auto-mark-file",
    }
)  # fmt: skip
DESCRIPTIONS = frozenset({f"{SVG}title", f"{SVG}desc"})  # of drawings, for screen readers
PLAIN = {
    f"{TABLE}table": "table", f"{TABLE}table-row": "tr", f"{TEXT}list": "ul",
    f"{TEXT}list-item": "li", f"{TEXT}list-header": "li",
}  # fmt: skip
BLOCKS = {
    **dict.fromkeys(("text-box", "index-body", "index-title"), "<div>"),
    **dict.fromkeys(
        ("table-of-content", "illustration-index", "table-index", "alphabetical-index"),
        '<div role="doc-toc">',
    ),
}
HIDDEN = ' style="display:none"'
COMMENTED = '<div style="mso-element:comment-list">'
MOST_SPACES = 1_000


def is_open_document(head: bytes) -> bool:
    """True for a zip whose first entry says that it is an OpenDocument file."""
    return b"mimetypeapplication/vnd.oasis.opendocument." in head[MIMETYPE]


def read_odt(path: Path, file_name: str, limits: ReadingLimits) -> ReadReport:
    """Read an ODT file. Raises FileRefused."""
    with path.open("rb") as file:
        head = file.read(MIMETYPE.stop)
    for kind, reason in OTHERS.items():
        if b"opendocument." + kind in head:
            raise FileRefused(file_name, reason, SAVE_AS)
    with opened_archive(path, file_name) as archive:
        package = CheckedPackage(archive, file_name, limits)
        _refuse_locked(package, file_name)
        markup, warnings = _as_markup(package, file_name)
    return report_of_page(
        markup, file_name, limits, media_type=MEDIA_TYPE, extractor=EXTRACTOR, warnings=warnings
    )


def _refuse_locked(package: CheckedPackage, file_name: str) -> None:
    manifest = package.part("META-INF/manifest.xml")
    if manifest is not None and any("encryption-data" in str(node.tag) for node in manifest.iter()):
        remedy = "Save a copy without the password and upload that"
        raise FileRefused(file_name, "is locked with a password", remedy)


def _as_markup(package: CheckedPackage, file_name: str) -> tuple[str, list[str]]:
    """The document as HTML, and warnings."""
    content = package.part("content.xml")
    body = content.find(f"{OFFICE}body/{OFFICE}text") if content is not None else None
    if content is None or body is None:
        raise FileRefused(file_name, "is an OpenDocument file without a text", SAVE_AS)
    roots = [root for root in (package.part("styles.xml"), content) if root is not None]
    writer = _MarkupWriter(OpenDocumentStyles(roots), ListCounters(read_list_styles(roots)))
    changes = body.find(f"{TEXT}tracked-changes")
    if changes is not None:
        writer.write_changes(changes)
    writer.write_inside(body)
    title, author = _properties(package.part("meta.xml"))
    # Words without a colour of their own are in the automatic one, which can be read on any ground.
    markup = (
        f'<title>{escape(title)}</title><body style="color:auto">{"".join(writer.parts)}</body>'
    )
    return markup, [*writer.warnings(author)]


def _properties(meta: etree._Element | None) -> tuple[str, str]:
    """Title and author that the document states; "" for what it does not."""
    if meta is None:
        return "", ""
    author = meta.findtext(f".//{META}initial-creator") or meta.findtext(f".//{DC}creator") or ""
    return tidy_text(meta.findtext(f".//{DC}title") or ""), tidy_text(author)[:100]


@dataclass(slots=True)
class _MarkupWriter:
    """Writer of the HTML of a document, element by element. lxml allows 256 levels at most."""

    sheet: OpenDocumentStyles
    lists: ListCounters
    parts: list[str] = field(default_factory=list)
    insertions: int = 0
    deletions: int = 0
    comments: int = 0
    people: set[str] = field(default_factory=set)
    _after: list[str] = field(default_factory=list)  # notes of the paragraph that is being written
    _depth: int = 0  # of paragraphs within paragraphs, as in text boxes

    def warnings(self, author: str) -> Iterator[str]:
        """Findings for the staff."""
        if self.insertions or self.deletions:
            yield (
                f"tracked changes: {self.insertions} insertions kept, "
                f"{self.deletions} deletions left out"
            )
        if self.comments:
            yield f"{self.comments} comments left out"
        if author:
            yield f"the file names its author (“{author}”): remove the name before you share it"
        if self.people:
            yield (
                f"the file names {len(self.people)} people who changed it or commented on it: "
                "remove the names before you share it"
            )

    def write_changes(self, changes: etree._Element) -> None:
        """Write tracked deletions as deleted words; insertions are in the text already."""
        for region in changes:
            self._note_people(region)
            self.insertions += len(region.findall(f"{TEXT}insertion"))
            for deletion in region.findall(f"{TEXT}deletion"):
                self.deletions += 1
                self.parts.append("<del>")
                self.write_inside(deletion)
                self.parts.append("</del>")

    def write_inside(self, element: etree._Element) -> None:
        """Write the words and elements in an element."""
        self._add_words(element.text)
        for child in element:
            if isinstance(child.tag, str):
                self._write_element(child)
            self._add_words(child.tail)

    def _add_words(self, words: str | None) -> None:
        if words:
            self.parts.append(escape(words, quote=False))

    def _write_element(self, element: etree._Element) -> None:
        tag = str(element.tag)
        if tag in SKIPPED or tag == f"{OFFICE}change-info":
            return
        if tag in {f"{TEXT}p", f"{TEXT}h"}:
            self._write_paragraph(element)
        elif tag in PLAIN:
            self._write_part(element, PLAIN[tag])
        elif tag == f"{TEXT}note":
            self._write_note(element)
        elif tag in DESCRIPTIONS:
            self.parts.append(f'<img alt="{escape("".join(element.itertext()))}">')
        elif tag == f"{OFFICE}annotation":
            self._write_comment(element)
        else:
            self._write_inline(element, tag.rpartition("}")[2])

    def _write_paragraph(self, element: etree._Element) -> None:
        style_name = element.get(f"{TEXT}style-name") or ""
        is_heading = str(element.tag) == f"{TEXT}h"
        level = _whole(element.get(f"{TEXT}outline-level")) or int(is_heading)
        level = level or self.sheet.outline_level(style_name)
        name = f"h{min(level, 6)}" if level else "p"
        style = self.sheet.css(style_name, "paragraph")
        hidden = element.find(f".//{TEXT}hidden-paragraph")
        if hidden is not None and hidden.get(f"{TEXT}is-hidden") == "true":
            style = f"{style};display:none"
        marker = self.lists.marker(element, level if is_heading else 0)
        self.parts.append(f'<{name} style="{escape(style)}">{escape(marker)}')
        self._depth += 1
        self.write_inside(element)
        self._depth -= 1
        self.parts.append(f"</{name}>")
        if not self._depth:
            self.parts += self._after
            self._after = []

    def _write_part(self, element: etree._Element, name: str) -> None:
        """Write a list, an item, a table or a row."""
        tag = str(element.tag)
        if tag == f"{TEXT}list":
            self.lists.enter_list(element)
        elif tag == f"{TEXT}list-item":
            self.lists.enter_item(element)
        elif tag == f"{TEXT}list-header":
            self.lists.enter_header()
        hidden = element.get(f"{TABLE}visibility") in {"collapse", "filter"}
        self.parts.append(f"<{name}{HIDDEN if hidden else ''}>")
        self.write_inside(element)
        self.parts.append(f"</{name}>")
        if tag == f"{TEXT}list":
            self.lists.leave_list()

    def _write_note(self, element: etree._Element) -> None:
        """Write a note after its paragraph, and its number, as "[1]", in place."""
        number = element.findtext(f"{TEXT}note-citation") or "*"
        self._add_words(f"[{number}]")
        before, self.parts = self.parts, []
        body = element.find(f"{TEXT}note-body")
        if body is not None:
            self.write_inside(body)
        inside = "".join(self.parts).replace("<p", "<span").replace("</p>", "</span> ")
        self.parts = before
        self._after.append(f"<p>[{escape(number)}] {inside}</p>")

    def _write_comment(self, element: etree._Element) -> None:
        self.comments += 1
        self._note_people(element)
        words = " ".join(
            "".join(paragraph.itertext()) for paragraph in element.iter(f"{TEXT}p")
        )  # not its author and date
        self.parts.append(f"{COMMENTED}{escape(words)}</div>" if not self._depth else "")
        if self._depth:
            # A block within a paragraph would end it.
            self.parts.append(f'<span style="mso-element:comment-list">{escape(words)}</span>')

    def _write_inline(self, element: etree._Element, name: str) -> None:
        if name == "s":
            count = _whole(element.get(f"{TEXT}c")) or 1
            self.parts.append(" " * min(count, MOST_SPACES))
        elif name in {"tab", "line-break"}:
            self.parts.append(" " if name == "tab" else "<br>")
        elif name == "hidden-text":
            words = element.get(f"{TEXT}string-value") or "".join(element.itertext())
            self.parts.append(f"<span{HIDDEN}>{escape(words)}</span>")
        elif name == "section":
            hidden = element.get(f"{TEXT}display") in {"none", "condition"}
            self._write_within(element, "div", "display:none" if hidden else "")
        elif name == "span":
            style = self.sheet.css(element.get(f"{TEXT}style-name") or "", "text")
            self._write_within(element, "span", style)
        elif name == "table-cell":
            style = self.sheet.css(element.get(f"{TABLE}style-name") or "", "table-cell")
            self._write_within(element, "td", style)
        elif name in BLOCKS:
            self.parts.append(BLOCKS[name])
            self.write_inside(element)
            self.parts.append("</div>")
        else:
            self.write_inside(element)

    def _write_within(self, element: etree._Element, name: str, style: str) -> None:
        self.parts.append(f'<{name} style="{escape(style)}">' if style else f"<{name}>")
        self.write_inside(element)
        self.parts.append(f"</{name}>")

    def _note_people(self, element: etree._Element) -> None:
        self.people.update(
            tidy_text(person.text) for person in element.iter(f"{DC}creator") if person.text
        )


def _whole(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 6 else 0
