"""Read the XML of a REFI-QDA project or codebook into values, element by element.

Names are compared without their namespace: programs have written several for version 1.0. Where
the XML breaks the schema is reported, and what can be read is read.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from lxml import etree

from waymark.core.errors import FileRefused
from waymark.documents.reading.qda_values import (
    QdaCase,
    QdaCode,
    QdaCodeSet,
    QdaCoding,
    QdaNote,
    QdaProject,
    QdaRegion,
    QdaSelection,
    QdaSource,
    QdaText,
    QdaUser,
    QdaVariable,
)

Element = etree._Element
Value = TypeVar("Value")
SCHEMAS = Path(__file__).parent / "schemas"
SCHEMA_FILES = {"Project": "Project.xsd", "CodeBook": "Codebook.xsd"}
SOURCES = {"TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource"}
OTHER_SELECTIONS = {"PictureSelection", "AudioSelection", "VideoSelection", "TranscriptSelection"}
NOT_READ = ("Link", "Graph")
TEXT_PATHS = ("plainTextPath", "richTextPath")
CORNERS = ("firstX", "firstY", "secondX", "secondY")
MOST_FAULTS = 10
MOST_ITEMS = 500_000
LONGEST_LABEL = 1_000
REMEDY = "Export it again from your program as REFI-QDA"


class SourceFiles(ABC):
    """The source files of a project, by their path in its description."""

    @abstractmethod
    def text(self, path: str) -> tuple[QdaText | None, str]:
        """The plain text of a file, or why there is none."""

    @abstractmethod
    def digest(self, path: str) -> str:
        """SHA-256 of a file, "" if there is none."""


@cache
def qda_schema(root: str) -> etree.XMLSchema:
    """The REFI-QDA schema 1.0 of a root element, Project or CodeBook."""
    return etree.XMLSchema(etree.parse(SCHEMAS / SCHEMA_FILES[root]))


def schema_faults(root: Element) -> tuple[str, ...]:
    """Where an XML breaks the schema of REFI-QDA, the first of them."""
    schema = qda_schema(_name(root))
    if schema.validate(root):
        return ()
    # Messages repeat the namespace with every name.
    namespace = f"{{{etree.QName(root).namespace}}}"
    messages = (f"line {fault.line}: {fault.message}" for fault in schema.error_log)
    return tuple(dict.fromkeys(message.replace(namespace, "") for message in messages))[
        :MOST_FAULTS
    ]


class ProjectReader:
    """Reader of one description. entry: its name in the package."""

    def __init__(self, root: Element, file_name: str, entry: str, files: SourceFiles) -> None:
        self.root, self.file_name, self.entry, self.files = root, file_name, entry, files
        if _name(root) not in SCHEMA_FILES:
            raise FileRefused(file_name, "is not a REFI-QDA project or codebook", REMEDY)

    def read(self) -> QdaProject:
        """All values of the description."""
        root, is_project = self.root, _name(self.root) == "Project"
        counts = Counter(_name(element) for element in root.iter(etree.Element))
        if counts.total() > MOST_ITEMS:
            reason = f"has more than {MOST_ITEMS:,} elements"
            raise FileRefused(self.file_name, reason, "Export parts of the project")
        codebook = _child(root, "CodeBook") if is_project else root
        return QdaProject(
            kind="project" if is_project else "codebook",
            name=_label(root),
            origin=root.get("origin", "")[:LONGEST_LABEL],
            entry=self.entry,
            users=self._all("Users", "User", _user),
            codes=tuple(_codes(_child(codebook, "Codes"))) if codebook is not None else (),
            sets=self._all("Sets", "Set", _code_set),
            variables=self._all("Variables", "Variable", _variable),
            cases=self._all("Cases", "Case", _case),
            sources=tuple(self._sources()),
            notes=self._all("Notes", "Note", self._note),
            left_out=tuple((name, counts[name]) for name in NOT_READ if counts[name]),
            faults=schema_faults(root),
        )

    def _all(self, group: str, name: str, read: Callable[[Element], Value]) -> tuple[Value, ...]:
        parent = _child(self.root, group)
        return tuple(read(element) for element in _children(parent, name))

    def _note(self, element: Element) -> QdaNote:
        text, _ = self._text(element)
        content = text.content if text else _text(element, "Description")
        user = _guid(element.get("creatingUser"))
        return QdaNote(_guid(element.get("guid")), _label(element), content, user)

    def _text(self, element: Element) -> tuple[QdaText | None, str]:
        """The plain text of a TextSource, a Representation or a Note."""
        content = _child(element, "PlainTextContent")
        if content is not None:
            return QdaText("".join(content.itertext())), ""
        path = element.get("plainTextPath", "")
        return self.files.text(path) if path else (None, "it has no text")

    def _sources(self) -> Iterator[QdaSource]:
        parent = _child(self.root, "Sources")
        for element in parent if parent is not None else ():
            if _name(element) in SOURCES:
                yield self._source(element)

    def _source(self, element: Element) -> QdaSource:
        # The text of a PDF is in its Representation, with selections of its own.
        texts = [element] if _name(element) == "TextSource" else []
        texts += _children(element, "Representation") + _children(element, "TextDescription")
        text, problem = self._text(texts[0]) if texts else (None, "it has no text")
        paths = [element.get("path", "")]
        paths += [part.get(name, "") for part in texts for name in TEXT_PATHS]
        hashes = [self.files.digest(path) for path in paths if path]
        selections = [part for source in texts for part in _children(source, "PlainTextSelection")]
        others = sum(_name(part) in OTHER_SELECTIONS for part in element.iter(etree.Element))
        codings = [coding for part in {element, *texts} for coding in _codings(part)]
        return QdaSource(
            guid=_guid(element.get("guid")),
            name=_label(element),
            kind=_name(element),
            text=text,
            hashes=tuple(filter(None, hashes)),
            selections=tuple(_selection(part) for part in selections),
            regions=tuple(_region(part) for part in _children(element, "PDFSelection")),
            codings=tuple(codings),
            other_selections=others,
            problem=problem,
        )


# ---- elements ----


def _name(element: Element) -> str:
    return etree.QName(element).localname


def _children(parent: Element | None, name: str) -> list[Element]:
    if parent is None:
        return []
    return [child for child in parent if isinstance(child.tag, str) and _name(child) == name]


def _child(parent: Element | None, name: str) -> Element | None:
    return next(iter(_children(parent, name)), None)


def _text(parent: Element, name: str) -> str:
    child = _child(parent, name)
    return "" if child is None else "".join(child.itertext())


def _label(element: Element) -> str:
    """The name of an element, as far as anybody reads it."""
    return element.get("name", "")[:LONGEST_LABEL]


def _guid(written: str | None) -> str:
    """A GUID in upper case without braces: programs write both forms."""
    return (written or "").strip().strip("{}").upper()


def _integer(written: str | None, otherwise: int = -1) -> int:
    """A number as written; anything else, or one of more than 12 digits, is none."""
    text = (written or "").strip()
    plain = text.removeprefix("-")
    return int(text) if plain.isascii() and plain.isdigit() and len(plain) <= 12 else otherwise


def _refs(parent: Element, name: str) -> tuple[str, ...]:
    return tuple(_guid(child.get("targetGUID")) for child in _children(parent, name))


def _user(element: Element) -> QdaUser:
    return QdaUser(_guid(element.get("guid")), element.get("name") or element.get("id") or "")


def _codes(parent: Element | None, above: str = "") -> Iterator[QdaCode]:
    """The codes of a tree, each before those under it; the parser bounds its depth."""
    for element in _children(parent, "Code"):
        guid = _guid(element.get("guid"))
        yield QdaCode(
            guid=guid,
            name=_label(element),
            parent=above,
            description=_text(element, "Description"),
            is_codable=element.get("isCodable", "true").strip() in {"true", "1"},
            color=element.get("color", ""),
            notes=_refs(element, "NoteRef"),
        )
        yield from _codes(element, guid)


def _code_set(element: Element) -> QdaCodeSet:
    # In a codebook the member has a guid, in a project a targetGUID.
    members = [
        _guid(member.get("targetGUID") or member.get("guid"))
        for member in _children(element, "MemberCode")
    ]
    return QdaCodeSet(_guid(element.get("guid")), _label(element), tuple(members))


def _variable(element: Element) -> QdaVariable:
    return QdaVariable(
        _guid(element.get("guid")),
        _label(element),
        element.get("typeOfVariable", ""),
        _text(element, "Description"),
    )


def _case(element: Element) -> QdaCase:
    return QdaCase(
        _guid(element.get("guid")),
        _label(element),
        _text(element, "Description"),
        tuple(_values(element)),
        _refs(element, "SourceRef"),
        _refs(element, "SelectionRef"),
    )


def _values(element: Element) -> Iterator[tuple[str, str]]:
    for value in _children(element, "VariableValue"):
        parts = [part for part in value if isinstance(part.tag, str)]
        written = [part for part in parts if _name(part).endswith("Value")]
        references = _refs(value, "VariableRef")
        if references and written:
            yield references[0], "".join(written[0].itertext())


def _codings(element: Element) -> Iterator[QdaCoding]:
    for coding in _children(element, "Coding"):
        codes = _refs(coding, "CodeRef")
        yield QdaCoding(
            _guid(coding.get("guid")),
            codes[0] if codes else "",
            _guid(coding.get("creatingUser")),
            coding.get("creationDateTime", ""),
            _refs(coding, "NoteRef"),
        )


def _selection(element: Element) -> QdaSelection:
    return QdaSelection(
        guid=_guid(element.get("guid")),
        name=element.get("name", ""),
        start=_integer(element.get("startPosition")),
        end=_integer(element.get("endPosition")),
        description=_text(element, "Description"),
        user=_guid(element.get("creatingUser")),
        codings=tuple(_codings(element)),
        notes=_refs(element, "NoteRef"),
    )


def _region(element: Element) -> QdaRegion:
    corners = [_integer(element.get(name), 0) for name in CORNERS]
    text = _child(element, "Representation")
    return QdaRegion(
        guid=_guid(element.get("guid")),
        name=element.get("name", ""),
        page=_integer(element.get("page")),
        corners=(corners[0], corners[1], corners[2], corners[3]),
        words=_text(text, "PlainTextContent") if text is not None else "",
        description=_text(element, "Description"),
        user=_guid(element.get("creatingUser")),
        codings=tuple(_codings(element)),
        notes=_refs(element, "NoteRef"),
    )
