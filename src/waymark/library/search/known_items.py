"""Known items: what a person types who looks for one record, not for a subject. Pure.

R07, review R7                  the reference of a review
978 0 11 703000 1, DFE-RR226    an ISBN, a DOI or a report number, however it is written
https://site/resources/a-b/     the address of a record here, or of the publication elsewhere
Learning from neglect           the whole title of a record, or its main title
Devaney 2013, Reed J (2012)     surnames, with or without initials, and a year
Devaney (2013) Learning from    a reference: the title after the year counts as well
Child Birch, baby P             the name that a review gives to a child or a family
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from waymark.library.catalogue.resource_description import isbn13
from waymark.library.language.analyser import word_forms, words_in
from waymark.library.search.common_words import COMMON, NAMING, OF_REVIEWS

YEAR = re.compile(r"((?:19|20)[0-9]{2})[a-e]?", re.ASCII)
DOI = re.compile(r"(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
ISBN = re.compile(r"(?<![\w-])(?:97[89][ -]?)?\d(?:[ -]?\d){8}[ -]?[\dxX](?![\w-])")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
RECORD_PATH = re.compile(r"/(?:reviews|resources)/([\w.-]+)", re.IGNORECASE)
OWN_NUMBER = re.compile(r"(?:(?:case )?review|record|ref(?:erence)?|no)\.?:? (\S+)", re.IGNORECASE)
AFTER_YEAR = re.compile(r"\(?(?<!\d)(?:19|20)\d\d[a-e]?\)?[.,:]?\s+(.+)", re.DOTALL)
MAIN_TITLE = re.compile(r"(.+?)(?:: | [\u2013\u2014-] |\? )", re.DOTALL)
BETWEEN_AUTHORS = frozenset({"and", "et", "al", "eds", "ed", "others"}) | NAMING
MOST_AUTHORS = 12
SHORTEST_MAIN_TITLE = 3
ARTICLES = frozenset({"the", "a", "an"})
TITLE = "title "
"""Begins an identifier that is a title."""
# A capital letter, or a letter by itself: "child protection" is a subject, "child Birch" a name.
# Without a capital, "child birch" is a name only if a review is called so: the caller looks.
NAMED = r"(?i:child|baby|boy|girl|family|adult|sibling|young person)"
PSEUDONYM = re.compile(NAMED + r" (?:[^\W\d_a-z]\w*|\w)(?: \w)?")
POSSIBLE_PSEUDONYM = re.compile(NAMED + r" \w+(?: \w)?")
SHORTEST_IDENTIFIER, SHORT_NUMBER, LONGEST_IDENTIFIER = 2, 12, 500


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What one record may be known by. identifiers: as it may have one of them in the index.

    authors: surnames, and given names or initials, that it must all have, with its year; empty for
    other words. name: words that are side by side in the title of a review, "" unless they read as
    the name of a child.
    """

    identifiers: tuple[str, ...]
    authors: tuple[str, ...] = ()
    year: int | None = None
    name: str = ""


def known_item_of(text: str, *, is_name: bool = False) -> KnownItem | None:
    """The record that a text may name; None for a text without words.

    is_name: it is known to be the name of a child or a family.
    """
    typed = words_in(text)
    if not typed:
        return None
    authors, year = _authors_and_year(typed)
    name = "-".join(typed) if is_name or is_pseudonym(text) else ""
    return KnownItem(tuple(dict.fromkeys(_identifiers_in(text))), authors, year, name)


def _identifiers_in(text: str) -> Iterator[str]:
    """All that a typed text may mean: itself, what it contains, and the title it is or ends in."""
    yield title_key(text)
    if reference := AFTER_YEAR.search(text):
        # "Devaney, J. (2013) Learning from neglect. Belfast: A press"
        yield title_key(re.split(r"\. |\.$", reference[1], maxsplit=1)[0])
    yield from filter(None, map(identifier_of, _written_identifiers(text)))


def _written_identifiers(text: str) -> Iterator[str]:
    line = " ".join(text.split())
    yield line
    yield from (match[1].rstrip(".,;)") for match in DOI.finditer(line))
    yield from (match[0] for match in ISBN.finditer(line))
    yield from (match[0] for match in ADDRESS.finditer(line))
    yield from (match[1] for match in RECORD_PATH.finditer(line))
    if number := OWN_NUMBER.fullmatch(line):
        yield number[1]


def title_key(title: str) -> str:
    """The identifier that a title is: "The Otter: a study" -> "title otter a study"."""
    folded = [word_forms(word)[0] for word in words_in(title)]
    return TITLE + " ".join(folded[1:] if folded[:1] and folded[0] in ARTICLES else folded)


def title_keys(title: str, strapline: str = "") -> tuple[str, ...]:
    """The identifiers of a record by its title: alone, with its strapline, and its main title.

    A main title of less than three words, or of words for reviews only, is a subject rather:
    "Neglect: a review", "Serious case review: Child A".
    """
    main = MAIN_TITLE.match(title)
    names = [title, f"{title} {strapline}", main[1] if main and _names_one(main[1]) else title]
    return tuple(dict.fromkeys(map(title_key, names)))


def _names_one(main_title: str) -> bool:
    words = [word_forms(word)[0] for word in words_in(main_title)]
    telling = set(words) - COMMON - NAMING - OF_REVIEWS
    return len(words) >= SHORTEST_MAIN_TITLE and bool(telling)


def name_orders(name: str) -> tuple[str, ...]:
    """A person's name as people type it: "Ash, Ann May" -> also "Ann May Ash" and "A M Ash".

    A name without given names is returned alone.
    """
    surname, _, given = name.partition(",")
    first_names = words_in(given)
    if not first_names:
        return (name,)
    initials = " ".join(word[0] for word in first_names)
    forms = (name, f"{given} {surname}", f"{surname} {initials}", f"{initials} {surname}")
    return tuple(dict.fromkeys(" ".join(form.split()) for form in forms))


def initials_of(names: Iterable[str]) -> str:
    """The initials of persons' given names, for a search of a surname with initials."""
    given = (words_in(name.partition(",")[2]) for name in names)
    return " ".join(dict.fromkeys(word[0] for words in given for word in words))


def is_pseudonym(text: str) -> bool:
    """True for words that read as the name which a review gives to a child or a family."""
    return PSEUDONYM.fullmatch(" ".join(text.split())) is not None


def may_be_pseudonym(text: str) -> bool:
    """True for words that could be such a name in lower case, as "child birch" and "child care"."""
    return POSSIBLE_PSEUDONYM.fullmatch(" ".join(text.split())) is not None


def identifier_of(text: str) -> str:
    """Letters and digits alone: "DFE-RR226" -> dferr226; "" for what is too long.

    An ISBN of 10 digits is given as 13, an address without its protocol, and numbers without zeros
    before them, so that R7 is R07.
    """
    bare = DOI.sub(r"\1", re.sub(r"(?i)^(?:urn:)?isbn(?:-1[03])?:?\s*", "", text.strip()))
    if number := isbn13(bare):
        return number
    bare = re.sub(r"(?i)^(?:https?:)?(?://)?(?:www\.)?", "", bare)
    plain = "".join(letter for letter in bare.casefold() if letter.isalnum())
    plain = re.sub(r"(?<=[a-z])0+(?=\d)", "", plain) if len(plain) <= SHORT_NUMBER else plain
    return plain if SHORTEST_IDENTIFIER <= len(plain) <= LONGEST_IDENTIFIER else ""


def _authors_and_year(typed: list[str]) -> tuple[tuple[str, ...], int | None]:
    """("Devaney", "et", "al", "2013") -> (("Devaney",), 2013); ((), None) for anything else."""
    years = [word for word in typed if YEAR.fullmatch(word)]
    names = [word for word in typed if word not in years and word.casefold() not in BETWEEN_AUTHORS]
    if len(years) != 1 or not 1 <= len(names) <= MOST_AUTHORS or max(map(len, names)) < 2:
        return (), None
    return tuple(names), int(years[0][:4])
