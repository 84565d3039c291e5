"""Files of several formats -> one kind of reading. The content decides the format, not the name.

Parsers are pure: no Django, no settings. They run in the disposable child of documents/isolation.
"""

import re
from pathlib import Path
from typing import Protocol

from waymark.core.errors import FileRefused
from waymark.documents.parsers import docx, html, pdf, plain
from waymark.documents.reading.values import MIB, ReadingLimits, ReadReport

HEAD = 4_096
HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|h[1-6]|"
    rb"p|div|article|section|main)[\s>/]",
    re.IGNORECASE | re.DOTALL,
)
SAVE_AS = "Save it as PDF or DOCX and upload that"
RECOGNISE = "Run text recognition (OCR) on it and upload the result"
FOREIGN = {
    b"\xd0\xcf\x11\xe0": ("is an old or locked Office document", SAVE_AS),
    b"{\\rtf": ("is an RTF document", SAVE_AS),
    b"\x89PNG": ("is an image", RECOGNISE),
    b"\xff\xd8\xff": ("is an image", RECOGNISE),
    b"II*\x00": ("is an image", RECOGNISE),
    b"MM\x00*": ("is an image", RECOGNISE),
    b"\x1f\x8b": ("is a compressed archive", "Unpack it and upload the files"),
}


class ReportParser(Protocol):
    """Signature of the function that reads one format."""

    def __call__(self, path: Path, file_name: str, limits: ReadingLimits) -> ReadReport:
        """Read a file of this format. Raises FileRefused with the reason and the remedy."""


def read_file(path: Path, file_name: str, limits: ReadingLimits) -> ReadReport:
    """Read a file with the parser for its content. Raises FileRefused."""
    size = path.stat().st_size
    if size == 0:
        raise FileRefused(file_name, "is empty", "Check where it came from and upload it again")
    if size > limits.file_size:
        raise FileRefused(
            file_name,
            f"is {size / MIB:,.0f} MiB; the limit is {limits.file_size // MIB:,} MiB",
            "Split it, or raise WAYMARK_MAX_UPLOAD_MIB",
        )
    with path.open("rb") as file:
        head = file.read(HEAD)
    return parser_for(head, file_name)(path, file_name, limits)


def parser_for(head: bytes, file_name: str) -> ReportParser:
    """The parser for a file that begins with head. Raises FileRefused for an unknown format."""
    # PDF readers accept a file whose mark is anywhere in its first 1,024 bytes.
    if b"%PDF-" in head[:1_024]:
        return pdf.read_pdf
    if head.startswith(b"PK"):
        return docx.read_docx
    for start, (reason, remedy) in FOREIGN.items():
        if head.startswith(start):
            raise FileRefused(file_name, reason, remedy)
    bare = head.removeprefix(b"\xef\xbb\xbf")
    if HTML_START.match(bare) or _is_wide_html(head):
        return html.read_html
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused(
            file_name,
            "is not a PDF, DOCX, HTML or text file",
            "Upload one of these; if its name says it is one, it may be damaged",
        )
    return plain.read_plain


def _is_wide_html(head: bytes) -> bool:
    """True if the file is HTML in UTF-16."""
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return bool(HTML_START.match(head[2:].decode(name, "ignore").encode()))
    return False
