"""A published table as a stranger reads it: labels, roles and printed cells, nothing more."""

import re
from dataclasses import dataclass
from typing import Literal

Role = Literal["part", "subtotal", "total", "unknown", "measure"]
ROLES: dict[str, Role] = {
    "part": "part",
    "subtotal": "subtotal",
    "total": "total",
    "unknown": "unknown",
    "measure": "measure",
}
WITHHELD = "[c]"
NOT_APPLICABLE = "[z]"
NUMBER = re.compile(r"-?[\d,]+(\.\d+)?")
NOTE_MARK = re.compile(r"\s*\[note \d+\],?")


def without_note_marks(text: str) -> str:
    """A text without marks such as "[note 3]", whose number counts nothing."""
    return NOTE_MARK.sub("", text).strip()


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One row. cells: as printed, in the order of the columns; group: its block, or "".

    records: of each cell the reviews or children that it names, empty if no cell names any.
    passages: of each review that the row names, how many of its passages it names.
    """

    label: str
    cells: tuple[str, ...]
    role: Role = "part"
    group: str = ""
    records: tuple[tuple[str, ...], ...] = ()
    passages: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", without_note_marks(self.label))


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """One table in one file. base, notes: empty where the format does not carry them."""

    file: str
    table: str
    columns: tuple[str, ...]
    lines: tuple[PrintedRow, ...]
    base: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(map(without_note_marks, self.columns)))
        object.__setattr__(self, "notes", tuple(map(without_note_marks, self.notes)))


@dataclass(frozen=True, slots=True)
class Leak:
    """Something in the clear. where: in the file; what: in words."""

    file: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class LooseText:
    """A text that is not in a table: a paragraph, a description, a property of the file."""

    file: str
    where: str
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", without_note_marks(self.text))


@dataclass(frozen=True, slots=True)
class FileReading:
    """All that a file gives. leaks: what is hidden in it or says what a mark should hide.

    records: rows about single records, a leak where anything is withheld. names: ids and labels of
    rows.
    """

    grids: tuple[PrintedTable, ...] = ()
    words: tuple[LooseText, ...] = ()
    leaks: tuple[Leak, ...] = ()
    records: tuple[Leak, ...] = ()
    names: tuple[tuple[str, str], ...] = ()


def printed_number(printed: str) -> float | None:
    """A printed number; None for marks and words."""
    text = printed.strip()
    return float(text.replace(",", "")) if NUMBER.fullmatch(text) else None


def same_print(first: str, second: str) -> bool:
    """Return True if two printed texts are the same number or mark, however it is written."""
    return first == second or (
        printed_number(first) is not None and printed_number(first) == printed_number(second)
    )


def plain_label(label: str) -> str:
    """A label without what only says that it is all of them: "All reviews of a death": "death"."""
    words = re.sub(r"^all \w+ (of|with|who) (an? |the )?", "", label.lower().strip())
    return re.sub(r"\s+", " ", words)


def role_of(label: str, *, ends: bool) -> Role:
    """The role of a row, from its label alone. ends: it is the first or the last of its block."""
    words = label.lower()
    if words.startswith("median"):
        return "measure"
    if words.startswith("all ") and not re.search(r"\d recorded", words):
        return "total" if ends else "subtotal"
    return "unknown" if words.startswith("not ") else "part"


def rows_of(rows: list[list[str]]) -> tuple[tuple[str, ...], tuple[PrintedRow, ...]]:
    """Column labels and lines of a table that is only rows of texts, the first its header."""
    head, body = rows[0], rows[1:]
    at = 1 if head[:1] == ["Group"] else 0
    groups = [row[0] if at else "" for row in body]
    lines = []
    for place, row in enumerate(body):
        first = place == 0 or groups[place - 1] != groups[place]
        last = place == len(body) - 1 or groups[place + 1] != groups[place]
        role = role_of(row[at], ends=first or last)
        lines.append(PrintedRow(row[at], tuple(row[at + 1 :]), role, groups[place]))
    return tuple(head[at + 1 :]), tuple(lines)
