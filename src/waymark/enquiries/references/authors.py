"""Compare the authors that a reference names with those of a work. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from waymark.enquiries.references.parts import ReferenceWord
from waymark.enquiries.references.words import MONTHS, SMALL_WORDS
from waymark.library.catalogue.duplicates import plain_title

_AND_OTHERS = frozenset({"al", "others", "colleagues"})
_LONGEST_INITIALS = 3


@dataclass(frozen=True, slots=True)
class WorkAuthors:
    """Authors of a work. persons: words of the surname and first letters of the given names of
    each; bodies: words and acronyms of authors that are bodies, and of who published it.
    """

    persons: tuple[tuple[frozenset[str], frozenset[str]], ...]
    bodies: frozenset[str]

    @property
    def surnames(self) -> frozenset[str]:
        """Words of all surnames."""
        return frozenset(word for surname, _ in self.persons for word in surname)


def work_authors(authors: Iterable[str], bodies: Iterable[str]) -> WorkAuthors:
    """Authors as the catalogue has them, "Surname, First" or a body, and other bodies.

    An author that is also among the bodies is one, whatever commas its name has.
    """
    names, other = list(authors), set(bodies)
    persons = tuple(
        (
            frozenset(plain_title(name.partition(",")[0]).split()),
            frozenset(part[0] for part in plain_title(name.partition(",")[2]).split()),
        )
        for name in names
        if "," in name and name not in other
    )
    of_bodies = [*(name for name in names if "," not in name), *bodies]
    words = {word for body in of_bodies for word in plain_title(body).split()}
    return WorkAuthors(persons, frozenset(words | set(map_acronyms(of_bodies))))


def map_acronyms(names: Iterable[str]) -> Iterable[str]:
    """Acronyms of bodies, with and without small words: "dfe", "de"."""
    for name in names:
        words = plain_title(name).split()
        yield "".join(word[0] for word in words)
        yield "".join(word[0] for word in words if word not in SMALL_WORDS)


@dataclass(frozen=True, slots=True)
class ComparedAuthors:
    """shared: they have an author in common. differs: they are not the same authors."""

    shared: bool
    differs: bool


def compare_authors(before: tuple[ReferenceWord, ...], work: WorkAuthors) -> ComparedAuthors:
    """Compare the words before a title with the authors of a work.

    A reference that names nobody differs in nothing. "et al." stands for any others.
    """
    names = _names(before)
    if not names:
        return ComparedAuthors(shared=False, differs=False)
    known = work.surnames | work.bodies
    shared = any(word.plain in known for word in names)
    strange = [word for word in names if word.plain not in known]
    strange = [word for word in strange if not _is_given_name(word, names, work)]
    return ComparedAuthors(
        shared, bool(strange) or not _is_first(names, work) or _misses(before, names, work)
    )


def _names(before: tuple[ReferenceWord, ...]) -> list[ReferenceWord]:
    """The words that are names: no initials, years, months and small words."""
    return [
        word
        for word in before
        if not word.plain.isdigit()
        and word.plain not in SMALL_WORDS | MONTHS
        and len(word.plain) > 1
        and not (word.text.isupper() and len(word.text) <= _LONGEST_INITIALS)
        and not word.plain[0].isdigit()
    ]


def _is_given_name(word: ReferenceWord, names: list[ReferenceWord], work: WorkAuthors) -> bool:
    """True for "Anna" of "Reed, Anna" or "Anna Reed", where the catalogue has "Reed, A"."""
    at = names.index(word)
    beside = {name.plain for name in (*names[max(0, at - 2) : at], *names[at + 1 : at + 3])}
    return any(surname & beside and word.plain[0] in initials for surname, initials in work.persons)


def _is_first(names: list[ReferenceWord], work: WorkAuthors) -> bool:
    """True if the first surname is that of the first author."""
    if not work.persons:
        return True
    first = next((word.plain for word in names if word.plain in work.surnames), None)
    # One that names only the body that published it is judged by that name.
    return first is None or first in work.persons[0][0]


def _misses(
    before: tuple[ReferenceWord, ...], names: list[ReferenceWord], work: WorkAuthors
) -> bool:
    """True if an author is left out without "et al.", or the dots for authors in between."""
    plain = {word.plain for word in names}
    if not plain & work.surnames or any(word.plain in _AND_OTHERS for word in before):
        return False
    missing = [surname for surname, _ in work.persons if not surname & plain]
    # Vancouver lists six and APA twenty before it shortens the list.
    return bool(missing) and len(work.persons) - len(missing) < 6
