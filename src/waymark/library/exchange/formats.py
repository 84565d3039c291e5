"""Formats of files from other catalogues, and their readers. Pure: bytes in, values out.

Readers never raise, whatever the bytes: what they cannot read becomes a fault of the ReadResult.
"""

import re
from dataclasses import dataclass
from importlib import import_module

from waymark.library.exchange.readers.result import (
    CandidateRecord,
    DeletedRecord,
    ReadFault,
    ReadResult,
)

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
    """A format that can be read. endings: of its file names; function: below `exchange`."""

    format: str
    label: str
    endings: tuple[str, ...]
    function: str

    def read(self, content: bytes) -> ReadResult:
        """Read a file. The module is imported with the first one: some need large libraries."""
        module, _, name = self.function.rpartition(".")
        read = getattr(import_module(f"waymark.library.exchange.{module}"), name)
        result: ReadResult = read(content)
        return result


READERS: dict[str, FormatReader] = {
    known.format: known
    for known in (
        FormatReader("csv", "CSV table", (".csv", ".tsv"), "readers.table.read_table"),
        FormatReader("ris", "RIS", (".ris",), "readers.ris.read_ris"),
        FormatReader("bibtex", "BibTeX", (".bib", ".bibtex"), "readers.bibtex.read_bibtex"),
        FormatReader("marc", "MARC 21", (".mrc", ".marc", ".iso2709"), "readers.marc.read_marc"),
        FormatReader("marcxml", "MARCXML", (".marcxml", ".marc.xml"), "readers.marc.read_marcxml"),
        FormatReader("oai", "OAI-PMH answer", (".oai.xml",), "oai.harvester.read_oai"),
        FormatReader(
            "abstracts",
            "List of case review abstracts",
            (".html", ".htm", ".txt"),
            "abstracts.read_abstracts",
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
