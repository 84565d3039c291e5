"""A text with its codes, from which a model learns. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodedText:
    """Text to learn from. group: what must not be divided between learning and checking.

    Paragraphs of one report are alike, so a report is a group. "" for a text on its own.
    """

    text: str
    codes: frozenset[str]
    group: str = ""
