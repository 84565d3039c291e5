"""Possible duplicates: records that may describe the same work, as a warning, never a refusal.

The same DOI is not always the same work (all abstracts of a supplement share one), and one work may
have several addresses: a person compares the two and decides.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from urllib.parse import parse_qsl, urlencode, urlsplit

from waymark.library.catalogue.resource_description import ResourceDescription, isbn13

MIN_TITLE_SIMILARITY = 0.9
"""Least similarity of two titles, 0 to 1: one extra word in ten, or a few different endings."""
MIN_SPELLING_SIMILARITY = 0.75
"""Least similarity of two spellings of one word."""
SHORT_WORD_LENGTH = 3
"""Longest word that does not distinguish titles: of, the, and."""
YEARS_APART = 1
_TRACKING = re.compile(r"utm_|fbclid$|gclid$")
_NOT_WORDS = re.compile(r"[\W_]+")
_ARTICLE = re.compile(r"^(?:(?:the|a|an) )+")


@dataclass(frozen=True, slots=True)
class ComparedWork:
    """The fields of a record that identify the work. key: of the record."""

    key: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    doi: str = ""
    isbn: str = ""
    url: str = ""


def compared_work(key: str, described: ResourceDescription) -> ComparedWork:
    """The identifying fields of a description. key: of its record, "" for a new one."""
    return ComparedWork(
        key,
        described.title,
        described.authors,
        described.year,
        described.doi,
        described.isbn,
        described.url,
    )


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """A record that may be of the same work. reasons: a few words each."""

    key: str
    reasons: tuple[str, ...]


def similar_works(new: ComparedWork, known: Iterable[ComparedWork]) -> list[PossibleDuplicate]:
    """Return the known works that may be the new one, those with most in common first.

    A work with the key of the new one is the same record and is left out.
    """
    plain = _PlainWork(
        plain_title(new.title),
        author_surnames(new.authors),
        new.year,
        new.doi.lower(),
        isbn13(new.isbn) or new.isbn,
        plain_url(new.url),
    )
    likenesses = [
        PossibleDuplicate(other.key, reasons)
        for other in known
        if other.key != new.key and (reasons := _shared_traits(plain, other))
    ]
    return sorted(likenesses, key=lambda likeness: -len(likeness.reasons))


@dataclass(frozen=True, slots=True)
class _PlainWork:
    """The new work in comparable form, made once for comparison with many."""

    title: str
    surnames: frozenset[str]
    year: int | None
    doi: str
    isbn: str
    url: str


def _shared_traits(new: _PlainWork, other: ComparedWork) -> tuple[str, ...]:
    checks = (
        ("the same DOI", new.doi and new.doi == other.doi.lower()),
        ("the same ISBN", new.isbn and new.isbn == (isbn13(other.isbn) or other.isbn)),
        ("the same address", new.url and new.url == plain_url(other.url)),
        ("nearly the same title", _same_title(new, other)),
    )
    return tuple(reason for reason, agrees in checks if agrees)


def _same_title(new: _PlainWork, other: ComparedWork) -> bool:
    """True for near-equal titles of close years whose authors, where both have any, overlap."""
    if new.year and other.year and abs(new.year - other.year) > YEARS_APART:
        return False
    theirs = author_surnames(other.authors)
    if new.surnames and theirs and not new.surnames & theirs:
        return False
    return titles_match(new.title, plain_title(other.title))


def titles_match(first: str, second: str) -> bool:
    """Return True if all numbers are equal and every long word matches up to spelling.

    first, second: plain titles. Numbers distinguish volumes and years; in a series, one long word
    may be the only difference between two parts: "neglect in schools", "neglect in hospitals".
    """
    if not first or not second:
        return False
    if first == second:
        return True
    # "Biennial analysis 2005 to 2007" is not "Biennial analysis 2007 to 2009".
    if re.findall(r"\d+", first) != re.findall(r"\d+", second):
        return False
    return _similar(first, second, MIN_TITLE_SIMILARITY) and _same_words(
        first.split(), second.split()
    )


def _similar(first: str, second: str, least: float) -> bool:
    # The quick ratios are upper bounds, so that most pairs never need the full comparison.
    compared = SequenceMatcher(None, first, second, autojunk=False)
    return (
        compared.real_quick_ratio() >= least
        and compared.quick_ratio() >= least
        and compared.ratio() >= least
    )


def _same_words(first: list[str], second: list[str]) -> bool:
    """True if each longer word that only one title has resembles one that only the other has."""
    ours, theirs = set(first) - set(second), set(second) - set(first)
    return all(
        len(word) <= SHORT_WORD_LENGTH
        or any(_similar(word, other, MIN_SPELLING_SIMILARITY) for other in others)
        for words, others in ((ours, theirs), (theirs, ours))
        for word in words
    )


def plain_title(title: str) -> str:
    """A title without case, accents, punctuation and leading articles."""
    letters = title.lower() if title.isascii() else _without_accents(title)
    return _ARTICLE.sub("", _NOT_WORDS.sub(" ", letters.replace("&", " and ")).strip())


def _without_accents(text: str) -> str:
    caseless = unicodedata.normalize("NFKC", text).casefold()
    decomposed = unicodedata.normalize("NFKD", caseless)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def author_surnames(authors: Iterable[str]) -> frozenset[str]:
    """The surnames of "Surname, First" or "First Surname", without case and accents."""
    names = (name.split(",")[0] if "," in name else (name.split() or [""])[-1] for name in authors)
    return frozenset(plain_title(name) for name in names) - {""}


def plain_url(url: str) -> str:
    """An address without scheme, www, fragment, tracking parameters and final slash.

    "" for a text that is not an address.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if not parts.netloc:
        return ""
    host = parts.netloc.lower().removeprefix("www.")
    pairs = sorted(pair for pair in parse_qsl(parts.query) if not _TRACKING.match(pair[0]))
    query = f"?{urlencode(pairs)}" if pairs else ""
    return f"{host}{parts.path.rstrip('/')}{query}"


# ---- reviews ----


@dataclass(frozen=True, slots=True)
class ComparedReview:
    """The fields of a review's record that identify the review."""

    key: str
    board: str
    pseudonym: str
    year: int | None


def similar_reviews(
    new: ComparedReview, known: Iterable[ComparedReview]
) -> list[PossibleDuplicate]:
    """Return the known reviews of the same board, year and pseudonym.

    A pseudonym alone is no evidence: boards use the same ones again. Reviews without a pseudonym
    are not compared.
    """
    pseudonym, board = plain_title(new.pseudonym), plain_title(new.board)
    if not pseudonym:
        return []
    return [
        PossibleDuplicate(case.key, ("the same board, pseudonym and year",))
        for case in known
        if case.key != new.key
        and plain_title(case.pseudonym) == pseudonym
        and plain_title(case.board) == board
        and case.year == new.year
    ]
