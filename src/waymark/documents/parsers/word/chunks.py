"""Documents that a Word file has inserted in it as they are: web pages, texts, Word files."""

from collections.abc import Iterator

from waymark.core.errors import FileRefused
from waymark.documents.parsers import html, plain, sniff
from waymark.documents.parsers.charset import declared_encoding, decode_text
from waymark.documents.parsers.flow import FlowPiece
from waymark.documents.parsers.word.findings import WordFindings
from waymark.documents.parsers.word.headings import WordParagraph
from waymark.documents.reading.headings import JOINT
from waymark.documents.reading.values import ReadReport

TEXTS = frozenset({"htm", "html", "xhtml", "txt"})


def text_chunk(name: str, content: bytes, findings: WordFindings) -> list[WordParagraph]:
    """The paragraphs of an inserted web page or text; none, and a warning, for other formats."""
    if name.rpartition(".")[2].lower() not in TEXTS or content.startswith(b"PK"):
        findings.unread += 1
        return []
    file_name, limits = findings.bounds.file_name, findings.bounds.limits
    text, _ = decode_text(content, file_name, declared=declared_encoding(content))
    if not sniff.is_html(sniff.plain_head(content)):
        return list(_as_paragraphs(plain.pieces_of(text), findings))
    try:
        page = html.report_of_page(
            text, file_name, limits, media_type="", extractor="", warnings=[]
        )
    except FileRefused as refusal:
        if refusal.reason == "has no text":
            return []
        raise
    for place in page.hidden:
        findings.bounds.count_hidden()
        findings.hidden.append(place)
    return list(_as_paragraphs(_pieces_of_page(page), findings))


def _pieces_of_page(page: ReadReport) -> Iterator[FlowPiece]:
    for passage in page.passages:
        # A heading is as deep as the path above it: "Facts > School" has two above.
        above = passage.heading.count(JOINT) + 1 if passage.heading else 0
        level = above + 1 if passage.kind == "heading" else 0
        yield FlowPiece(page.text[passage.start : passage.end], passage.kind, level)


def _as_paragraphs(pieces: Iterator[FlowPiece], findings: WordFindings) -> Iterator[WordParagraph]:
    for piece in pieces:
        findings.bounds.count(piece.text)
        yield WordParagraph(piece.text, piece.kind, piece.level or None, may_head=False)
