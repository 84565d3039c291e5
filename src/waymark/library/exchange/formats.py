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
HEAD = 65_536
"""Bytes at the beginning of a file by which its format is known."""


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
        FormatReader("csl", "CSL-JSON", (".csl.json", ".json"), "readers.csl.read_csl"),
        FormatReader("pubmed", "PubMed", (".nbib",), "readers.tagged.read_pubmed"),
        FormatReader("endnote", "EndNote, tagged", (".enw",), "readers.tagged.read_endnote"),
        FormatReader("endnotexml", "EndNote, XML", (), "readers.reference_xml.read_endnote_xml"),
        FormatReader("wos", "Web of Science", (".ciw", ".isi"), "readers.tagged.read_science"),
        FormatReader("marc", "MARC 21", (".mrc", ".marc", ".iso2709"), "readers.marc.read_marc"),
        FormatReader("marcxml", "MARCXML", (".marcxml", ".marc.xml"), "readers.marc.read_marcxml"),
        FormatReader("mods", "MODS", (".mods", ".mods.xml"), "readers.reference_xml.read_mods"),
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

MARC_LEADER = re.compile(rb"\s*\d{5}[a-z ][a-z ][a-z ].{12}4500", re.DOTALL)
IN_XML = (
    ("<OAI-PMH", "oai"),
    ("loc.gov/mods/", "mods"),
    ("MARC21/slim", "marcxml"),
    ("<marc:record", "marcxml"),
    ("<ref-type", "endnotexml"),
    ("<leader>", "marcxml"),
)
"""What only this format has in its XML -> format, in the order in which they are looked for."""
IN_TEXT = (
    # First those by which a file begins: what follows may quote any other.
    (re.compile(r'[\[{](?=[^\x00]*"(?:title|type|DOI|issued)"\s*:)'), "csl"),
    (re.compile(r"TY(?:[ \t]{1,2}-|  -)"), "ris"),
    (re.compile(r"FN (?:Clarivate|Thomson|ISI)|PT [A-Z]\n[A-Z]{2} |PT\tAU\t"), "wos"),
    (re.compile(r"%0[ \t]\w"), "endnote"),
    # Turtle, too, begins with an at sign: "@prefix skos: <...>".
    (re.compile(r"@[ \t]*\w+[ \t]*[{(]"), "bibtex"),
    (re.compile(r"PMID-[ \t]"), "pubmed"),
    (re.compile(r"[^\x00]*^[ \t]*TY(?:[ \t]{1,2}-|  -)", re.MULTILINE), "ris"),
    (re.compile(r"[^\x00]*^PMID-[ \t]", re.MULTILINE), "pubmed"),
    (re.compile(r"[^\x00]*^[ \t]*@[ \t]*\w+[ \t]*[{(]", re.MULTILINE), "bibtex"),
)
"""What only this format has in its text -> format."""


def format_of(file_name: str, content: bytes) -> str:
    """The format of a file by its content, else by its name; "" if unknown.

    RIS that is called references.txt is RIS; a table is known by its first row.
    """
    return _format_in(content[:HEAD]) or next(
        (one.format for one in READERS.values() if file_name.lower().endswith(one.endings)), ""
    )


def _format_in(head: bytes) -> str:
    if MARC_LEADER.match(head):
        return "marc"
    # With the first file only: the package of the parsers loads large libraries.
    from waymark.documents.parsers.charset import decode_text
    from waymark.library.exchange.readers.table import is_table

    text = decode_text(head)[0].lstrip("\ufeff \t\n")
    if text.startswith("<"):
        return next((name for mark, name in IN_XML if mark in text), "")
    if '"@context"' in text[:500]:
        return ""
    if is_table(text):
        return "wos" if text.startswith("PT\t") else "csv"
    return next((name for form, name in IN_TEXT if form.match(text)), "")


def read_as(name: str, content: bytes) -> ReadResult:
    """Read a file; name: one of READERS. A file that is too large is one fault."""
    if len(content) > MOST_BYTES:
        message = f"is larger than {MOST_BYTES // 1024 // 1024} MiB: divide it into smaller files"
        return ReadResult(faults=(ReadFault("the file", message),))
    return READERS[name].read(content)
