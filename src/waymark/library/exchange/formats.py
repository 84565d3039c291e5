"""Formats of files from other catalogues, and their readers. Pure: bytes in, values out.

Readers never raise, whatever the bytes: what they cannot read becomes a fault of the ReadResult.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from waymark.library.exchange.abstracts import read_abstracts
from waymark.library.exchange.oai.harvester import read_oai
from waymark.library.exchange.readers.bibtex import read_bibtex
from waymark.library.exchange.readers.marc import read_marc, read_marcxml
from waymark.library.exchange.readers.result import (
    CandidateRecord,
    DeletedRecord,
    ReadFault,
    ReadResult,
)
from waymark.library.exchange.readers.ris import read_ris
from waymark.library.exchange.readers.table import read_table

__all__ = [
    "READERS",
    "CandidateRecord",
    "DeletedRecord",
    "FormatReader",
    "ReadFault",
    "ReadResult",
    "format_of",
    "read_as",
]
MOST_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FormatReader:
    """A format that can be read. endings: of its file names."""

    format: str
    label: str
    endings: tuple[str, ...]
    read: Callable[[bytes], ReadResult]


READERS: dict[str, FormatReader] = {
    known.format: known
    for known in (
        FormatReader("csv", "CSV table", (".csv", ".tsv"), read_table),
        FormatReader("ris", "RIS", (".ris",), read_ris),
        FormatReader("bibtex", "BibTeX", (".bib", ".bibtex"), read_bibtex),
        FormatReader("marc", "MARC 21", (".mrc", ".marc", ".iso2709"), read_marc),
        FormatReader("marcxml", "MARCXML", (".marcxml", ".marc.xml"), read_marcxml),
        FormatReader("oai", "OAI-PMH answer", (".oai.xml",), read_oai),
        FormatReader(
            "abstracts", "List of case review abstracts", (".html", ".htm", ".txt"), read_abstracts
        ),
    )
}
"""format -> reader."""

# Turtle, too, begins with an at sign: "@prefix skos: <...>".
BIBTEX_ENTRY = re.compile(rb"@\s*\w+\s*[{(]")


def format_of(file_name: str, content: bytes) -> str:
    """The format of a file by its name, else by its first bytes; "" if unknown."""
    name = file_name.lower()
    for reader in READERS.values():
        if name.endswith(reader.endings):
            return reader.format
    head = content[:4_096].lstrip(b"\xef\xbb\xbf \t\r\n")
    for mark, format_name in ((b"OAI-PMH", "oai"), (b"MARC21/slim", "marcxml")):
        if head.startswith(b"<") and mark in head:
            return format_name
    if head.startswith(b"TY  -"):
        return "ris"
    return "bibtex" if BIBTEX_ENTRY.match(head) else ""


def read_as(name: str, content: bytes) -> ReadResult:
    """Read a file; name: one of READERS. A file that is too large is one fault."""
    if len(content) > MOST_BYTES:
        message = f"is larger than {MOST_BYTES // 1024 // 1024} MiB: divide it into smaller files"
        return ReadResult(faults=(ReadFault("the file", message),))
    return READERS[name].read(content)
