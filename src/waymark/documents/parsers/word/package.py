"""The parts of a Word file, by the relations between them."""

import posixpath
import zipfile
from urllib.parse import unquote

from waymark.core.errors import FileRefused
from waymark.documents.parsers.packages import CheckedPackage
from waymark.documents.parsers.word.names import Element, W
from waymark.documents.reading.values import ReadingLimits

DOCUMENT = "word/document.xml"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
UNPACK = "Unpack it and upload the files"
# "Strict Open XML" of Word has other namespaces for the same elements.
STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/math",
        b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    ),
    (
        b"http://purl.oclc.org/ooxml/drawingml/",
        b"http://schemas.openxmlformats.org/drawingml/2006/",
    ),
)


class WordPackage(CheckedPackage):
    """The parts of a Word file, by name. main: the name of the document's own part."""

    def __init__(self, archive: zipfile.ZipFile, file_name: str, limits: ReadingLimits) -> None:
        super().__init__(archive, file_name, limits)
        self._relations: dict[str, dict[str, tuple[str, str]]] = {}
        self.main = next(
            (target for kind, target in self.relations("").values() if kind == "officeDocument"),
            DOCUMENT,
        )
        if self.main not in self._entries:
            raise FileRefused(file_name, "is a ZIP archive but not a Word document", UNPACK)

    def document(self) -> Element:
        """The root of the document. Raises FileRefused if it is that of another program."""
        root = self.part(self.main)
        if root is None or root.tag != f"{W}document":
            reason = "is a ZIP archive but not a Word document"
            raise FileRefused(self._file_name, reason, UNPACK)
        return root

    def related(self, kind: str) -> Element | None:
        """The part that the document refers to as styles, numbering, ...; else that so named."""
        targets = [target for known, target in self.relations(self.main).values() if known == kind]
        folder = posixpath.dirname(self.main)
        return self.part(targets[0] if targets else posixpath.join(folder, f"{kind}.xml"))

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Relations of a part, by id: kind (the last word of its address) and the part's name."""
        if name not in self._relations:
            folder, base = posixpath.split(name)
            root = self.part(posixpath.join(folder, "_rels", f"{base}.rels"))
            self._relations[name] = {
                relation.get("Id", ""): (
                    relation.get("Type", "").rsplit("/", 1)[-1],
                    posixpath.normpath(
                        posixpath.join(folder, unquote(relation.get("Target", "")))
                    ).lstrip("/"),
                )
                for relation in (root.iter(RELATION) if root is not None else ())
                if relation.get("TargetMode") != "External"
            }
        return self._relations[name]

    def names(self, folder: str) -> list[str]:
        """Names of the parts of a folder beside the document."""
        start = posixpath.join(posixpath.dirname(self.main), folder, "")
        return [name for name in self._entries if name.startswith(start) and name != start]

    def _parsed(self, content: bytes) -> Element:
        if b"purl.oclc.org/ooxml" in content:
            for strict, usual in STRICT:
                content = content.replace(strict, usual)
        return super()._parsed(content)
