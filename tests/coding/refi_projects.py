"""Projects of REFI-QDA in the dialects of other programs, written without the code that reads them.

Facts of the dialects: NVivo on Windows counts UTF-16 units, a line break of two characters as two,
and names no selection; ATLAS.ti counts a line break as one, names selections after their beginning,
its rectangles begin with page 0 and share their GUID with the selection of their words, and since
version 26 names the description after the project.
"""

import io
import zipfile
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr


@dataclass(frozen=True)
class Dialect:
    """How a program writes. newline_counts: of a line break; None: as many as its characters."""

    origin: str
    unit: str = "characters"
    newline: str = "\n"
    newline_counts: int | None = None
    mark: bool = False
    mark_counts: bool = False
    end_included: bool = False
    entry: str = "project.qde"
    folder: str = "sources"
    names: str = "whole"
    guid: str = "{}"

    def size(self, text: str) -> int:
        """The size of a text with single line feeds, in the unit of the program."""
        count = 0
        for character in text:
            if character == "\n":
                count += self.newline_counts or len(self.newline)
            elif self.unit == "utf-16":
                count += len(character.encode("utf-16-le")) // 2
            elif self.unit == "bytes":
                count += len(character.encode())
            else:
                count += 1
        return count

    def place(self, text: str, start: int, end: int) -> tuple[int, int]:
        """Start and end as the program writes them."""
        base = (3 if self.unit == "bytes" else 1) if self.mark and self.mark_counts else 0
        last = end - 1 if self.end_included else end
        return base + self.size(text[:start]), base + self.size(text[:last])

    def name(self, words: str) -> str:
        """The name of a selection."""
        if self.names == "none":
            return ""
        if self.names == "cut" and len(words) > 30:
            return words[:30] + "…"
        return words


NVIVO_WINDOWS = Dialect("NVivo 12.6", "utf-16", "\r\n", mark=True, folder="Sources", names="none")
NVIVO_MAC = Dialect("NVivo for Mac 15", "utf-16", names="none", guid="{{{}}}")
ATLAS_8 = Dialect(
    "ATLAS.ti 8.4.0",
    newline="\r\n",
    newline_counts=1,
    entry="Project.qde",
    folder="Sources",
    names="cut",
)
ATLAS_26 = Dialect(
    "ATLAS.ti 26", newline="\r\n", newline_counts=1, entry="My study.qde", names="cut"
)
MAXQDA = Dialect("MAXQDA 24", newline="\r\n", guid="{{{}}}")
QUALCODER = Dialect("QualCoder 3.8", names="whole")
BYTES = Dialect("Taguette 1.5", "bytes", names="none")
INCLUSIVE = Dialect("Another 1", end_included=True)
COUNTED_MARK = Dialect("Another 2", mark=True, mark_counts=True)
DIALECTS = {
    "NVivo on Windows": NVIVO_WINDOWS,
    "NVivo on a Mac": NVIVO_MAC,
    "ATLAS.ti 8": ATLAS_8,
    "ATLAS.ti 26": ATLAS_26,
    "MAXQDA": MAXQDA,
    "QualCoder": QUALCODER,
    "bytes": BYTES,
    "end included": INCLUSIVE,
    "mark counted": COUNTED_MARK,
}


@dataclass
class Project:
    """A project in a dialect: add sources and codings, then take its bytes."""

    dialect: Dialect
    users: tuple[str, ...] = ("Anna",)
    codes: dict[str, str] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    cases: str = ""
    rest: str = ""

    def guid(self, *names: object) -> str:
        plain = str(uuid5(NAMESPACE_URL, "/".join(map(str, names))))
        return self.dialect.guid.format(plain if "{" in self.dialect.guid[:1] else plain.upper())

    def add_text(
        self, name: str, text: str, codings: list[tuple[int, int, str]], *, user: str = "Anna"
    ) -> None:
        """Add a text with codings: start and end in code points of the text, and a code."""
        guid = self.guid("source", name)
        stored = text.replace("\n", self.dialect.newline).encode()
        path = f"{self.dialect.folder}/{guid}.txt"
        self.files[path] = (b"\xef\xbb\xbf" if self.dialect.mark else b"") + stored
        selections = "".join(self._selection(text, name, *row, user) for row in codings)
        self.sources.append(
            f'<TextSource guid="{guid}" name={quoteattr(name)}'
            f' plainTextPath="internal://{guid}.txt">{selections}</TextSource>'
        )

    def _selection(self, text: str, source: str, start: int, end: int, code: str, user: str) -> str:
        first, last = self.dialect.place(text, start, end)
        name = self.dialect.name(text[start:end])
        return (
            f'<PlainTextSelection guid="{self.guid(source, start, end, code)}"'
            f' name={quoteattr(name)} startPosition="{first}" endPosition="{last}">'
            f"{self.coding(source, start, end, code, user=user)}</PlainTextSelection>"
        )

    def coding(self, *names: object, user: str = "Anna") -> str:
        """A coding element; the last of the names is that of the code."""
        code = str(names[-1])
        self.codes.setdefault(code, code)
        return (
            f'<Coding guid="{self.guid("coding", *names)}" creatingUser="{self.guid("user", user)}"'
            f' creationDateTime="2024-05-03T10:00:00Z">'
            f'<CodeRef targetGUID="{self.guid("code", code)}"/></Coding>'
        )

    def xml(self) -> bytes:
        """The description."""
        users = "".join(
            f'<User guid="{self.guid("user", name)}" name={quoteattr(name)}/>'
            for name in self.users
        )
        codes = "".join(
            f'<Code guid="{self.guid("code", name)}" name={quoteattr(shown)} isCodable="true"/>'
            for name, shown in self.codes.items()
        )
        notes = "".join(self.notes)
        return (
            '<?xml version="1.0" encoding="utf-8"?>'
            f'<Project xmlns="urn:QDA-XML:project:1.0" name="My study"'
            f" origin={quoteattr(self.dialect.origin)}><Users>{users}</Users>"
            + (f"<CodeBook><Codes>{codes}</Codes></CodeBook>" if codes else "")
            + self.cases
            + (f"<Sources>{''.join(self.sources)}</Sources>" if self.sources else "")
            + (f"<Notes>{notes}</Notes>" if notes else "")
            + f"{self.rest}</Project>"
        ).encode()

    def package(self) -> bytes:
        """The bytes of the file."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(self.dialect.entry, self.xml())
            for name, content in self.files.items():
                archive.writestr(name, content)
        return out.getvalue()


def note(guid: str, name: str, text: str) -> str:
    """A note element."""
    content = f"<PlainTextContent>{escape(text)}</PlainTextContent>"
    return f'<Note guid="{guid}" name={quoteattr(name)}>{content}</Note>'
