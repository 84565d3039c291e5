"""DOCX -> a report, in the final view: insertions are kept, deletions and hidden text are not.

The zip is checked before anything is unpacked; every XML part is parsed with DTDs forbidden; then
deletions and hidden runs are cut out and mammoth makes HTML of the rest.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, tostring

import mammoth
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from waymark.core.errors import FileRefused
from waymark.documents.parsers import html
from waymark.documents.parsers.docx_hidden import StyleSheet, W, hidden_runs
from waymark.documents.parsers.flow import flowing_report, tidy_text
from waymark.documents.reading.values import (
    COMMENT,
    DELETED,
    MIB,
    ConcealedText,
    ReadingLimits,
    ReadReport,
    hidden_warnings,
    shown_title,
)

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXTRACTOR = "waymark-docx/2"
MOST_ENTRIES = 2_000
MOST_UNPACKED = 256 * MIB
MOST_RATIO = 200
SMALL = MIB  # bytes unpacked: below this, any ratio is harmless
CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
DC = "{http://purl.org/dc/elements/1.1/}"
DOCUMENT = "word/document.xml"
STYLE_SHEET = "word/styles.xml"
TEXTS = re.compile(r"word/(?:document|footnotes|endnotes|header\d*|footer\d*)\.xml")
DELETIONS = frozenset({f"{W}del", f"{W}moveFrom"})
INSERTIONS = frozenset({f"{W}ins", f"{W}moveTo"})
DELETED_PARTS = {f"{W}tr": f"{W}trPr/{W}del", f"{W}tc": f"{W}tcPr/{W}cellDel"}
WAS_DELETED = "it was deleted while Word tracked changes"
IN_COMMENT = "it is a comment"
HOSTILE = "Ask for another copy: this file may be malicious, or is badly damaged"
STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
comment-reference =>
"""


@dataclass(slots=True)
class _WordFindings:
    """Findings for the staff: counts of changes and comments, hidden text, and their authors."""

    insertions: int = 0
    deletions: int = 0
    comments: int = 0
    hidden: list[ConcealedText] = field(default_factory=list)
    people: set[str] = field(default_factory=set)

    def conceal(self, words: Iterable[str], why: str, kind: str) -> None:
        """Record hidden text if it has any words."""
        text = tidy_text("".join(words))
        if any(map(str.isalnum, text)):
            self.hidden.append(ConcealedText(1, text, why, kind))

    def warnings(self) -> Iterator[str]:
        if self.insertions or self.deletions:
            yield (
                f"tracked changes: {self.insertions} insertions kept, "
                f"{self.deletions} deletions left out"
            )
        if self.comments:
            yield f"{self.comments} comments left out"
        yield from hidden_warnings(self.hidden)
        if self.people:
            yield (
                f"the file names {len(self.people)} people who changed it or commented on it: "
                "remove the names before you share it"
            )


def read_docx(path: Path, file_name: str, limits: ReadingLimits) -> ReadReport:
    """Read a DOCX file. Raises FileRefused."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(archive, file_name, limits)
            findings = _WordFindings()
            cleaned = _cleaned_copy(archive, file_name, findings)
            title = _stated_title(archive)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        # zipfile raises the last two for unknown compression methods and encrypted entries.
        raise FileRefused(file_name, "is damaged or locked", "Ask for another copy") from error
    except (DefusedXmlException, ParseError, UnicodeDecodeError) as error:
        raise FileRefused(file_name, "has parts that are not sound XML", HOSTILE) from error
    # mammoth knows lists, headings and tables of Word; images are dropped, because only text is
    # read.
    markup = mammoth.convert_to_html(cleaned, style_map=STYLES, convert_image=_no_image).value
    pieces, _ = html.pieces_of(f"<body>{markup}</body>", file_name, [])
    return flowing_report(
        pieces,
        file_name=file_name,
        media_type=MEDIA_TYPE,
        extractor=EXTRACTOR,
        title=shown_title(title, " ".join(piece.text for piece in pieces)),
        hidden=list(dict.fromkeys(findings.hidden)),  # Word writes text boxes twice
        warnings=[*findings.warnings()],
    )


def _no_image(_: object) -> list[object]:
    return []


def _check_archive(archive: zipfile.ZipFile, file_name: str, limits: ReadingLimits) -> None:
    """Check the zip's own list before unpacking: number, names and sizes of its entries."""
    # Example: an entry of 50 MiB stored in 100 KiB has a ratio of 512, over MOST_RATIO, and is
    # refused as a zip bomb.
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if DOCUMENT not in names:
        raise FileRefused(
            file_name, "is a ZIP archive but not a Word document", "Unpack it and upload the files"
        )
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


def _cleaned_copy(archive: zipfile.ZipFile, file_name: str, findings: _WordFindings) -> io.BytesIO:
    """A copy of the document without deletions and hidden words, for mammoth."""
    sheet = StyleSheet(_xml_part(archive, STYLE_SHEET))
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as target:
        for entry in archive.infolist():
            content = _unpack_entry(archive, entry, file_name)
            if entry.filename.endswith((".xml", ".rels")):
                root = fromstring(content, forbid_dtd=True)
                if TEXTS.fullmatch(entry.filename):
                    _clean_part(root, sheet, findings)
                    content = tostring(root, encoding="utf-8", xml_declaration=True)
                elif entry.filename == "word/comments.xml":
                    _note_comments(root, findings)
            elif not entry.filename.startswith("word/"):
                continue
            target.writestr(entry.filename, content)
    copy.seek(0)
    return copy


def _unpack_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file_name: str) -> bytes:
    """An entry's bytes; never more than the zip's list states."""
    with archive.open(entry) as part:
        content = part.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        raise FileRefused(file_name, "has a part that is larger than stated", HOSTILE)
    return content


def _xml_part(archive: zipfile.ZipFile, name: str) -> Element | None:
    if name not in archive.namelist():
        return None
    root: Element = fromstring(archive.read(name), forbid_dtd=True)
    return root


def _clean_part(root: Element, sheet: StyleSheet, findings: _WordFindings) -> None:
    """Cut deletions and hidden runs out of a part; moved-in words count as inserted."""
    # Example: <w:del><w:r><w:delText>Oak Road</w:delText></w:r></w:del> goes, and "Oak Road" is
    # noted as deleted text; <w:ins>...</w:ins> stays as if it had always been there.
    for parent in list(root.iter()):
        if parent.tag != f"{W}rPr":  # there, w:del marks the paragraph's end, not words
            for child in list(parent):
                _settle_change(parent, child, findings)
    runs = list(hidden_runs(root, sheet))
    for (_, kind, why), group in groupby(runs, key=lambda run: (run.paragraph, run.kind, run.why)):
        words: list[str] = []
        for hidden in group:
            words += _words_within(hidden.run)
            hidden.parent.remove(hidden.run)
        findings.conceal(words, why, kind)


def _words_within(element: Element) -> Iterator[str]:
    for part in element.iter():
        if part.tag in {f"{W}t", f"{W}delText"}:
            yield part.text or ""
        elif part.tag in {f"{W}tab", f"{W}br", f"{W}p"}:
            yield " "


def _settle_change(parent: Element, child: Element, findings: _WordFindings) -> None:
    """Accept one tracked change."""
    # Words are deleted by an element around them (w:del), rows and cells by a mark inside them
    # (w:trPr/w:del). In properties (w:rPr, w:pPr) the same names describe formatting.
    part = DELETED_PARTS.get(child.tag)
    if (child.tag in DELETIONS and not parent.tag.endswith("Pr")) or (
        part is not None and child.find(part) is not None
    ):
        findings.deletions += 1
        _note_people(child, findings)
        findings.conceal(_words_within(child), WAS_DELETED, DELETED)
        parent.remove(child)
    elif child.tag in INSERTIONS:
        findings.insertions += 1
        _note_people(child, findings)
        child.tag = f"{W}ins"  # mammoth does not know words that were moved


def _note_comments(root: Element, findings: _WordFindings) -> None:
    comments = root.findall(f"{W}comment")
    findings.comments = len(comments)
    _note_people(root, findings)
    for comment in comments:
        findings.conceal(_words_within(comment), IN_COMMENT, COMMENT)


def _note_people(root: Element, findings: _WordFindings) -> None:
    for element in root.iter():
        person = element.get(f"{W}author")
        if person:
            findings.people.add(person)


def _stated_title(archive: zipfile.ZipFile) -> str:
    """The title in the document's properties; "" if there is none."""
    root = _xml_part(archive, "docProps/core.xml")
    return tidy_text(root.findtext(f"{DC}title") or "") if root is not None else ""
