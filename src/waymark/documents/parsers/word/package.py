"""The parts of a Word file: a ZIP archive that is checked before anything is unpacked.

XML is parsed without document types, entities and network, and libxml2's own bounds stay on: no
more than 256 elements within each other, no text of more than 10 MB.
"""

import errno
import io
import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from waymark.core.errors import FileRefused
from waymark.documents.parsers.word.names import Element, W
from waymark.documents.reading.values import MIB, ReadingLimits

MOST_ENTRIES = 2_000
MOST_UNPACKED = 256 * MIB
MOST_RATIO = 200
MOST_TAGS = 2_000_000  # in one part; a review of 300 pages has about 150,000
SMALL = MIB  # bytes unpacked: below this, any ratio is harmless
DOCUMENT = "word/document.xml"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
HOSTILE = "Ask for another copy: this file may be malicious, or is badly damaged"
UNPACK = "Unpack it and upload the files"
DECLARES_TYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# "Strict Open XML" of Word has other namespaces for the same elements.
STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/math",
        b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    ),
    (
        b"http://purl.oclc.org/ooxml/drawingml/",
        b"http://schemas.openxmlformats.org/drawingml/2006/",
    ),
)


@contextmanager
def _refuse_damage(file_name: str) -> Iterator[None]:
    """Refuse a file over which zipfile stumbles."""
    # Besides its own error it raises those of the libraries below it, RuntimeError for entries that
    # are locked, NotImplementedError for unknown methods, and OSError for a place before the start.
    try:
        yield
    except (
        *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError),
        *(ValueError, OverflowError, OSError),
    ) as error:
        if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:
            raise
        raise FileRefused(file_name, "is damaged or locked", "Ask for another copy") from error


@contextmanager
def opened_archive(source: Path | io.BytesIO, file_name: str) -> Iterator[zipfile.ZipFile]:
    """The archive of a file. Raises FileRefused."""
    with _refuse_damage(file_name):
        archive = zipfile.ZipFile(source)
    with archive:
        yield archive


class WordPackage:
    """The parts of a Word file, by name. main: the name of the document's own part."""

    def __init__(self, archive: zipfile.ZipFile, file_name: str, limits: ReadingLimits) -> None:
        self._archive, self._file_name = archive, file_name
        self._entries = {entry.filename: entry for entry in archive.infolist()}
        self._relations: dict[str, dict[str, tuple[str, str]]] = {}
        check_archive(archive, file_name, limits)
        self.main = next(
            (target for kind, target in self.relations("").values() if kind == "officeDocument"),
            DOCUMENT,
        )
        if self.main not in self._entries:
            raise FileRefused(file_name, "is a ZIP archive but not a Word document", UNPACK)
        for name in self._entries:
            if name.endswith((".xml", ".rels")) and DECLARES_TYPE.search(self.content(name) or b""):
                self._refuse_xml()

    def document(self) -> Element:
        """The root of the document. Raises FileRefused if it is that of another program."""
        root = self.part(self.main)
        if root is None or root.tag != f"{W}document":
            reason = "is a ZIP archive but not a Word document"
            raise FileRefused(self._file_name, reason, UNPACK)
        return root

    def content(self, name: str) -> bytes | None:
        """The bytes of a part, never more than the archive's list states; None if there is none."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        with _refuse_damage(self._file_name), self._archive.open(entry) as part:
            content = part.read(entry.file_size + 1)
        if len(content) > entry.file_size:
            raise FileRefused(self._file_name, "has a part that is larger than stated", HOSTILE)
        return content

    def part(self, name: str) -> Element | None:
        """The root of an XML part; None if there is none. Raises FileRefused."""
        content = self.content(name)
        return self._parsed(content) if content is not None else None

    def related(self, kind: str) -> Element | None:
        """The part that the document refers to as styles, numbering, ...; else that so named."""
        targets = [target for known, target in self.relations(self.main).values() if known == kind]
        folder = posixpath.dirname(self.main)
        return self.part(targets[0] if targets else posixpath.join(folder, f"{kind}.xml"))

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Relations of a part, by id: kind (the last word of its address) and the part's name."""
        if name not in self._relations:
            folder, base = posixpath.split(name)
            root = self.part(posixpath.join(folder, "_rels", f"{base}.rels"))
            self._relations[name] = {
                relation.get("Id", ""): (
                    relation.get("Type", "").rsplit("/", 1)[-1],
                    posixpath.normpath(
                        posixpath.join(folder, unquote(relation.get("Target", "")))
                    ).lstrip("/"),
                )
                for relation in (root.iter(RELATION) if root is not None else ())
                if relation.get("TargetMode") != "External"
            }
        return self._relations[name]

    def names(self, folder: str) -> list[str]:
        """Names of the parts of a folder beside the document."""
        start = posixpath.join(posixpath.dirname(self.main), folder, "")
        return [name for name in self._entries if name.startswith(start) and name != start]

    def _parsed(self, content: bytes) -> Element:
        if content.count(b"<") > MOST_TAGS:
            reason = f"has a part with more than {MOST_TAGS:,} tags"
            raise FileRefused(self._file_name, reason, HOSTILE)
        if b"purl.oclc.org/ooxml" in content:
            for strict, usual in STRICT:
                content = content.replace(strict, usual)
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root: Element = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            if "depth" in str(error):
                raise FileRefused(
                    self._file_name, "has parts nested too deep to read", HOSTILE
                ) from error
            self._refuse_xml()
        # In UTF-16 a document type does not show among the bytes.
        if root.getroottree().docinfo.doctype:
            self._refuse_xml()
        return root

    def _refuse_xml(self) -> None:
        raise FileRefused(self._file_name, "has parts that are not sound XML", HOSTILE)


def check_archive(archive: zipfile.ZipFile, file_name: str, limits: ReadingLimits) -> None:
    """Check the zip's own list before unpacking: number, names and sizes of its entries."""
    # Example: an entry of 50 MiB stored in 100 KiB has a ratio of 512, over MOST_RATIO, and is
    # refused as a zip bomb.
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise FileRefused(file_name, f"has {len(entries):,} parts", HOSTILE)
    if sum(entry.file_size for entry in entries) > min(MOST_UNPACKED, 2 * limits.inflated):
        raise FileRefused(file_name, "grows to more than 256 MiB when unpacked", HOSTILE)
    for entry in entries:
        if _leaves_folder(entry.filename):
            raise FileRefused(file_name, "has a part with a dangerous name", HOSTILE)
        if entry.file_size > SMALL and entry.file_size > MOST_RATIO * entry.compress_size:
            raise FileRefused(file_name, "is compressed far more than any real document", HOSTILE)


def _leaves_folder(name: str) -> bool:
    """True for the name of an entry that would be unpacked outside its folder."""
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]
