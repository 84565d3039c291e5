"""Two texts side by side, line by line."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal


@dataclass(frozen=True, slots=True)
class DiffLine:
    """Line of a comparison: in both texts, only before, or only after."""

    kind: Literal["same", "gone", "new"]
    text: str


def diff_lines(before: str, after: str) -> list[DiffLine]:
    """Removed and added lines of two texts, with up to two unchanged lines around each change."""
    old, new = before.split("\n"), after.split("\n")
    lines: list[DiffLine] = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(2):
        if lines:
            lines.append(DiffLine("same", "…"))
        for tag, a, b, c, d in group:
            if tag == "equal":
                lines += [DiffLine("same", line) for line in old[a:b]]
            else:
                lines += [DiffLine("gone", line) for line in old[a:b]]
                lines += [DiffLine("new", line) for line in new[c:d]]
    return lines
