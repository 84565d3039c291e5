"""Lines of a search strategy: combining earlier lines, and what changed between two runs. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from waymark.core.errors import RuleError
from waymark.library.search.parser import STRATEGY_LIMITS

MOST_LINES = 60
"""Lines of the strategy in one source."""
LONGEST_LINE = 1_000
LONGEST_QUERY = STRATEGY_LIMITS.characters
_LINE = re.compile(r"#(\d{1,2})\b")


def expanded(number: int, lines: Mapping[int, str]) -> str:
    """The query of a line, with each "#1" as the words of that line in brackets.

    lines: number -> text. "#1 AND #2" of "infant*" and "sleep OR bed" is
    "(infant*) AND (sleep OR bed)". Raises RuleError for a line that is not above this one, and for
    a query of more than LONGEST_QUERY characters.
    """
    queries: dict[int, str] = {}
    for at in sorted(place for place in lines if place <= number):
        queries[at] = _with_words(at, lines[at], queries)
    return queries[number]


def _with_words(number: int, text: str, earlier: Mapping[int, str]) -> str:
    def words_of(match: re.Match[str]) -> str:
        named = int(match[1])
        if named not in earlier:
            raise RuleError(f"line {number} names line {named}, which is not above it")
        return f"({earlier[named]})"

    query = _LINE.sub(words_of, text)
    # A line can name two long ones, and the next one it twice: sixty such lines never end.
    if len(query) > LONGEST_QUERY:
        raise RuleError(
            f"line {number} has more than {LONGEST_QUERY:,} characters with the lines that it names"
        )
    return query


def renumbered(lines: Mapping[int, str]) -> dict[int, str]:
    """Lines without the empty ones between them: old number -> text with the new numbers.

    {1: "infant*", 2: "", 3: "bed", 4: "#1 AND #3"} is {1: "infant*", 3: "bed", 4: "#1 AND #2"}.
    Raises RuleError for a line that names an empty one.
    """
    numbers = [number for number in sorted(lines) if lines[number].strip()]
    new = {number: at for at, number in enumerate(numbers, start=1)}
    last = max(numbers, default=0)

    def moved(number: int, text: str) -> str:
        def name_of(match: re.Match[str]) -> str:
            named = int(match[1])
            if named in lines and named not in new and named < last:
                raise RuleError(f"line {number} names line {named}, which is empty")
            return f"#{new.get(named, named)}"

        return _LINE.sub(name_of, text)

    return {number: moved(number, lines[number].strip()) for number in numbers}


_QUOTED = re.compile(r"[\"\u201c\u201d\u201e][^\"\u201c\u201d\u201e]*[\"\u201c\u201d\u201e]")
_FOREIGN = (
    (re.compile(r"\b(?:and|or|not)\b"), "write AND, OR and NOT in capitals, or quote the words"),
    (
        re.compile(r"\b(?:(?:near|n|w|within)/\d+|adj\d*|near\d+)(?!\w)", re.I),
        "we cannot search by distance",
    ),
    (
        re.compile(r"\w\?\w+|\w+\$\w*"),
        "only a star at the end of a word stands for other letters",
    ),
    (
        re.compile(r"\bexp\s+\w+[^/]*/|\w/(?=\s|$)|\.\w{2}(?:,\w{2})*\.(?=\s|$)"),
        "headings and fields are written as subject:infants or title:sleep",
    ),
)
"""Marks of the languages of other databases, which we would take for words, with a remedy."""


def foreign_marks(query: str) -> list[str]:
    """What in a query our search would not understand and would not report, with what to write.

    "baby or infant" would find records that have both words.
    """
    problems = [
        "a star works only outside quotation marks"
        for quoted in _QUOTED.findall(query)
        if "*" in quoted
    ][:1]
    plain = _QUOTED.sub(" ", query)
    for pattern, remedy in _FOREIGN:
        if mark := pattern.search(plain):
            problems.append(f"“{mark[0].strip()}”: {remedy}")
    return problems


@dataclass(frozen=True, slots=True)
class RunDifference:
    """What changed since the run before. new, gone: keys of records. hits: more or fewer."""

    hits: int
    new: tuple[str, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.hits or self.new or self.gone)


def difference(
    before: tuple[int, Sequence[str]], after: tuple[int, Sequence[str]]
) -> RunDifference:
    """Compare two runs: hits and keys of the records of each."""
    (hits_before, earlier), (hits, later) = before, after
    return RunDifference(hits - hits_before, _without(later, earlier), _without(earlier, later))


def _without(keys: Sequence[str], others: Collection[str]) -> tuple[str, ...]:
    known = frozenset(others)
    return tuple(key for key in keys if key not in known)


@dataclass(frozen=True, slots=True)
class ScreeningCounts:
    """Records at each step of the choice. None: nobody has entered it.

    identified: hits of the last line of each source together.
    """

    identified: int
    duplicates: int | None
    screened: int | None
    read_full: int | None
    chosen: int

    def faults(self) -> list[str]:
        """Why the numbers cannot be right, as sentences."""
        faults = []
        duplicates = self.duplicates or 0
        if duplicates > self.identified:
            faults.append(
                f"{duplicates:,} duplicates cannot be removed from {self.identified:,} records"
            )
        elif self.screened is not None and self.screened > self.identified - duplicates:
            faults.append(
                f"{self.screened:,} records cannot be screened: after the duplicates there are "
                f"{self.identified - duplicates:,}"
            )
        if None not in (self.read_full, self.screened) and (self.read_full or 0) > (
            self.screened or 0
        ):
            faults.append("more records are read in full than were screened")
        if self.read_full is not None and self.chosen > self.read_full:
            faults.append("more publications are chosen than were read in full")
        return faults
