"""Fields, links and bookmarks of a Word document: python-docx has none of them."""

import hashlib
import re
from typing import Any

from waymark.core.extras import OptionalModule

docx_xml = OptionalModule("docx.oxml", "report")
docx_names = OptionalModule("docx.oxml.ns", "report")
HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
LONGEST_BOOKMARK = 40
# XML 1.0 allows these characters and no others; one more makes Word refuse the file.
UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean_text(text: str) -> str:
    """A text without the characters that XML forbids."""
    return UNPRINTABLE.sub("\ufffd", text)


def new_element(tag: str, **attributes: str) -> Any:
    """A new element, such as w:tab, with attributes of the same namespace."""
    element = docx_xml.OxmlElement(tag)
    for name, value in attributes.items():
        element.set(docx_names.qn(f"w:{name}"), value)
    return element


def add_field(paragraph: Any, instruction: str, shown: str) -> list[Any]:
    """Add a field: what Word computes (instruction), and what is shown until it does.

    "SEQ Table" shown as 3 is five runs: begin, the instruction, separate, "3", end. Returns them.
    """
    runs = []
    for part in ("begin", "", "separate", "shown", "end"):
        run = paragraph.add_run(clean_text(shown) if part == "shown" else "")
        if part == "":
            code = new_element("w:instrText")
            code.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            code.text = f" {instruction} "
            run._r.append(code)
        elif part != "shown":
            run._r.append(new_element("w:fldChar", fldCharType=part))
        runs.append(run._r)
    return runs


def begin_field(paragraph: Any, instruction: str) -> None:
    """Begin a field that ends in a later paragraph, such as a table of contents."""
    for part in ("begin", "", "separate"):
        run = paragraph.add_run("")
        if part:
            run._r.append(new_element("w:fldChar", fldCharType=part))
        else:
            code = new_element("w:instrText")
            code.text = f" {instruction} "
            run._r.append(code)


def end_field(paragraph: Any) -> None:
    """End a field that begins in an earlier paragraph."""
    paragraph.add_run("")._r.append(new_element("w:fldChar", fldCharType="end"))


def add_link(paragraph: Any, text: str, *, anchor: str = "", url: str = "") -> Any:
    """Add words that lead to a bookmark of the file, or to an address. Returns the w:hyperlink."""
    link = new_element("w:hyperlink")
    if anchor:
        link.set(docx_names.qn("w:anchor"), bookmark_name(anchor))
    else:
        link.set(docx_names.qn("r:id"), paragraph.part.relate_to(url, HYPERLINK, is_external=True))
    if text:
        run = paragraph.add_run(clean_text(text))
        if url:
            run.underline = True
        link.append(run._r)
    paragraph._p.append(link)
    return link


def add_reference(paragraph: Any, before: str, shown: str, *, to: str, anchor: str) -> None:
    """Add a cross-reference: words, then a field that shows what is at a bookmark.

    "section " and "4.2" -> a link to the heading, in which Word updates 4.2. to: the instruction.
    """
    link = add_link(paragraph, before, anchor=anchor)
    for run in add_field(paragraph, to, shown):
        link.append(run)


def bookmark_name(anchor: str) -> str:
    """Name of a bookmark: at most 40 letters, digits and underscores, as Word requires."""
    name = re.sub(r"\W", "_", anchor)
    if len(name) > LONGEST_BOOKMARK:
        # Longer names are cut off by Word without a word, and two could become the same: 24
        # characters, a line and 15 of a hash are 40.
        name = f"{name[:24]}_{hashlib.sha256(anchor.encode()).hexdigest()[:15]}"
    return name


class Bookmarks:
    """Bookmarks of one document; their ids must differ."""

    def __init__(self) -> None:
        self.last = 0

    def around(self, paragraph: Any, anchor: str) -> None:
        """Put a bookmark around a paragraph, for links to it."""
        # A paragraph's properties (w:pPr) must stay its first child.
        children = [child for child in paragraph._p if child.tag != docx_names.qn("w:pPr")]
        start, end = self._ends(anchor)
        if children:
            children[0].addprevious(start)
        else:
            paragraph._p.append(start)
        paragraph._p.append(end)

    def around_runs(self, runs: list[Any], anchor: str) -> None:
        """Put a bookmark around some runs of a paragraph, for fields that repeat them."""
        start, end = self._ends(anchor)
        runs[0].addprevious(start)
        runs[-1].addnext(end)

    def _ends(self, anchor: str) -> tuple[Any, Any]:
        self.last += 1
        number = str(self.last)
        start = new_element("w:bookmarkStart", id=number, name=bookmark_name(anchor))
        return start, new_element("w:bookmarkEnd", id=number)
