"""Path of headings above each part of a document, the same for every format (no Django)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

LONGEST_PATH = 500
LONGEST_HEADING = 150
JOINT = " > "
NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+(?=[A-Z])")
SECTION = re.compile(
    r"(?:executive |key )?(?:introduction|summary|background|contents|foreword|preface|findings"
    r"|recommendations|lessons|purpose|context|conclusions?|acknowledge?ments|glossary)\b",
    re.IGNORECASE,
)

Level = tuple[int, ...]


@dataclass(slots=True)
class HeadingPath:
    """The headings above the place reached so far, outermost first.

    Example: after "1 Facts" (level 1), "1.1 The child" (2) and "2 Findings" (1) the path is only
    "2 Findings", because a heading ends those of its own level and below.
    """

    above: list[tuple[Level, str]] = field(default_factory=list)

    def enter(self, level: Level, text: str) -> None:
        """A heading of a level (smaller is further out) begins: it ends its equals and lower."""
        self.leave(level)
        self.above.append((level, shorten_text(text, LONGEST_HEADING)))

    def leave(self, level: Level) -> None:
        """Headings of this level and of those below it have ended."""
        while self.above and self.above[-1][0] >= level:
            self.above.pop()

    def __str__(self) -> str:
        return join_headings([text for _, text in self.above])


def is_section(text: str) -> bool:
    """True for a heading that no document has as its title: "Recommendations", "2 Findings"."""
    return NUMBERED.match(text) is not None or SECTION.fullmatch(text) is not None


def join_headings(headings: Sequence[str]) -> str:
    """Headings joined with " > "; the outermost are dropped first if the path is too long."""
    path = list(headings)
    while len(path) > 1 and len(JOINT.join(path)) > LONGEST_PATH:
        path.pop(0)
    return JOINT.join(path)


def shorten_text(text: str, length: int) -> str:
    """The text, cut at a word with an ellipsis if it is longer than length characters."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0] + "…"
