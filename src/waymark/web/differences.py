"""Two texts side by side, line by line."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a comparison: in both, only before, or only after."""

    kind: Literal["same", "gone", "new"]
    text: str


def difference(before: str, after: str) -> list[DiffLine]:
    """Two texts line by line: what went, what came, and up to two lines around each change."""
    old, new = before.split("\n"), after.split("\n")
    made: list[DiffLine] = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(2):
        if made:
            made.append(DiffLine("same", "…"))
        for tag, a, b, c, d in group:
            if tag == "equal":
                made += [DiffLine("same", line) for line in old[a:b]]
            else:
                made += [DiffLine("gone", line) for line in old[a:b]]
                made += [DiffLine("new", line) for line in new[c:d]]
    return made
