"""Dates of birth and death, and full dates beside an age, from which a birth date follows."""

import re
from collections.abc import Iterator

from waymark.documents.anonymity.identifiers import BIRTH_DATE, EXACT_DATE, Identifier

MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
WRITTEN = rf"\b(?:{DAY}(?: day)?(?: of)? {MONTH}|{MONTH} {DAY})(?!\d)(?:,? (?:19|20)\d\d)?"
FIGURES = r"\b(?:3[01]|[12]\d|0?[1-9])[./-](?:1[0-2]|0?[1-9])[./-](?:(?:19|20)\d\d|\d\d)\b"
SPACED = r"\b(?:3[01]|[12]\d|0?[1-9]) (?:1[0-2]|0?[1-9]) (?:19|20)\d\d\b"
ISO = r"\b(?:19|20)\d\d-(?:1[0-2]|0[1-9])-(?:3[01]|[12]\d|0[1-9])\b"
DATE = re.compile(f"(?:{ISO}|{FIGURES}|{SPACED}|{WRITTEN})", re.IGNORECASE)
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
SENTENCE = re.compile(r"(?<!\b[A-Za-z]\.)(?<=[.!?;])\s+|\n+")


def find_dates(text: str) -> Iterator[Identifier]:
    """Dates of birth, and exact dates of a death or in a sentence with an age."""
    start = 0
    for end in [*(match.start() for match in SENTENCE.finditer(text)), len(text)]:
        sentence = text[start:end]
        dates = list(DATE.finditer(sentence))
        if dates:
            yield from _dates_of_sentence(sentence, dates, start)
        start = end


def _dates_of_sentence(
    sentence: str, dates: list[re.Match[str]], offset: int
) -> Iterator[Identifier]:
    for date in dates:
        kind, reason = _meaning(sentence, date)
        if kind:
            words = " ".join(date[0].split())
            yield Identifier(kind, offset + date.start(), offset + date.end(), words, reason)


def _meaning(sentence: str, date: re.Match[str]) -> tuple[str, str]:
    born, died = _distance(BORN, sentence, date), _distance(DIED, sentence, date)
    if born <= min(died, 120):
        return BIRTH_DATE, "date of birth"
    if died <= 120:
        return EXACT_DATE, "exact date of a death"
    if AGED.search(sentence):
        return EXACT_DATE, "full date with an age: the date of birth can be worked out"
    return "", ""


def _distance(pattern: re.Pattern[str], sentence: str, date: re.Match[str]) -> int:
    """Characters between the date and the nearest place of a pattern; a large number if none."""
    return min(
        (
            max(match.start() - date.end(), date.start() - match.end(), 0)
            for match in pattern.finditer(sentence)
        ),
        default=10_000,
    )
