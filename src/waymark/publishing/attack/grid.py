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
NUMBER = re.compile(r"-?[\d,]+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One row. cells: as printed, in the order of the columns; group: its block, or "".

    records: of each cell the reviews or children that it names, empty where no cell names any.
    passages: of each review that the row names, how many of its passages it names.
    """

    label: str
    cells: tuple[str, ...]
    role: Role = "part"
    group: str = ""
    records: tuple[tuple[str, ...], ...] = ()
    passages: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """One table in one file. base, notes: empty where the format does not carry them."""

    file: str
    table: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    base: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leak:
    """Something in the clear. where: in the file; what: in words."""

    file: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Words:
    """A text that is not in a table: a paragraph, a description, a property of the file."""

    file: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a file gives. leaks: what is hidden in it or says what a mark should hide.

    records: rows about single records, a leak where anything is withheld. names: ids and labels of
    rows.
    """

    grids: tuple[Grid, ...] = ()
    words: tuple[Words, ...] = ()
    leaks: tuple[Leak, ...] = ()
    records: tuple[Leak, ...] = ()
    names: tuple[tuple[str, str], ...] = ()


def number(shown: str) -> float | None:
    """A printed number; None for marks and words."""
    text = shown.strip()
    return float(text.replace(",", "")) if NUMBER.fullmatch(text) else None


def same(one: str, other: str) -> bool:
    """Whether two prints say the same, however they are written."""
    return one == other or (number(one) is not None and number(one) == number(other))


def role_of(label: str, *, ends: bool) -> Role:
    """What a row is, from its label alone. ends: it is the first or the last of its block."""
    said = label.lower()
    if said.startswith("median"):
        return "measure"
    if said.startswith("all ") and not re.search(r"\d recorded", said):
        return "total" if ends else "subtotal"
    return "unknown" if said.startswith("not ") else "part"


def rows_of(rows: list[list[str]]) -> tuple[tuple[str, ...], tuple[Line, ...]]:
    """Column labels and lines of a table that is only rows of texts, the first its header."""
    head, body = rows[0], rows[1:]
    at = 1 if head[:1] == ["Group"] else 0
    groups = [row[0] if at else "" for row in body]
    made = []
    for place, row in enumerate(body):
        first = place == 0 or groups[place - 1] != groups[place]
        last = place == len(body) - 1 or groups[place + 1] != groups[place]
        role = role_of(row[at], ends=first or last)
        made.append(Line(row[at], tuple(row[at + 1 :]), role, groups[place]))
    return tuple(head[at + 1 :]), tuple(made)
