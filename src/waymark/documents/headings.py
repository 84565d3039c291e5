"""The path of headings above each part of a document, the same for every format (no Django)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

LONGEST_PATH = 500
LONGEST_HEADING = 150
JOINT = " > "

Level = tuple[int, ...]


@dataclass(slots=True)
class HeadingPath:
    """The headings that stand above the place reached so far, outermost first."""

    above: list[tuple[Level, str]] = field(default_factory=list)

    def enter(self, level: Level, text: str) -> None:
        """A heading of a level (smaller is further out) begins: it ends its equals and lower."""
        self.leave(level)
        self.above.append((level, shortened(text, LONGEST_HEADING)))

    def leave(self, level: Level) -> None:
        """Headings of this level and of those below it have ended."""
        while self.above and self.above[-1][0] >= level:
            self.above.pop()

    def __str__(self) -> str:
        return path_of([text for _, text in self.above])


def path_of(headings: Sequence[str]) -> str:
    """Headings joined with " > "; the outermost go first when the path would be too long."""
    kept = list(headings)
    while len(kept) > 1 and len(JOINT.join(kept)) > LONGEST_PATH:
        kept.pop(0)
    return JOINT.join(kept)


def shortened(text: str, length: int) -> str:
    """The text, cut at a word with an ellipsis when it is longer than length characters."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0] + "…"
