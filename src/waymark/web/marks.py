"""Cutting text into marked and unmarked runs, so that templates can wrap the marked ones."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text, marked or not."""

    text: str
    marked: bool


def runs(text: str, marks: Iterable[tuple[int, int]]) -> tuple[Run, ...]:
    """The text as runs that join up to it.

    marks: [start, end) in code points of text, in any order, overlapping or not; what lies outside
    the text is cut off.
    """
    found: list[Run] = []
    at = 0
    for start, end in sorted(marks):
        first, last = max(start, at), min(end, len(text))
        if first >= last:
            continue
        if first > at:
            found.append(Run(text[at:first], marked=False))
        found.append(Run(text[first:last], marked=True))
        at = last
    if at < len(text):
        found.append(Run(text[at:], marked=False))
    return tuple(found)
