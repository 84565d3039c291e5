"""Words of a PDF outside the content of its pages: bookmarks, properties, notes, values of forms.

All objects of the file are looked at, also those that nothing refers to any more: whoever opens the
file can read them. What the visible pages show as well is no find (shown_words.py). No Django.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pikepdf
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from waymark.documents.reading.values import (
    ALTERNATE,
    ATTACHMENT,
    BOOKMARK,
    COMMENT,
    FIELD,
    METADATA,
    ConcealedText,
)

LARGEST_XMP = 4_000_000  # bytes
LONGEST = 5_000  # characters of one find
DEEPEST = 20  # dictionaries written within one object
TECHNICAL = frozenset(
    {"/Producer", "/Creator", "/CreationDate", "/ModDate", "/Trapped", "/SourceModified"}
)
"""Properties about the program and the time, not about people or the subject."""
NAMESPACES = {
    "http://purl.org/dc/elements/1.1/": frozenset({"format", "language", "type", "date"}),
    "http://ns.adobe.com/pdfx/1.3/": frozenset({"SourceModified", "CreationDate", "ModDate"}),
    "http://ns.adobe.com/photoshop/1.0/": frozenset({"ColorMode", "ICCProfile", "DateCreated"}),
    "http://ns.adobe.com/pdf/1.3/": frozenset({"Producer", "PDFVersion", "Trapped"}),
}
"""XMP namespaces with words of people -> their technical names."""
MACHINE_TITLE = re.compile(
    r"^\s*Microsoft \w+ - |\.(?:docx?|pdf|rtf|pptx?|xlsx?|indd|odt)\b|"
    r"Description automatically generated|^\s*\w*logo\w*\s*$",
    re.IGNORECASE,
)
TAG = re.compile(r"<[^>]{0,2000}>")
WORDED = re.compile(
    rb"/(?:(?:P|E)\s*[(<](?!<)|(?:Title|Contents|RC|ActualText|Alt|V|DV|RV|Opt|TU|EF)\b)"
)
"""Keys under which an object may have words. /P is the prefix of a page label or, in most objects,
a reference to a page or parent."""
LETTERS = re.compile(r"[^\W\d_]{2}|\d")
GENERATED = re.compile(
    r"_?(?:toc|ref|hlk|goback|ole_link|bookmark|page|section|subsection|chapter|appendix|figure|table|"
    r"cite|equation|footnote|hfootnote|anchor|link|item|paragraph|part|loc|doc-start|xyz|fit|dest)\w*"
    r"[\W\d_]*|[\W\d_]*|[a-z]?\d[\w.:-]*",
    re.IGNORECASE,
)
"""Names of destinations that programs make up."""


@dataclass(frozen=True, slots=True)
class OffPageText:
    """Words with their class. rect: of a note, in the space of its page; None without a place."""

    kind: str
    text: str
    cause: str
    page: int = 0
    rect: tuple[float, float, float, float] | None = None

    def as_find(self, box: tuple[float, float, float, float] | None = None) -> ConcealedText:
        """The words as hidden text. box: as shown, in points from the top left."""
        return ConcealedText(self.page, self.text, self.cause, self.kind, box)


def words_of_properties(pdf: Any) -> Iterator[OffPageText]:
    """The properties of the file that people fill in, each value once: Info first, then XMP."""
    seen: set[str] = set()
    for name, value in [*_info_values(pdf), *_xmp_values(pdf)]:
        text = _plain(MACHINE_TITLE.sub("", value))
        if text and text.casefold() not in seen:
            seen.add(text.casefold())
            yield OffPageText(METADATA, text, f"it is in the properties of the file: {name}")


def _info_values(pdf: Any) -> Iterator[tuple[str, str]]:
    info = pdf.trailer.get("/Info")
    if isinstance(info, pikepdf.Dictionary):
        for key, value in info.items():
            technical = key in TECHNICAL or key.startswith(("/PTEX", "/GTS"))
            if isinstance(value, pikepdf.String) and not technical:
                yield key[1:].lower(), str(value)


def _xmp_values(pdf: Any) -> Iterator[tuple[str, str]]:
    stream = pdf.Root.get("/Metadata")
    if not isinstance(stream, pikepdf.Stream):
        return
    try:
        content = stream.read_bytes()
        if len(content) >= LARGEST_XMP:
            return
        root = fromstring(content, forbid_dtd=True)
    except (SyntaxError, ValueError, LookupError, DefusedXmlException, pikepdf.PdfError):
        return
    for parent in root.iter():
        for name, value in ((parent.tag, " ".join(parent.itertext())), *parent.attrib.items()):
            space, _, local = str(name)[1:].rpartition("}")
            if space in NAMESPACES and local not in NAMESPACES[space]:
                yield local.lower(), value


def words_of_object(item: Any, written: bytes, page: int) -> Iterator[OffPageText]:
    """The words of an object and of the dictionaries within it.

    written: the object as bytes. page: the number of the page that it belongs to, or 0.
    """
    if WORDED.search(written):
        for dictionary in _dictionaries_of(item):
            for words in _words_of_dictionary(dictionary):
                yield replace(words, page=page)


def _dictionaries_of(item: Any, depth: int = 0) -> Iterator[Any]:
    """An object and the direct dictionaries in it; referred objects come in their own turn."""
    if depth > DEEPEST:
        return
    if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        yield item
        inner = [value for _, value in item.items()]
    else:
        inner = list(item)
    for value in inner:
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            yield from _dictionaries_of(value, depth + 1)


def _words_of_dictionary(item: Any) -> Iterator[OffPageText]:
    keys = item.keys()
    for key in ("/ActualText", "/Alt", "/E"):
        if key in keys:
            cause = "it is a text for screen readers instead of what is shown"
            yield from _found(ALTERNATE, item.get(key), cause)
    if "/Title" in keys and keys & {"/Parent", "/Dest", "/A", "/Next", "/Prev"}:
        yield from _found(BOOKMARK, item.get("/Title"), "it is the title of a bookmark")
    if "/P" in keys and (keys & {"/S", "/St"} or len(keys) == 1):
        yield from _found(BOOKMARK, item.get("/P"), "it is the label of a page")
    if "/EF" in keys:
        yield from _words_of_attachment(item)
    if "/ByteRange" not in keys:  # of a signature, whose contents are bytes
        yield from _words_of_note(item, keys)
        yield from _words_of_field(item, keys)


def _words_of_attachment(item: Any) -> Iterator[OffPageText]:
    names = [item.get(key) for key in ("/UF", "/F", "/Desc")]
    texts = dict.fromkeys(_plain(str(name)) for name in names if isinstance(name, pikepdf.String))
    text = ", ".join(filter(None, texts)) or "file without a name"
    yield OffPageText(ATTACHMENT, text, "it is a file attached to this one")


def _words_of_note(item: Any, keys: set[str]) -> Iterator[OffPageText]:
    if not keys & {"/Contents", "/RC"} or "/Subtype" not in keys or keys & {"/FT", "/Kids"}:
        return
    if str(item.get("/Subtype")) == "/Link":
        yield from _found(ALTERNATE, item.get("/Contents"), "it is the description of a link")
        return
    author = _plain(_text_of(item.get("/T")))
    for key in ("/Contents", "/RC"):
        for note in _found(COMMENT, item.get(key), "it is a note on the page", _rect_of(item)):
            yield replace(note, text=f"{author}: {note.text}" if author else note.text)


def _words_of_field(item: Any, keys: set[str]) -> Iterator[OffPageText]:
    if not (keys & {"/FT", "/FieldMDP"} or ("/T" in keys and keys & {"/Parent", "/Kids"})):
        return
    for key in ("/V", "/DV", "/RV"):
        yield from _found(FIELD, item.get(key), "it is a value of a form field", _rect_of(item))
    for key, cause in (("/Opt", "it is a choice"), ("/TU", "it is the hint")):
        yield from _found(FIELD, item.get(key), f"{cause} of a form field", _rect_of(item))


def names_of_destinations(pdf: Any) -> Iterator[OffPageText]:
    """The names of places in the file, without those that programs make up."""
    names = pdf.Root.get("/Names")
    trees = [names.get("/Dests") if isinstance(names, pikepdf.Dictionary) else None]
    seen: set[tuple[int, int]] = set()
    texts = list(pdf.Root.get("/Dests", {}).keys())
    while trees:
        node = trees.pop()
        if not isinstance(node, pikepdf.Dictionary) or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen)
        trees.extend(node.get("/Kids", []))
        texts.extend(str(name) for name in list(node.get("/Names", []))[::2])
    for text in dict.fromkeys(texts):
        plain = _plain(text.lstrip("/"))
        if not GENERATED.fullmatch(plain):
            yield from _found(BOOKMARK, plain, "it is the name of a place in the file")


def _found(kind: str, value: Any, cause: str, rect: Any = None) -> Iterator[OffPageText]:
    text = _plain(MACHINE_TITLE.sub("", _text_of(value)))
    if LETTERS.search(text):
        yield OffPageText(kind, text, cause, rect=rect)


def _text_of(value: Any) -> str:
    """The text of a string, or of a stream or array of strings; "" for any other object."""
    if isinstance(value, str):
        return value
    if isinstance(value, pikepdf.String):
        return str(value)
    if isinstance(value, pikepdf.Stream):
        return str(value.read_bytes()[:LONGEST], "utf-8", "replace")
    if isinstance(value, pikepdf.Array):
        return " / ".join(filter(None, map(_text_of, list(value)[:500])))
    return ""


def _plain(text: str) -> str:
    """Text without the tags of rich text, control characters and double spaces."""
    printable = (letter if letter.isprintable() else " " for letter in TAG.sub(" ", text))
    return " ".join("".join(printable).split())[:LONGEST]


def _rect_of(item: Any) -> tuple[float, float, float, float] | None:
    try:
        left, bottom, right, top = (float(side) for side in item.get("/Rect"))
    except (TypeError, ValueError, pikepdf.PdfError):
        return None
    return left, bottom, right, top
