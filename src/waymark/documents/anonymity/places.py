"""Addresses, and schools, surgeries, hospitals and places of worship by name (no Django)."""

import re
from collections.abc import Iterator
from functools import cache

from waymark.documents.anonymity.identifiers import ADDRESS, INSTITUTION, Identifier
from waymark.documents.anonymity.tokens import Token, TokenText
from waymark.documents.anonymity.word_lists import words_of

NAME = r"(?:(?:St\.? |Mc|O')?[A-Z][^\W\d_]{0,30}(?:['-][^\W\d_]{1,30}){0,3})"
HOUSE_NUMBER = (
    r"(?:(?:Flat|Apartment|Unit|Room) \d{1,4}[A-Za-z]?,? )?(?<![\d./-])\d{1,4}[A-Za-z]?,? "
)
# The kind of place, after which a name may follow: "Church of St Anne", "HMP Oakwood".
HEAD_FIRST = re.compile(
    rf"\b(?:(?:Church|Chapel|Cathedral|School|College|Convent) of (?:the |Our )?{NAME}(?: {NAME})*"
    rf"|(?:HMP|HMYOI|YOI|Ysgol|Scoil|Gaelscoil|Naíonra|Masjid) {NAME}(?: {NAME}){{0,5}})"
)
HOME = re.compile(
    rf"\b(?P<name>{NAME}(?: {NAME}){{0,5}})"
    r" (?:[Cc]hildren'?s?'?|[Rr]esidential|[Nn]ursing|[Cc]are|[Ff]oster) [Hh]ome\b"
)
PRACTICE = re.compile(
    rf"\b(?P<name>{NAME}(?: {NAME}){{0,5}})"
    r" (?:[Mm]edical|[Hh]ealth|[Ff]amily|[Cc]hildren's|[Cc]ommunity)"
    r" (?:[Pp]ractice|[Cc]entre|[Cc]lub)\b"
)
FOLLOWED = 4
"""Lower-case words between a name and "school": "Oakfield community primary school"."""


def _streets(names: str) -> str:
    return "|".join(sorted(word.capitalize() for word in words_of(names)))


@cache
def address_patterns() -> tuple[re.Pattern[str], ...]:
    """With a number every kind of street counts; without one, those that are nothing else."""
    plain, numbered = _streets("streets"), _streets("streets_with_number")
    return (
        re.compile(rf"\b{HOUSE_NUMBER}(?:{NAME} ){{1,3}}(?:{plain}|{numbered})\b"),
        re.compile(rf"\b(?:Flat|Apartment) \d{{1,4}}[A-Za-z]?,? (?:{NAME} ?){{1,3}}\b"),
        re.compile(rf"(?<![.!?:] )(?<!\n)\b(?:{NAME} ){{1,3}}(?:{plain})\b(?! (?:{NAME}))"),
    )


def find_addresses(text: str) -> Iterator[Identifier]:
    """House numbers with a street, and streets by name."""
    for pattern in address_patterns():
        for match in pattern.finditer(text):
            words = " ".join(match[0].split())
            if not _only_general(words.split()[:-1]):
                yield Identifier(ADDRESS, *match.span(), words, "address or street")


def _only_general(words: list[str]) -> bool:
    general = words_of("generic") | words_of("months") | words_of("days")
    return all(word.lower() in general or not word[0].isalpha() for word in words)


def find_institutions(source: TokenText, runs: list[list[Token]]) -> Iterator[Identifier]:
    """Schools, nurseries, surgeries, hospitals, homes and places of worship by name."""
    for run in runs:
        span = _span_of_institution(source, run)
        if span is not None:
            yield _institution(source.text, *span)
    for match in HEAD_FIRST.finditer(source.text):
        yield _institution(source.text, *match.span())
    for pattern in (HOME, PRACTICE):
        for match in pattern.finditer(source.text):
            words = match["name"].split()
            if _distinctive(words) and not source.text[: match.start()].endswith(("\n", ". ")):
                yield _institution(source.text, *match.span())


def _institution(text: str, start: int, end: int) -> Identifier:
    words = " ".join(text[start:end].split())
    return Identifier(INSTITUTION, start, end, words, "a named place that people of an area know")


def _span_of_institution(source: TokenText, run: list[Token]) -> tuple[int, int] | None:
    for index in range(len(run) - 1, 0, -1):
        if run[index].lower in words_of("institutions") and _has_name(source, run[:index]):
            return _begin(source, run), run[index].end
    if not _has_name(source, run):
        return None
    # "Oakfield primary school": the word itself may be in lower case.
    following = _head_after().match(source.text, run[-1].end)
    return (_begin(source, run), following.end()) if following else None


@cache
def _head_after() -> re.Pattern[str]:
    kinds = "|".join(sorted(words_of("kinds_of_school")))
    heads = "|".join(sorted(words_of("institutions") - words_of("general_heads")))
    return re.compile(rf"(?:'s)?(?: (?:{kinds})){{0,{FOLLOWED}}} (?:{heads})\b")


def _begin(source: TokenText, run: list[Token]) -> int:
    """Where the name begins, without "The" or a role before it."""
    roles = words_of("roles") | words_of("generic")
    named = [token for token in run if token.lower not in roles or token is run[-1]]
    return named[0].start


def _has_name(source: TokenText, words: list[Token]) -> bool:
    """True if one of the words is a name, not a general word such as "Primary"."""
    return any(
        token.capital
        and not (token.opening and source.is_ordinary(token))
        and not source.is_acronym(token)
        and not (token.shouted and source.is_ordinary(token))
        for token in words
        if _distinctive([token.word])
    )


def _distinctive(words: list[str]) -> bool:
    return any(word.lower() not in _general_words() for word in words)


@cache
def _general_words() -> frozenset[str]:
    names = (
        "generic", "agencies", "roles", "months", "days", "peoples", "institutions",
        "capital_words",
    )  # fmt: skip
    return frozenset[str]().union(*(words_of(name) for name in names))
