"""Dates of birth and death, and full dates beside an age, from which a birth date follows."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from waymark.documents.anonymity.identifiers import BIRTH_DATE, EXACT_DATE, Identifier

MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
WRITTEN = rf"\b(?:{DAY}(?: day)?(?: of)? {MONTH}|{MONTH} {DAY})(?!\d)(?:,? (?:19|20)\d\d)?"
FIGURES = r"\b(?:3[01]|[12]\d|0?[1-9])[./-](?:1[0-2]|0?[1-9])[./-](?:(?:19|20)\d\d|\d\d)\b"
SPACED = r"\b(?:3[01]|[12]\d|0?[1-9]) (?:1[0-2]|0?[1-9]) (?:19|20)\d\d\b"
ISO = r"\b(?:19|20)\d\d[./-](?:1[0-2]|0[1-9])[./-](?:3[01]|[12]\d|0[1-9])\b"
JOINED = rf"\b{DAY}[./-]?{MONTH}[./-]?(?:(?:19|20)\d\d|\d\d)\b"
DATE = re.compile(f"(?:{ISO}|{FIGURES}|{SPACED}|{JOINED}|{WRITTEN})", re.IGNORECASE)
BORN = re.compile(
    r"\b(?:born|d\.?o\.?b\b\.?|date of birth|birth ?dates?|birthdays?|gave birth|birth of"
    r"|was delivered|delivered (?:by|at|in))",
    re.IGNORECASE,
)
DIED = re.compile(
    r"\b(?:died|dies|passed away|fatal(?:ly)?|death|dead|deceased|d\.?o\.?d\.?\b"
    r"|life was pronounced extinct|killed"
    r"|took (?:his|her|their) own life|stillborn|drowned)",
    re.IGNORECASE,
)
AGED = re.compile(
    r"\b(?:aged|age of|old|months of age|years of age|weeks of age|\d+-(?:year|month|week|day)-old"
    r"|(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\w+teenth|\d+(?:st|nd|rd|th))"
    r" birthday)\b",
    re.IGNORECASE,
)
CELL = " | "
"""Between the cells of a row of a table."""
ENDS = (".", "!", "?", ";")
LONGEST_LABEL, LONGEST_BEFORE, LONGEST_ROW = 200, 20, 2_000
"""Characters of a label above a date, of what stands before that date, and of the date's line."""
SENTENCE = re.compile(r"(?<!\b[A-Za-z]\.)(?<=[.!?;])\s+|\n+")


@dataclass(frozen=True, slots=True)
class _Cues:
    """Where a sentence speaks of a birth and of a death, in order, and whether it has an age."""

    born: list[tuple[int, int]]
    died: list[tuple[int, int]]
    aged: bool


def find_dates(text: str) -> Iterator[Identifier]:
    """Dates of birth, and exact dates of a death or in a sentence with an age.

    The words that say so can be a label on the line above, or the head of a column of a table.
    """
    start, label = 0, ""
    breaks = [(match.start(), "\n" in match[0]) for match in SENTENCE.finditer(text)]
    for end, ends_line in [*breaks, (len(text), True)]:
        sentence = text[start:end]
        dates = list(DATE.finditer(sentence))
        if dates:
            yield from _dates_of_sentence(sentence, dates, start, label)
        label = _label_after(sentence, label, has_dates=bool(dates)) if ends_line else ""
        start = end


def _dates_of_sentence(
    sentence: str, dates: list[re.Match[str]], offset: int, label: str
) -> Iterator[Identifier]:
    # Once for the sentence and not for each date: a hostile file is one sentence of many dates.
    cues = _cues_of(sentence)
    has_label = label and len(sentence) <= LONGEST_ROW
    for date in dates:
        kind, reason = _meaning(cues, *date.span())
        if not kind and has_label:
            above = _label_of(label, sentence[: date.start()])
            kind, reason = _meaning(_cues_of(above), len(above), len(above))
        if kind:
            words = " ".join(date[0].split())
            yield Identifier(kind, offset + date.start(), offset + date.end(), words, reason)


def _label_after(line: str, label: str, *, has_dates: bool) -> str:
    """The label for the line after this one: the line itself, or the head of its table."""
    if CELL in line and CELL in label:
        return label
    is_label = len(line) <= LONGEST_LABEL and not has_dates and not line.rstrip().endswith(ENDS)
    return line if is_label and (BORN.search(line) or DIED.search(line)) else ""


def _label_of(label: str, before: str) -> str:
    """The label of a date, or the part of it above the cell of the date; "" in running text.

    before: what stands before the date on its line.
    """
    cells = label.split(CELL)
    if len(cells) > 1:
        column = before.count(CELL)
        return cells[column] if column < len(cells) else ""
    return label if len(before.strip()) <= LONGEST_BEFORE else ""


def _cues_of(sentence: str) -> _Cues:
    born, died = (
        [match.span() for match in pattern.finditer(sentence)] for pattern in (BORN, DIED)
    )
    return _Cues(born, died, AGED.search(sentence) is not None)


def _meaning(cues: _Cues, start: int, end: int) -> tuple[str, str]:
    """Kind and reason of a date at a place of a sentence; "" if it tells nothing of a person."""
    born, died = _distance(cues.born, start, end), _distance(cues.died, start, end)
    if born <= min(died, 120):
        return BIRTH_DATE, "date of birth"
    if died <= 120:
        return EXACT_DATE, "exact date of a death"
    if cues.aged:
        return EXACT_DATE, "full date with an age: the date of birth can be worked out"
    return "", ""


def _distance(places: list[tuple[int, int]], start: int, end: int) -> int:
    """Characters between a date and the nearest of the places; a large number if there is none."""
    after = bisect_left(places, (start, end))
    nearest = places[max(0, after - 1) : after + 1]
    return min((max(first - end, start - last, 0) for first, last in nearest), default=10_000)
