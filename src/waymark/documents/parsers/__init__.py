"""Files of several formats -> one kind of reading. The content decides the format, not the name.

Parsers are pure: no Django, no settings. They run in the disposable child of documents/isolation.
"""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from waymark.core.errors import FileRefused
from waymark.documents.parsers import docx, html, mail, markdown, opendocument, pdf, plain, sniff
from waymark.documents.parsers.charset import wide_encoding
from waymark.documents.parsers.packages import refuse_other_package
from waymark.documents.parsers.properties import with_properties
from waymark.documents.reading.values import MIB, ReadingLimits, ReadReport

HEAD = 16_384
# Media type -> its name, and the endings of names that fit it. A name that says something else is
# worth a warning: a text called report.pdf may be an error page that was downloaded in its place.
ENDINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    pdf.MEDIA_TYPE: ("a PDF", (".pdf",)),
    docx.MEDIA_TYPE: ("a Word document (DOCX)", (".docx", ".docm", ".dotx")),
    opendocument.MEDIA_TYPE: ("an OpenDocument text (ODT)", (".odt", ".ott")),
    html.MEDIA_TYPE: ("a web page (HTML)", (".html", ".htm", ".xhtml", ".shtml", ".xht")),
    mail.MAIL: ("an email", (".eml",)),
    mail.WEB_ARCHIVE: ("a saved web page (MHTML)", (".mht", ".mhtml", ".eml")),
    markdown.MEDIA_TYPE: ("a Markdown text", (".md", ".markdown", ".txt", ".text")),
    plain.MEDIA_TYPE: ("plain text", (".txt", ".text", ".md", ".markdown", ".asc")),
}
KNOWN_ENDINGS = frozenset(
    {
        *(ending for _, endings in ENDINGS.values() for ending in endings),
        *(".doc", ".rtf", ".pages", ".wpd", ".xls", ".xlsx", ".ppt", ".pptx", ".odp", ".ods"),
        *(".msg", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".zip", ".xml", ".epub"),
    }
)


class ReportParser(Protocol):
    """Signature of the function that reads one format."""

    def __call__(self, path: Path, file_name: str, limits: ReadingLimits) -> ReadReport:
        """Read a file of this format. Raises FileRefused with the reason and the remedy."""


class TextParser(Protocol):
    """Signature of the function that reads one format of text."""

    def __call__(
        self, path: Path, file_name: str, limits: ReadingLimits, encoding: str = ""
    ) -> ReadReport:
        """Read a file as above. encoding: that a person names; "" to find it by the content."""


TEXT_PARSERS: tuple[TextParser, ...] = (
    html.read_html,
    mail.read_mail,
    markdown.read_markdown,
    plain.read_plain,
)


def read_file(path: Path, file_name: str, limits: ReadingLimits, encoding: str = "") -> ReadReport:
    """Read a file with the parser for its content. Raises FileRefused.

    encoding: of a text, as a person names it; "" to find it by the content.
    """
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
    parser = parser_for(head, file_name, encoding)
    if parser is docx.read_docx:
        refuse_other_package(path, file_name)
    for text_parser in TEXT_PARSERS:
        if parser is text_parser:
            report = text_parser(path, file_name, limits, encoding)
            break
    else:
        report = parser(path, file_name, limits)
    return _with_name_warning(with_properties(report, path), file_name)


def parser_for(head: bytes, file_name: str, encoding: str = "") -> ReportParser:
    """The parser for a file that begins with head. Raises FileRefused for an unknown format.

    encoding: as a person names it: then zeros do not mean that the file is no text.
    """
    # PDF readers accept a file whose mark is anywhere in its first 1,024 bytes.
    if b"%PDF-" in head[:1_024]:
        return pdf.read_pdf
    if head.startswith(b"PK"):
        return opendocument.read_odt if opendocument.is_open_document(head) else docx.read_docx
    for start, (reason, remedy) in sniff.FOREIGN.items():
        if head.startswith(start):
            raise FileRefused(file_name, reason, remedy)
    if b"\x00" in head and not (encoding or wide_encoding(head) or head.startswith(WIDE_MARKS)):
        raise FileRefused(file_name, *sniff.UNKNOWN)
    return _text_parser(sniff.plain_head(head), file_name)


WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def _text_parser(head: bytes, file_name: str) -> ReportParser:
    """The parser for a text that begins with head. Raises FileRefused for one that is no report."""
    if sniff.is_mail(head, file_name):
        return mail.read_mail
    if markdown.is_named(head, file_name):
        return markdown.read_markdown
    if sniff.is_html(head):
        return html.read_html
    if kind := sniff.other_data(head, file_name):
        raise FileRefused(file_name, f"is {kind}", sniff.DATA)
    if markdown.is_markdown(head):
        return markdown.read_markdown
    return plain.read_plain


def _with_name_warning(report: ReadReport, file_name: str) -> ReadReport:
    """The report, with a warning if the name of its file says that it is something else."""
    ending = f".{file_name.lower().rpartition('.')[2]}"
    kind, endings = ENDINGS[report.media_type]
    if ending in endings or ending not in KNOWN_ENDINGS:
        return report
    warning = f"the file is {kind}, although its name ends in {ending}"
    if report.media_type in {html.MEDIA_TYPE, plain.MEDIA_TYPE}:
        warning += ": check that it is the report and not a page that was saved in its place"
    return replace(report, warnings=(warning, *report.warnings))
