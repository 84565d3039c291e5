"""DOCX -> a report, in the final view: insertions are kept, deletions and hidden text are not.

The zip is checked before anything is unpacked; every XML part is parsed with DTDs forbidden; then
deletions and hidden runs are cut out and mammoth makes HTML of the rest.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, tostring

import mammoth
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from waymark.core.errors import Refused
from waymark.documents.parsers import html
from waymark.documents.parsers.flow import flowing_report, tidy
from waymark.documents.reading import MIB, Concealed, Limits, ReadReport

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXTRACTOR = "waymark-docx/1"
MOST_ENTRIES = 2_000
MOST_UNPACKED = 256 * MIB
MOST_RATIO = 200
SMALL = MIB  # an entry below this may be packed as tightly as it likes
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
DC = "{http://purl.org/dc/elements/1.1/}"
DOCUMENT = "word/document.xml"
TEXTS = (DOCUMENT, "word/footnotes.xml", "word/endnotes.xml")
DELETED = frozenset({f"{W}del", f"{W}moveFrom"})
INSERTED = frozenset({f"{W}ins", f"{W}moveTo"})
HOSTILE = "Ask for another copy; this file was made to do harm, or is badly damaged"
STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
comment-reference =>
"""


@dataclass(slots=True)
class _Found:
    """What a person should know of: counts of changes and comments, hidden words, who made them."""

    insertions: int = 0
    deletions: int = 0
    comments: int = 0
    hidden: list[str] = field(default_factory=list)
    people: set[str] = field(default_factory=set)

    def warnings(self) -> Iterator[str]:
        if self.insertions or self.deletions:
            yield (
                f"tracked changes: {self.insertions} insertions kept, "
                f"{self.deletions} deletions left out"
            )
        if self.comments:
            yield f"{self.comments} comments left out"
        if self.hidden:
            yield f"{len(self.hidden)} hidden parts were left out of the text"
        if self.people:
            yield (
                f"the file names {len(self.people)} people who changed it or commented on it: "
                "take the names out before you pass it on"
            )


def read(path: Path, file_name: str, limits: Limits, *, check_hidden: bool = False) -> ReadReport:
    """Read a DOCX file. Raises Refused. Hidden words are listed when check_hidden asks for them."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(archive, file_name, limits)
            found = _Found()
            cleaned = _cleaned(archive, file_name, found)
            title = _title(archive)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        # zipfile raises the last two for packings it does not know and for locked entries.
        raise Refused(file_name, "is damaged or locked", "Ask for another copy of it") from error
    except (DefusedXmlException, ParseError, UnicodeDecodeError) as error:
        raise Refused(file_name, "has parts that are not sound XML", HOSTILE) from error
    markup = mammoth.convert_to_html(cleaned, style_map=STYLES, convert_image=_no_image).value
    pieces, _ = html.pieces_of(f"<body>{markup}</body>", file_name, [])
    hidden = [Concealed(1, text, "it is formatted as hidden text") for text in found.hidden]
    return flowing_report(
        pieces,
        file_name=file_name,
        media_type=MEDIA_TYPE,
        extractor=EXTRACTOR,
        title=title,
        hidden=hidden if check_hidden else (),
        warnings=[*found.warnings()],
    )


def _no_image(_: object) -> list[object]:
    return []


def _check_archive(archive: zipfile.ZipFile, file_name: str, limits: Limits) -> None:
    """The zip's own list: number, names, sizes and packing of its entries."""
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if DOCUMENT not in names:
        raise Refused(
            file_name, "is a ZIP archive but not a Word document", "Unpack it and take in the files"
        )
    if len(entries) > MOST_ENTRIES:
        raise Refused(file_name, f"has {len(entries):,} parts", HOSTILE)
    if sum(entry.file_size for entry in entries) > min(MOST_UNPACKED, 2 * limits.inflated):
        raise Refused(file_name, "grows to more than 256 MiB when unpacked", HOSTILE)
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if entry.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
            raise Refused(file_name, "has a part with a dangerous name", HOSTILE)
        if entry.file_size > SMALL and entry.file_size > MOST_RATIO * entry.compress_size:
            raise Refused(file_name, "is packed more tightly than any real document", HOSTILE)


def _cleaned(archive: zipfile.ZipFile, file_name: str, found: _Found) -> io.BytesIO:
    """A copy of the document without deletions and hidden words, for mammoth."""
    concealing = _concealing_styles(archive)
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as target:
        for entry in archive.infolist():
            content = _unpacked(archive, entry, file_name)
            if entry.filename.endswith((".xml", ".rels")):
                root = fromstring(content, forbid_dtd=True)
                if entry.filename in TEXTS:
                    _clean(root, concealing, found)
                    content = tostring(root, encoding="utf-8", xml_declaration=True)
                elif entry.filename == "word/comments.xml":
                    found.comments = len(root.findall(f"{W}comment"))
                    _note_people(root, found)
            elif not entry.filename.startswith("word/"):
                continue
            target.writestr(entry.filename, content)
    copy.seek(0)
    return copy


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file_name: str) -> bytes:
    """An entry's bytes; never more than the zip's list promised."""
    with archive.open(entry) as part:
        content = part.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        raise Refused(file_name, "has a part that is larger than it says", HOSTILE)
    return content


def _concealing_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """Ids of the styles whose words are hidden, also by the style that they are based on."""
    if "word/styles.xml" not in archive.namelist():
        return frozenset()
    root = fromstring(archive.read("word/styles.xml"), forbid_dtd=True)
    own: dict[str, bool | None] = {}
    base: dict[str, str] = {}
    for style in root.iter(f"{W}style"):
        name = style.get(f"{W}styleId", "")
        own[name] = _vanishes(style.find(f"{W}rPr"))
        based = style.find(f"{W}basedOn")
        if based is not None:
            base[name] = based.get(f"{W}val", "")
    concealing = set()
    for name in own:
        at, seen = name, set()
        while own.get(at) is None and at in base and at not in seen:
            seen.add(at)
            at = base[at]
        if own.get(at):
            concealing.add(name)
    return frozenset(concealing)


def _vanishes(properties: Element | None) -> bool | None:
    """Whether run properties hide their words; None where they do not say."""
    mark = properties.find(f"{W}vanish") if properties is not None else None
    if mark is None:
        return None
    return mark.get(f"{W}val", "true").lower() not in {"0", "false", "off"}


def _clean(root: Element, concealing: frozenset[str], found: _Found) -> None:
    """Cut deletions and hidden runs out of a part; moved-in words count as inserted."""
    for parent in list(root.iter()):
        if parent.tag != f"{W}rPr":  # there the same names mark the paragraph's end, not words
            for child in list(parent):
                _settle_change(parent, child, found)
    for paragraph in list(root.iter(f"{W}p")):
        text = tidy("".join(_cut_hidden_runs(paragraph, concealing)))
        if text:
            found.hidden.append(text)


def _cut_hidden_runs(paragraph: Element, concealing: frozenset[str]) -> Iterator[str]:
    """Take the hidden runs out of a paragraph; yields their words."""
    styled = _style(paragraph, f"{W}pPr", f"{W}pStyle") in concealing
    for parent in list(paragraph.iter()):
        for run in parent.findall(f"{W}r"):
            if _is_hidden(run, concealing, in_hidden_style=styled):
                yield from (part.text or "" for part in run.iter(f"{W}t"))
                parent.remove(run)


def _settle_change(parent: Element, child: Element, found: _Found) -> None:
    """Accept one tracked change."""
    if child.tag in DELETED:
        found.deletions += 1
        _note_people(child, found)
        parent.remove(child)
    elif child.tag in INSERTED:
        found.insertions += 1
        _note_people(child, found)
        child.tag = f"{W}ins"  # mammoth does not know words that were moved


def _is_hidden(run: Element, concealing: frozenset[str], *, in_hidden_style: bool) -> bool:
    own = _vanishes(run.find(f"{W}rPr"))
    if own is not None:
        return own
    return in_hidden_style or _style(run, f"{W}rPr", f"{W}rStyle") in concealing


def _style(element: Element, properties: str, name: str) -> str:
    style = element.find(f"{properties}/{name}")
    return style.get(f"{W}val", "") if style is not None else ""


def _note_people(root: Element, found: _Found) -> None:
    for element in root.iter():
        person = element.get(f"{W}author")
        if person:
            found.people.add(person)


def _title(archive: zipfile.ZipFile) -> str:
    """The title among the document's properties, where there is one."""
    if "docProps/core.xml" not in archive.namelist():
        return ""
    return tidy(
        fromstring(archive.read("docProps/core.xml"), forbid_dtd=True).findtext(f"{DC}title") or ""
    )
