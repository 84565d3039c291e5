"""Records that may be of the same work: what they share, as a warning to look, never a refusal.

The same DOI is not always the same work (a supplement of abstracts has one for all), and one work
may have several addresses: a person looks at both and decides.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from urllib.parse import parse_qsl, urlencode, urlsplit

from waymark.library.description import isbn13

ALIKE = 0.9
"""How alike two titles are at least, 0 to 1: a word more in ten, or an ending here and there."""
SPELT = 0.75
"""The same for two words that may be one, spelt in two ways."""
SHORT = 3
"""Letters of a word that tells no titles apart: of, the, and."""
YEARS_APART = 1
_TRACKING = re.compile(r"utm_|fbclid$|gclid$")
_NOT_WORDS = re.compile(r"[\W_]+")
_ARTICLE = re.compile(r"^(?:(?:the|a|an) )+")


@dataclass(frozen=True, slots=True)
class Work:
    """What of a record tells whether it is the same work. key: of the record."""

    key: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    doi: str = ""
    isbn: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A record that may be of the same work, and why, each reason a few words."""

    key: str
    reasons: tuple[str, ...]


def alike(new: Work, known: Iterable[Work]) -> list[Likeness]:
    """The known works that may be the new one, those with most in common first.

    A work of the same key is the same record and left out.
    """
    title, authors, url = plain_title(new.title), surnames(new.authors), plain_url(new.url)
    isbn = isbn13(new.isbn) or new.isbn
    found = []
    for one in known:
        if one.key == new.key:
            continue
        reasons = []
        if new.doi and new.doi.lower() == one.doi.lower():
            reasons.append("the same DOI")
        if isbn and isbn == (isbn13(one.isbn) or one.isbn):
            reasons.append("the same ISBN")
        if url and url == plain_url(one.url):
            reasons.append("the same address")
        if _same_title(title, authors, new.year, one):
            reasons.append("nearly the same title")
        if reasons:
            found.append(Likeness(one.key, tuple(reasons)))
    return sorted(found, key=lambda one: -len(one.reasons))


def _same_title(title: str, authors: frozenset[str], year: int | None, one: Work) -> bool:
    """Near-equal titles of close years whose authors, where both name any, share one."""
    if year is not None and one.year is not None and abs(year - one.year) > YEARS_APART:
        return False
    theirs = surnames(one.authors)
    if authors and theirs and not authors & theirs:
        return False
    return close(title, plain_title(one.title))


def close(first: str, second: str) -> bool:
    """Whether two plain titles are alike.

    Numbers must agree: they tell volumes and years apart. So must every longer word, but for its
    spelling: in a series one word tells the parts apart.
    """
    if not first or not second:
        return False
    if first == second:
        return True
    if re.findall(r"\d+", first) != re.findall(r"\d+", second):
        return False
    return _near(first, second, ALIKE) and _same_words(first.split(), second.split())


def _near(first: str, second: str, least: float) -> bool:
    compared = SequenceMatcher(None, first, second, autojunk=False)
    return (
        compared.real_quick_ratio() >= least
        and compared.quick_ratio() >= least
        and compared.ratio() >= least
    )


def _same_words(first: list[str], second: list[str]) -> bool:
    """Whether each longer word that one title has alone is like one that the other has alone."""
    ours, theirs = set(first) - set(second), set(second) - set(first)
    return all(
        len(word) <= SHORT or any(_near(word, other, SPELT) for other in others)
        for words, others in ((ours, theirs), (theirs, ours))
        for word in words
    )


def plain_title(title: str) -> str:
    """A title without case, accents, punctuation and leading articles."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    letters = unicodedata.normalize("NFKD", folded)
    letters = "".join(one for one in letters if not unicodedata.combining(one))
    return _ARTICLE.sub("", _NOT_WORDS.sub(" ", letters.replace("&", " and ")).strip())


def surnames(authors: Iterable[str]) -> frozenset[str]:
    """The surnames of authors given as "Surname, First" or "First Surname", without accents."""
    found = set()
    for name in authors:
        surname = name.split(",")[0] if "," in name else (name.split() or [""])[-1]
        found.add(plain_title(surname))
    return frozenset(found - {""})


def plain_url(url: str) -> str:
    """An address without scheme, www, fragment, marks of tracking and a slash at its end; "" for
    what is no address."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if not parts.netloc:
        return ""
    host = parts.netloc.lower().removeprefix("www.")
    kept = [(name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.match(name)]
    asked = f"?{urlencode(sorted(kept))}" if kept else ""
    return f"{host}{parts.path.rstrip('/')}{asked}"


# ---- reviews ----


@dataclass(frozen=True, slots=True)
class Case:
    """What of a review's record tells whether it is of the same review."""

    key: str
    board: str
    pseudonym: str
    year: int | None


def same_case(new: Case, known: Iterable[Case]) -> list[Likeness]:
    """The known reviews of the same board and year in which the child is called the same.

    A pseudonym alone says little: boards use the same ones again. Without a pseudonym nothing is
    compared.
    """
    pseudonym, board = plain_title(new.pseudonym), plain_title(new.board)
    if not pseudonym:
        return []
    return [
        Likeness(one.key, ("the same board, pseudonym and year",))
        for one in known
        if one.key != new.key
        and plain_title(one.pseudonym) == pseudonym
        and plain_title(one.board) == board
        and one.year == new.year
    ]
