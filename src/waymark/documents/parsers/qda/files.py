"""Open a REFI-QDA file: the package is checked before anything is unpacked, its one XML read.

No path in a package is opened on the computer: sources are looked up among the entries by name
alone, so `absolute://` and `relative://` sources are only reported.
"""

import codecs
from dataclasses import replace
from pathlib import Path, PurePosixPath

from waymark.core.errors import FileRefused
from waymark.documents.parsers.packages import CheckedPackage, opened_archive, parsed_xml
from waymark.documents.parsers.qda.project import ProjectReader, SourceFiles
from waymark.documents.reading.qda_values import QdaProject, QdaText
from waymark.documents.reading.values import MIB, ReadingLimits

PROJECT_ENTRIES = 20_000
"""Entries of a package: a survey of thousands of answers is one small file for each."""
PROJECT_INFLATED = 512 * MIB
"""As a project contains whole PDF files, it may be larger than a document; they are only hashed."""
LARGEST_TEXT = 32 * MIB
HOW_TO_EXPORT = "Export the project again as REFI-QDA (.qdpx), without audio and video"
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_qda_file(path: Path, file_name: str, limits: ReadingLimits) -> QdaProject:
    """Read a project or a codebook. Raises FileRefused."""
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PK\x03\x04":
        return _read_package(path, file_name, limits)
    content = path.read_bytes()
    if len(content) > LARGEST_TEXT:
        raise FileRefused(file_name, f"is larger than {LARGEST_TEXT // MIB} MiB", HOW_TO_EXPORT)
    return ProjectReader(parsed_xml(content, file_name), file_name, file_name, _NoFiles()).read()


def _read_package(path: Path, file_name: str, limits: ReadingLimits) -> QdaProject:
    wide = replace(limits, inflated=max(limits.inflated, PROJECT_INFLATED))
    with opened_archive(path, file_name) as archive:
        package = CheckedPackage(archive, file_name, wide, most_entries=PROJECT_ENTRIES)
        entry = _project_entry(package.part_names, file_name)
        if package.size(entry) > 2 * LARGEST_TEXT:
            reason = f"has a project description of more than {2 * LARGEST_TEXT // MIB} MiB"
            raise FileRefused(file_name, reason, HOW_TO_EXPORT)
        root = package.part(entry)
        if root is None:
            raise FileRefused(file_name, "is damaged", HOW_TO_EXPORT)
        files = _PackageFiles(package, file_name, limits.answer)
        return ProjectReader(root, file_name, entry, files).read()


def _project_entry(names: list[str], file_name: str) -> str:
    """The one description of the project: ATLAS.ti 26 names it after the project."""
    entries = [name for name in names if name.lower().endswith(".qde")]
    usual = [name for name in entries if PurePosixPath(name).name.lower() == "project.qde"]
    if len(entries) != 1 and len(usual) != 1:
        reason = f"contains {len(entries)} project descriptions (.qde) instead of one"
        raise FileRefused(file_name, reason, HOW_TO_EXPORT)
    return (entries if len(entries) == 1 else usual)[0]


class _NoFiles(SourceFiles):
    """The sources of an XML file without a package: there are none."""

    def text(self, path: str) -> tuple[QdaText | None, str]:
        return None, "the file contains no sources"

    def digest(self, path: str) -> str:
        return ""


class _PackageFiles(SourceFiles):
    """The source files of a package, by the paths that its description gives.

    most: bytes of text of all sources together; many sources can name the same file.
    """

    def __init__(self, package: CheckedPackage, file_name: str, most: int) -> None:
        self._package, self._file_name = package, file_name
        self._most, self._taken = most, 0
        self._digests: dict[str, str] = {}
        # Programs write Sources/ or sources/, and names in other case than the description.
        self._names = {PurePosixPath(name).name.lower(): name for name in package.part_names}

    def _entry(self, path: str) -> str | None:
        scheme, colon, rest = path.partition("://")
        if colon and scheme != "internal":
            return None
        return self._names.get(PurePosixPath(rest if colon else path).name.lower())

    def digest(self, path: str) -> str:
        """SHA-256 of a source file, "" if the package does not contain it."""
        entry = self._entry(path)
        if entry is None:
            return ""
        if entry not in self._digests:
            self._digests[entry] = self._package.digest(entry)
        return self._digests[entry]

    def text(self, path: str) -> tuple[QdaText | None, str]:
        """The plain text of a source file, or why there is none.

        Raises FileRefused above the bytes of all.
        """
        entry = self._entry(path)
        if entry is None:
            return None, "its text file is not in the package"
        if self._package.size(entry) > LARGEST_TEXT:
            return None, f"its text is larger than {LARGEST_TEXT // MIB} MiB"
        self._taken += self._package.size(entry)
        if self._taken > self._most:
            reason = f"contains more than {self._most / MIB:.0f} MiB of text"
            raise FileRefused(self._file_name, reason, "Split it into smaller projects")
        return _decoded_text(self._package.content(entry) or b"")


def _decoded_text(content: bytes) -> tuple[QdaText | None, str]:
    """REFI-QDA asks for UTF-8; a mark may say otherwise."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            try:
                words = content[len(mark) :].decode(encoding)
                return QdaText(words, has_mark=True, encoding=encoding), ""
            except UnicodeDecodeError:
                return None, f"its text is not {encoding.upper()}, as its mark says"
    try:
        return QdaText(content.decode("utf-8")), ""
    except UnicodeDecodeError:
        return None, "its text is not UTF-8"
