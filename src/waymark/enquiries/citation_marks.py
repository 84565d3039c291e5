"""Marks of citations in the text of an answer (no Django).

The desk writes "Visits stopped [passage 3f9c01ab2d44-0-38], as another found [record R07].", and
the asker reads "Visits stopped [1], as another found [2]." with a numbered list below. Equal marks
have one number.
"""

import re
from dataclasses import dataclass

KINDS = ("passage", "record", "table")
_MARK = re.compile(rf"\[({'|'.join(KINDS)}) ([^\[\]\n]{{1,200}})\]")
_SPOILT = re.compile(rf"\[(?:{'|'.join(KINDS)})\b[^\]\n]*(?:\n|$)")


@dataclass(frozen=True, slots=True)
class CitationMark:
    """A mark. kind: one of KINDS; key: of the thing that is cited."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"[{self.kind} {self.key}]"


def marks_in(text: str) -> tuple[CitationMark, ...]:
    """The different marks of a text in the order in which they first occur."""
    marks = (CitationMark(match[1], match[2].strip()) for match in _MARK.finditer(text))
    return tuple(dict.fromkeys(marks))


def numbered(text: str) -> str:
    """The text with the number of each citation in place of its mark."""
    numbers = {mark: number for number, mark in enumerate(marks_in(text), start=1)}
    return _MARK.sub(lambda match: f"[{numbers[CitationMark(match[1], match[2].strip())]}]", text)


def tidy_marks(text: str) -> str:
    """The text with its marks as CitationMark writes them."""
    return _MARK.sub(lambda match: str(CitationMark(match[1], match[2].strip())), text)


def without_marks(text: str) -> str:
    """The text without its marks and the space before each."""
    return re.sub(rf" ?{_MARK.pattern}", "", text)


def spoilt_mark(text: str) -> str:
    """The first mark that does not end on its line, "" if there is none."""
    match = _SPOILT.search(text)
    return match[0].strip() if match else ""
