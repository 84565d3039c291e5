"""Known items: what a person types who looks for one record, not for a subject. Pure.

R07                             the reference of a review
978 0 11 703000 1, DFE-RR226    an ISBN, a DOI or a report number, however it is spaced
Learning from neglect           the whole title of a record
Devaney 2013, Reed et al (2012) surnames and a year
Child Birch, baby P             the name that a review gives to a child or a family
"""

import re
from dataclasses import dataclass

from waymark.library.language.analyser import analyse_text, words_in

YEAR = re.compile(r"(?:19|20)[0-9]{2}", re.ASCII)
DOI = re.compile(r"(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*", re.IGNORECASE)
BETWEEN_AUTHORS = frozenset({"and", "et", "al", "eds", "ed"})
MOST_AUTHORS = 4
# A capital letter, or a letter by itself: "child protection" is a subject, "child Birch" a name.
# Without a capital, "child birch" is a name only if a review is called so: the caller looks.
NAMED = r"(?i:child|baby|boy|girl|family|adult|sibling|young person)"
PSEUDONYM = re.compile(NAMED + r" (?:[^\W\d_a-z]\w*|\w)(?: \w)?")
POSSIBLE_PSEUDONYM = re.compile(NAMED + r" \w+(?: \w)?")
SHORTEST_IDENTIFIER, LONGEST_IDENTIFIER = 2, 120


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What one record may be known by. title: its folded words, divided by one space.

    authors: surnames that it must all have, with its year; empty for other words. name: words that
    are side by side in the title of a review, "" unless they read as the name of a child.
    """

    title: str
    identifier: str
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
    return KnownItem(analyse_text(text)[0], identifier_of(text), authors, year, name)


def is_pseudonym(text: str) -> bool:
    """True for words that read as the name which a review gives to a child or a family."""
    return PSEUDONYM.fullmatch(" ".join(text.split())) is not None


def may_be_pseudonym(text: str) -> bool:
    """True for words that could be such a name in lower case, as "child birch" and "child care"."""
    return POSSIBLE_PSEUDONYM.fullmatch(" ".join(text.split())) is not None


def identifier_of(text: str) -> str:
    """Letters and digits alone: "978-0-11 7030001" -> 9780117030001; "" for what is too long."""
    plain = "".join(letter for letter in DOI.sub("", text).casefold() if letter.isalnum())
    return plain if SHORTEST_IDENTIFIER <= len(plain) <= LONGEST_IDENTIFIER else ""


def _authors_and_year(typed: list[str]) -> tuple[tuple[str, ...], int | None]:
    """("Devaney", "et", "al", "2013") -> (("Devaney",), 2013); ((), None) for anything else."""
    years = [word for word in typed if YEAR.fullmatch(word)]
    names = [word for word in typed if word not in years and word.casefold() not in BETWEEN_AUTHORS]
    if len(years) != 1 or not 1 <= len(names) <= MOST_AUTHORS:
        return (), None
    return tuple(names), int(years[0])
