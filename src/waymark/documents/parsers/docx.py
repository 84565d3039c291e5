"""DOCX -> a report, as Word shows and prints it in its final view, numbers of lists included.

The file is read by its own format, WordprocessingML, in one walk: docx_package opens it,
docx_story walks, docx_inline, docx_tables and docx_drawings read what it meets, docx_numbering
counts, docx_headings finds the headings, docx_hidden judges what nobody sees.
"""

import io
from collections.abc import Callable
from pathlib import Path

from waymark.core.errors import FileRefused
from waymark.documents.parsers.colours import WHITE, Colour
from waymark.documents.parsers.flow import flowing_report, tidy_text
from waymark.documents.parsers.packages import HOSTILE, opened_archive
from waymark.documents.parsers.word.chunks import text_chunk
from waymark.documents.parsers.word.findings import NOT_CITED, TextBounds, WordFindings
from waymark.documents.parsers.word.headings import HeadingStyles, WordParagraph, flow_pieces
from waymark.documents.parsers.word.hidden import Place, VisibilityRules
from waymark.documents.parsers.word.names import Element, W, is_on
from waymark.documents.parsers.word.notes import USUAL_FORMAT, Notes
from waymark.documents.parsers.word.numbering import Numbering
from waymark.documents.parsers.word.package import WordPackage
from waymark.documents.parsers.word.shapes import page_size
from waymark.documents.parsers.word.story import StoryReader, WordDocument
from waymark.documents.parsers.word.styles import Palette, WordStyles
from waymark.documents.parsers.word.walk import HANDLERS
from waymark.documents.reading.values import ReadingLimits, ReadReport, shown_title

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXTRACTOR = "waymark-docx/3"
DC = "{http://purl.org/dc/elements/1.1/}"
DEEPEST = 2  # Word documents inserted within each other


def read_docx(path: Path, file_name: str, limits: ReadingLimits) -> ReadReport:
    """Read a DOCX file. Raises FileRefused."""
    findings = WordFindings(TextBounds(file_name, limits))
    try:
        with opened_archive(path, file_name) as archive:
            package = WordPackage(archive, file_name, limits)
            paragraphs = _read_package(package, findings, file_name, limits, depth=1)
            stated = _stated_title(package)
    except RecursionError as error:
        raise FileRefused(file_name, "has parts nested too deep to read", HOSTILE) from error
    pieces, title = flow_pieces(paragraphs)
    text = " ".join(piece.text for piece in pieces)
    findings.settle(text)
    return flowing_report(
        pieces,
        file_name=file_name,
        media_type=MEDIA_TYPE,
        extractor=EXTRACTOR,
        title=shown_title(stated, text) or title,
        hidden=list(dict.fromkeys(findings.hidden)),
        warnings=[*findings.warnings()],
    )


def _read_package(
    package: WordPackage,
    findings: WordFindings,
    file_name: str,
    limits: ReadingLimits,
    *,
    depth: int,
) -> list[WordParagraph]:
    """The paragraphs of a Word file, or of one inserted in another."""
    root = package.document()
    settings = package.related("settings")
    palette = Palette(package.related("theme"), settings)
    styles, page = WordStyles(package.related("styles")), page_size(root)
    document = WordDocument(
        package=package,
        styles=styles,
        numbering=Numbering(package.related("numbering"), styles.linked_lists()),
        rules=VisibilityRules(styles, palette, page),
        headings=HeadingStyles(styles),
        notes=Notes({kind: package.related(f"{kind}s") for kind in USUAL_FORMAT}, settings, root),
        page=page,
        findings=findings,
        handlers=HANDLERS,
        read_chunk=_chunk_reader(findings, file_name, limits, depth),
    )
    place = Place(ground=_page_colour(root, settings, palette))
    story = StoryReader(document, package.main, document.numbering)
    paragraphs = story.read(root, place)
    for note in document.notes.uncited():
        story.read(note, Place(hidden=NOT_CITED))
    _read_around(document)
    return paragraphs


def _page_colour(root: Element, settings: Element | None, palette: Palette) -> Colour:
    """The colour of the pages, where the document shows it."""
    background = root.find(f"{W}background")
    is_displayed = settings is not None and is_on(settings.find(f"{W}displayBackgroundShape"))
    colour = palette.colour(background, "color", "themeColor") if background is not None else None
    return colour if is_displayed and colour is not None else WHITE


def _read_around(document: WordDocument) -> None:
    """Note what is not in the text: running lines, comments, embedded files."""
    package, findings = document.package, document.findings
    for kind, name in dict.fromkeys(package.relations(package.main).values()):
        if kind in {"header", "footer"} and (root := package.part(name)) is not None:
            story = StoryReader(document, name, document.numbering.restarted())
            findings.running += len(story.read(root, Place()))
    findings.note_comments(package.related("comments"))
    findings.embedded += len(package.names("embeddings"))


def _chunk_reader(
    findings: WordFindings, file_name: str, limits: ReadingLimits, depth: int
) -> Callable[[str, bytes], list[WordParagraph]]:
    """A function that reads an inserted document."""

    def read_chunk(name: str, content: bytes) -> list[WordParagraph]:
        if not content.startswith(b"PK") or depth >= DEEPEST:
            return text_chunk(name, content, findings)
        with opened_archive(io.BytesIO(content), file_name) as archive:
            package = WordPackage(archive, file_name, limits)
            return _read_package(package, findings, file_name, limits, depth=depth + 1)

    return read_chunk


def _stated_title(package: WordPackage) -> str:
    """The title in the document's properties; "" if there is none."""
    root = package.part("docProps/core.xml")
    return tidy_text(root.findtext(f"{DC}title") or "") if root is not None else ""
