"""ZIP packages (OpenDocument, and other Office formats): checked before anything is unpacked."""

import re
import zipfile
from pathlib import Path

from lxml import etree

from waymark.core.errors import FileRefused
from waymark.documents.reading.values import MIB, ReadingLimits

MOST_ENTRIES = 2_000
MOST_RATIO = 200
SMALL = MIB  # bytes unpacked: below this, any ratio is harmless
HOSTILE = "Ask for another copy: this file may be malicious, or is badly damaged"
SAVE_AS = "Save it as PDF or DOCX and upload that"
# A name that only packages of one kind contain -> what they are, and the remedy.
OTHERS = (
    (re.compile(r"xl/workbook\.(?:xml|bin)"), "is an Excel workbook"),
    (re.compile(r"ppt/presentation\.xml"), "is a PowerPoint presentation"),
    (re.compile(r"Index/Document\.iwa|Index\.zip|index\.xml\.gz"), "is an Apple Pages document"),
    (re.compile(r"META-INF/container\.xml"), "is an e-book (EPUB)"),
    (re.compile(r"FixedDocSeq\.fdseq"), "is an XPS document"),
)


class UnsoundXml(Exception):
    """A part of a package is not XML, or states a document type."""


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


def check_package(archive: zipfile.ZipFile, file_name: str, limits: ReadingLimits) -> None:
    """Check a zip's own list: number, names and sizes of its entries. Raises FileRefused."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
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


def xml_part(archive: zipfile.ZipFile, name: str, file_name: str) -> etree._Element | None:
    """The root of a part; None if there is no such part. Raises FileRefused, UnsoundXml."""
    try:
        entry = archive.getinfo(name)
    except KeyError:
        return None
    with archive.open(entry) as part:
        content = part.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        raise FileRefused(file_name, "has a part that is larger than stated", HOSTILE)
    # A document type could define entities that grow without bound: no Office program writes one.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise UnsoundXml(name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnsoundXml(name) from error
    if root.getroottree().docinfo.doctype:
        raise UnsoundXml(name)
    return root
