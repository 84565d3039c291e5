"""ZIP packages (Word, OpenDocument): checked before anything is unpacked, their parts by name.

XML is parsed without document types, entities and network, and libxml2's own bounds stay on: no
more than 256 elements within each other, no text of more than 10 MB.
"""

import errno
import hashlib
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from lxml import etree

from waymark.core.errors import FileRefused
from waymark.documents.reading.values import MIB, ReadingLimits

Element = etree._Element

MOST_ENTRIES = 2_000
MOST_RATIO = 200
MOST_TAGS = 2_000_000  # in one part; a review of 300 pages has about 150,000
SMALL = MIB  # bytes unpacked: below this, any ratio is harmless
HOSTILE = "Ask for another copy: this file may be malicious, or is badly damaged"
DECLARES_TYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
SAVE_AS = "Save it as PDF or DOCX and upload that"
# A name that only packages of one kind contain -> what they are, and the remedy.
OTHERS = (
    (re.compile(r"xl/workbook\.(?:xml|bin)"), "is an Excel workbook"),
    (re.compile(r"ppt/presentation\.xml"), "is a PowerPoint presentation"),
    (re.compile(r"Index/Document\.iwa|Index\.zip|index\.xml\.gz"), "is an Apple Pages document"),
    (re.compile(r"META-INF/container\.xml"), "is an e-book (EPUB)"),
    (re.compile(r"FixedDocSeq\.fdseq"), "is an XPS document"),
)


def refuse_other_package(path: Path, file_name: str) -> None:
    """Raise FileRefused for a package of another program; the reader judges anything else."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:MOST_ENTRIES]
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError):
        return
    if "word/document.xml" in names:
        return
    for name, reason in OTHERS:
        if any(map(name.fullmatch, names)):
            raise FileRefused(file_name, reason, SAVE_AS)


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


class CheckedPackage:
    """The parts of a package, by name. Raises FileRefused for one that is not sound."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        file_name: str,
        limits: ReadingLimits,
        *,
        most_entries: int = MOST_ENTRIES,
    ) -> None:
        self._archive, self._file_name = archive, file_name
        self._entries = {entry.filename: entry for entry in archive.infolist()}
        _check_entries(archive, file_name, limits, most_entries)
        for name in self._entries:
            is_xml = name.endswith((".xml", ".rels", ".qde"))
            if is_xml and DECLARES_TYPE.search(self.content(name) or b""):
                self._refuse_xml()

    @property
    def part_names(self) -> list[str]:
        """Names of all parts, in the order of the archive."""
        return list(self._entries)

    def size(self, name: str) -> int:
        """Size of a part in bytes, as the archive's list states it."""
        return self._entries[name].file_size

    def digest(self, name: str) -> str:
        """SHA-256 of a part, which is never in memory as a whole."""
        digest, left = hashlib.sha256(), self.size(name)
        with _refuse_damage(self._file_name), self._archive.open(self._entries[name]) as part:
            while left >= 0 and (piece := part.read(MIB)):
                left -= len(piece)
                digest.update(piece)
        if left < 0:
            raise FileRefused(self._file_name, "has a part that is larger than stated", HOSTILE)
        return digest.hexdigest()

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

    def _parsed(self, content: bytes) -> Element:
        return parsed_xml(content, self._file_name)

    def _refuse_xml(self) -> None:
        _refuse_xml(self._file_name)


def parsed_xml(content: bytes, file_name: str) -> Element:
    """The root of an XML of a file. Raises FileRefused for one that is not sound, or too large."""
    if content.count(b"<") > MOST_TAGS:
        reason = f"has a part with more than {MOST_TAGS:,} tags"
        raise FileRefused(file_name, reason, HOSTILE)
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
            raise FileRefused(file_name, "has parts nested too deep to read", HOSTILE) from error
        _refuse_xml(file_name)
    # In UTF-16 a document type does not show among the bytes.
    if root.getroottree().docinfo.doctype:
        _refuse_xml(file_name)
    return root


def _refuse_xml(file_name: str) -> NoReturn:
    raise FileRefused(file_name, "has parts that are not sound XML", HOSTILE)


def _check_entries(
    archive: zipfile.ZipFile, file_name: str, limits: ReadingLimits, most_entries: int
) -> None:
    """Check the zip's own list before unpacking: number, names and sizes of its entries."""
    # Example: an entry of 50 MiB stored in 100 KiB has a ratio of 512, over MOST_RATIO, and is
    # refused as a zip bomb.
    entries = archive.infolist()
    if len(entries) > most_entries:
        raise FileRefused(file_name, f"has {len(entries):,} parts", HOSTILE)
    most = 2 * limits.inflated
    if sum(entry.file_size for entry in entries) > most:
        reason = f"grows to more than {most // MIB:,} MiB when unpacked"
        raise FileRefused(file_name, reason, HOSTILE)
    for entry in entries:
        if _leaves_folder(entry.filename):
            raise FileRefused(file_name, "has a part with a dangerous name", HOSTILE)
        if entry.file_size > SMALL and entry.file_size > MOST_RATIO * entry.compress_size:
            raise FileRefused(file_name, "is compressed far more than any real document", HOSTILE)


def _leaves_folder(name: str) -> bool:
    """True for the name of an entry that would be unpacked outside its folder."""
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]
