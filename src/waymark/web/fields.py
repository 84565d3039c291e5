"""Fields of longer forms: what was typed, what is wrong with it, and what it means."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from waymark.web.typed import typed

Look = Literal["line", "lines", "date", "number", "address", "choice", "tick"]
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
_DECIMAL = re.compile(r"[0-9]{1,6}(\.[0-9])?")
LONGEST_TEXT = 20_000
ROOMY = 300


@dataclass(slots=True)
class Field:
    """One field of a form as it is shown. look: how it is entered; options: value and label of
    each choice; rows: height of a field of several lines; value: "" or "on" for a tick."""

    name: str
    label: str
    look: Look = "line"
    hint: str = ""
    rows: int = 4
    most: int = 300
    options: Sequence[tuple[str, str]] = ()
    value: str = ""
    error: str = ""

    @property
    def called(self) -> str:
        """The label where it is named in a sentence."""
        return self.label.removesuffix(" (optional)")

    @property
    def roomy(self) -> bool:
        """Whether it takes the width of a text: what is written there is long."""
        return self.look == "lines" or (self.look in {"line", "address"} and self.most >= ROOMY)


@dataclass(slots=True)
class Group:
    """Fields that belong together, under a heading."""

    legend: str
    fields: list[Field] = field(default_factory=list)


@dataclass(slots=True)
class Form:
    """The groups of a form. Reading a value notes what is wrong with it at its field."""

    groups: list[Group]

    def __post_init__(self) -> None:
        self._fields = {one.name: one for group in self.groups for one in group.fields}

    _fields: dict[str, Field] = field(init=False, repr=False)

    def fill(self, values: Mapping[str, str]) -> None:
        """Put values into the fields; control characters that nobody can mean are left out."""
        for one in self._fields.values():
            said = values.get(one.name, "")
            if one.look == "lines":
                plain = said.replace("\r\n", "\n").replace("\r", "\n")
                one.value = _UNWANTED.sub(" ", plain).strip()[:LONGEST_TEXT]
            else:
                one.value = typed(said)[:LONGEST_TEXT]
            if one.look == "choice" and one.value not in dict(one.options):
                # A value from elsewhere (an import) stays choosable, and is not lost unseen.
                one.options = [*one.options, (one.value, one.value)]

    @property
    def names(self) -> frozenset[str]:
        """The names of its fields."""
        return frozenset(self._fields)

    def put(self, name: str, value: str) -> None:
        """Change what stands in a field."""
        self._fields[name].value = value

    def value(self, name: str) -> str:
        """What stands in a field."""
        return self._fields[name].value

    def label(self, name: str) -> str:
        """What a field is called; its name where the form has none such."""
        return self._fields[name].label if name in self._fields else name

    def note(self, name: str, error: str) -> None:
        """Say what is wrong with a field; what was said first stays."""
        one = self._fields[name]
        one.error = one.error or error

    @property
    def errors(self) -> list[Field]:
        """The fields with something wrong, in the order of the form."""
        return [one for one in self._fields.values() if one.error]

    # ---- what values mean ----

    def lines(self, name: str) -> tuple[str, ...]:
        """The lines of a field that are not empty."""
        return tuple(line.strip() for line in self.value(name).splitlines() if line.strip())

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.value(name))

    def number(self, name: str) -> int | None:
        """A whole number; None where the field is empty or holds something else, which is noted."""
        said = self.value(name)
        if not said:
            return None
        if said.isascii() and said.isdigit() and len(said) <= 9:
            return int(said)
        self.note(name, "Enter a whole number.")
        return None

    def decimal(self, name: str) -> Decimal | None:
        """A number that may have one decimal; None as above."""
        said = self.value(name)
        if not said:
            return None
        if _DECIMAL.fullmatch(said):
            return Decimal(said)
        self.note(name, "Enter a number with one decimal at most, such as 6 or 7.5.")
        return None

    def day(self, name: str) -> date | None:
        """A date; None as above."""
        said = self.value(name)
        if not said:
            return None
        try:
            return date.fromisoformat(said)
        except ValueError:
            self.note(name, "Enter a date as year-month-day, such as 2013-01-24.")
            return None


_ENTRY = re.compile(r"(?P<title>.*?\S)\s*(?:\||\t|\.{3,}|…)\s*(?P<page>\d{1,5})")


def entries(lines: Iterable[str]) -> tuple[tuple[str, int | None], ...]:
    """Lines of a contents list, "Foreword | 5", as titles with their pages, None without one."""
    found: list[tuple[str, int | None]] = []
    for line in lines:
        entry = _ENTRY.fullmatch(line.strip())
        if entry:
            found.append((entry["title"], int(entry["page"])))
        else:
            found.append((line.strip(), None))
    return tuple(found)


def as_lines(contents: Iterable[tuple[str, int | None]]) -> str:
    """A contents list as lines that entries() reads."""
    return "\n".join(title if page is None else f"{title} | {page}" for title, page in contents)
