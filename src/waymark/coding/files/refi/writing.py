"""Write a project or a codebook of REFI-QDA: valid by its schema, the same values the same bytes.

Positions are code points from 0, the end not included, as the standard asks. Line breaks stay as
they are in the text.
"""

import io
import zipfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from lxml import etree

from waymark.coding.files.refi.guids import qda_guid
from waymark.documents.reading.qda_values import (
    QdaCase,
    QdaCode,
    QdaCoding,
    QdaNote,
    QdaProject,
    QdaSelection,
    QdaSource,
)

PROJECT = "urn:QDA-XML:project:1.0"
CODEBOOK = "urn:QDA-XML:codebook:1.0"
SCHEMA_PLACE = "http://schema.qdasoftware.org/versions/{0}/v1.0/{0}.xsd"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
LONGEST_NAME = 100
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The moment of every entry, so that the bytes do not depend on the clock."""
Element = etree._Element


def printable(text: str) -> str:
    """The text without the characters that XML cannot contain."""
    return "".join(character for character in text if _is_printable(ord(character)))


def _is_printable(point: int) -> bool:
    if point < 0x20:
        return point in {0x9, 0xA, 0xD}
    return not (0xD800 <= point <= 0xDFFF or point in {0xFFFE, 0xFFFF})


def selection_name(words: str) -> str:
    """Name of a selection: its words, cut at 100 characters."""
    name = " ".join(printable(words).split())
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME].rstrip()}…"


def codebook_file(project: QdaProject) -> bytes:
    """Bytes of a codebook (.qdc). Notes of codes are not in this format."""
    root = _root("CodeBook", CODEBOOK, "Codebook")
    root.set("origin", printable(project.origin))
    writer = _Writer(CODEBOOK, has_notes=False)
    writer.codes(root, project.codes)
    if project.sets:
        parent = writer.child(root, "Sets")
        for group in project.sets:
            element = writer.child(parent, "Set", guid=group.guid, name=printable(group.name))
            for code in group.codes:
                writer.child(element, "MemberCode", guid=code)
    return _bytes_of(root)


def project_package(
    project: QdaProject, *, moment: str, originals: Mapping[str, Callable[[], bytes]] | None = None
) -> bytes:
    """Bytes of a project (.qdpx) with the plain texts of its sources. moment: as in XML.

    originals: GUID of a source -> reads its PDF file, which the package then contains.
    """
    files = originals or {}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "project.qde", project_xml(project, moment=moment, pdfs=files.keys()))
        for source in project.sources:
            if source.text is not None:
                _add(archive, f"sources/{source.guid}.txt", source.text.content.encode("utf-8"))
            if source.guid in files:
                _add(archive, f"sources/{source.guid}.pdf", files[source.guid]())
    return out.getvalue()


def project_xml(project: QdaProject, *, moment: str, pdfs: Collection[str] = ()) -> bytes:
    """The description of a project. pdfs: GUIDs of sources whose file the package contains."""
    root = _root("Project", PROJECT, "Project")
    root.set("name", printable(project.name))
    root.set("origin", printable(project.origin))
    root.set("creationDateTime", moment)
    writer = _Writer(PROJECT, pdfs=pdfs)
    if project.users:
        root.set("creatingUserGUID", project.users[0].guid)
        users = writer.child(root, "Users")
        for user in project.users:
            writer.child(users, "User", guid=user.guid, name=printable(user.name))
    if project.codes:
        writer.codes(writer.child(root, "CodeBook"), project.codes)
    writer.variables(root, project)
    writer.group(root, "Cases", project.cases, writer.case)
    writer.group(root, "Sources", project.sources, writer.source)
    writer.group(root, "Notes", project.notes, writer.note)
    return _bytes_of(root)


def _root(name: str, namespace: str, schema: str) -> Element:
    root = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace, "xsi": INSTANCE})
    place = f"{namespace} {SCHEMA_PLACE.format(schema)}"
    root.set(f"{{{INSTANCE}}}schemaLocation", place)
    return root


def _bytes_of(root: Element) -> bytes:
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=EARLIEST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


class _Writer:
    """Elements of one namespace."""

    def __init__(
        self, namespace: str, *, has_notes: bool = True, pdfs: Collection[str] = ()
    ) -> None:
        self.namespace, self.has_notes, self.pdfs = namespace, has_notes, pdfs

    def child(self, parent: Element, tag: str, /, **values: str) -> Element:
        """Add an element with the attributes that are not empty."""
        element = etree.SubElement(parent, f"{{{self.namespace}}}{tag}")
        for attribute, value in values.items():
            if value or attribute == "name":
                element.set(attribute, value)
        return element

    def text(self, parent: Element, name: str, content: str) -> None:
        """Add an element with a text, none for "" but as a value."""
        if content or name.endswith("Value"):
            self.child(parent, name).text = printable(content)

    def group(self, root: Element, name: str, rows: Sequence[object], write: object) -> None:
        """Add a group element with one element for each row; none for no rows."""
        if rows and callable(write):
            parent = self.child(root, name)
            for row in rows:
                write(parent, row)

    def refs(self, parent: Element, name: str, targets: Iterable[str]) -> None:
        for target in targets:
            self.child(parent, name, targetGUID=target)

    def codes(self, parent: Element, codes: Sequence[QdaCode]) -> None:
        """The tree of codes, in the order given."""
        under: dict[str, list[QdaCode]] = defaultdict(list)
        for code in codes:
            under[code.parent].append(code)
        self._codes(self.child(parent, "Codes"), under, "")

    def _codes(self, parent: Element, under: dict[str, list[QdaCode]], above: str) -> None:
        for code in under.pop(above, ()):
            element = self.child(
                parent,
                "Code",
                guid=code.guid,
                name=printable(code.name),
                isCodable="true" if code.is_codable else "false",
                color=code.color,
            )
            self.text(element, "Description", code.description)
            if self.has_notes:
                self.refs(element, "NoteRef", code.notes)
            self._codes(element, under, code.guid)

    def variables(self, root: Element, project: QdaProject) -> None:
        """The variables; their types decide the elements of the values."""
        self._types = {variable.guid: variable.type for variable in project.variables}
        parent = self.child(root, "Variables") if project.variables else root
        for variable in project.variables:
            element = self.child(
                parent,
                "Variable",
                guid=variable.guid,
                name=printable(variable.name),
                typeOfVariable=variable.type,
            )
            self.text(element, "Description", variable.description)

    def case(self, parent: Element, case: QdaCase) -> None:
        element = self.child(parent, "Case", guid=case.guid, name=printable(case.name))
        self.text(element, "Description", case.description)
        for variable, value in case.values:
            holder = self.child(element, "VariableValue")
            self.child(holder, "VariableRef", targetGUID=variable)
            self.text(holder, f"{self._types[variable]}Value", value)
        self.refs(element, "SourceRef", case.sources)
        self.refs(element, "SelectionRef", case.selections)

    def source(self, parent: Element, source: QdaSource) -> None:
        name, text = printable(source.name), f"internal://{source.guid}.txt"
        if source.guid in self.pdfs:
            # The text of a PDF, with its selections, is in its representation.
            file = f"internal://{source.guid}.pdf"
            pdf = self.child(parent, "PDFSource", guid=source.guid, name=name, path=file)
            guid = qda_guid("representation", source.guid)
            element = self.child(pdf, "Representation", guid=guid, name=name, plainTextPath=text)
        else:
            element = self.child(
                parent, "TextSource", guid=source.guid, name=name, plainTextPath=text
            )
        for selection in source.selections:
            self._selection(element, selection)

    def _selection(self, parent: Element, selection: QdaSelection) -> None:
        element = self.child(
            parent,
            "PlainTextSelection",
            guid=selection.guid,
            name=selection_name(selection.name),
            startPosition=str(selection.start),
            endPosition=str(selection.end),
            creatingUser=selection.user,
        )
        self.text(element, "Description", selection.description)
        for coding in selection.codings:
            self._coding(element, coding)
        self.refs(element, "NoteRef", selection.notes)

    def _coding(self, parent: Element, coding: QdaCoding) -> None:
        element = self.child(
            parent,
            "Coding",
            guid=coding.guid,
            creatingUser=coding.user,
            creationDateTime=coding.at,
        )
        self.child(element, "CodeRef", targetGUID=coding.code)
        self.refs(element, "NoteRef", coding.notes)

    def note(self, parent: Element, note: QdaNote) -> None:
        element = self.child(
            parent, "Note", guid=note.guid, name=printable(note.name), creatingUser=note.user
        )
        self.text(element, "PlainTextContent", note.text)
