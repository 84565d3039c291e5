"""Values that reading a REFI-QDA file yields: a project (.qdpx) or a codebook (.qdc). No Django.

They contain what the file states, before anything is interpreted: positions in the unit of the
program that wrote it, GUIDs in upper case without braces, texts with their own line ends.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class QdaUser:
    guid: str
    name: str


@dataclass(frozen=True, slots=True)
class QdaCode:
    """A code. parent: GUID of the code it is under, "" at the top; notes: GUIDs."""

    guid: str
    name: str
    parent: str
    description: str
    is_codable: bool
    color: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QdaCodeSet:
    """A named group of codes. codes: GUIDs."""

    guid: str
    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QdaVariable:
    guid: str
    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class QdaCase:
    """A case with its values. values: (GUID of the variable, value as text)."""

    guid: str
    name: str
    description: str
    values: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    selections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QdaNote:
    guid: str
    name: str
    text: str
    user: str


@dataclass(frozen=True, slots=True)
class QdaCoding:
    """A code at a selection. user: GUID; at: moment as written, "" if not stated."""

    guid: str
    code: str
    user: str
    at: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QdaSelection:
    """A selection of a text. start, end: as written, in the unit of the program."""

    guid: str
    name: str
    start: int
    end: int
    description: str
    user: str
    codings: tuple[QdaCoding, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QdaRegion:
    """A rectangle on a page of a PDF, as written. words: its text, "" if not stated."""

    guid: str
    name: str
    page: int
    corners: tuple[int, int, int, int]
    words: str
    description: str
    user: str
    codings: tuple[QdaCoding, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QdaText:
    """The plain text of a source. content: with its line ends, without a byte-order mark."""

    content: str
    has_mark: bool = False
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class QdaSource:
    """A document. hashes: SHA-256 of its files in the package; problem: why it has no text."""

    guid: str
    name: str
    kind: str
    text: QdaText | None
    hashes: tuple[str, ...]
    selections: tuple[QdaSelection, ...]
    regions: tuple[QdaRegion, ...]
    codings: tuple[QdaCoding, ...]
    other_selections: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class QdaProject:
    """A whole file. kind: project or codebook; faults: where it breaks the schema of REFI-QDA.

    left_out: (name of an element, how many) of what is not read, such as Link.
    """

    kind: Literal["project", "codebook"]
    name: str
    origin: str
    entry: str
    users: tuple[QdaUser, ...] = ()
    codes: tuple[QdaCode, ...] = ()
    sets: tuple[QdaCodeSet, ...] = ()
    variables: tuple[QdaVariable, ...] = ()
    cases: tuple[QdaCase, ...] = ()
    sources: tuple[QdaSource, ...] = ()
    notes: tuple[QdaNote, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    faults: tuple[str, ...] = ()
