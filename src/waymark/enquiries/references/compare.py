"""Compare a reference with the works of the library: found, found with differences, not found.

Pure. docs/desk.md explains the rules to those who use them, with measurements.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import nlargest

from waymark.enquiries.references.authors import (
    ComparedAuthors,
    WorkAuthors,
    compare_authors,
    work_authors,
)
from waymark.enquiries.references.journals import journal_named, same_journal
from waymark.enquiries.references.parts import (
    JournalPlace,
    ReferenceText,
    journal_place,
    read_reference,
    years_in,
)
from waymark.enquiries.references.titles import (
    EDITION,
    NEAR_TITLE,
    NEAR_TITLE_OF_BODY,
    FoundTitle,
    WordWeights,
    WorkTitle,
    find_title,
    work_title,
)
from waymark.enquiries.references.words import PLACES
from waymark.library.catalogue.duplicates import plain_title, plain_url
from waymark.library.catalogue.resource_description import isbn13

SHORT_TITLE = 5
"""Titles with fewer words are common: author or year must agree as well."""
MOST_COMPARED = 40
"""Works with which a reference is compared word by word."""
FEW_WORDS = 4
"""A reference with fewer words is only an identifier or an address."""
LEAST_OVERLAP = 0.5
"""Share of the words of a title that a reference must have to be compared with it."""
_LAST_YEAR = re.compile(r"[\s,;]*[(\[]?(?:18|19|20)\d\d[a-z]?$")
PART_NAMES = {
    "author": "Author",
    "year": "Year",
    "title": "Title",
    "journal": "Journal",
    "volume": "Volume",
    "issue": "Issue",
    "pages": "Pages",
    "doi": "DOI",
    "isbn": "ISBN",
}
"""Part of a reference -> its name for people."""


class MatchOutcome(StrEnum):
    """Result of the check of a reference."""

    YES = "yes"
    DIFFERS = "differs"
    NO = "no"


@dataclass(frozen=True, slots=True)
class LibraryWork:
    """A work of the library. key: of its record. bodies: who published or commissioned it.

    journal, place: of an article, "41(2), 242-260"; "" for other works.
    """

    key: str
    title: str
    strapline: str = ""
    authors: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    year: int | None = None
    journal: str = ""
    place: JournalPlace = field(default_factory=JournalPlace)
    doi: str = ""
    isbn: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ReferenceDifference:
    """A part that is not the same. part: one of PART_NAMES; given: as the reference has it;
    library: as the library has it.
    """

    part: str
    given: str
    library: str

    @property
    def name(self) -> str:
        """The part for people."""
        return PART_NAMES[self.part]


@dataclass(frozen=True, slots=True)
class CheckedReference:
    """A checked reference. key: of the record, "" if it was not found."""

    text: str
    outcome: MatchOutcome
    key: str = ""
    differences: tuple[ReferenceDifference, ...] = ()


@dataclass(frozen=True, slots=True)
class _PreparedWork:
    work: LibraryWork
    title: WorkTitle
    words: frozenset[str]
    authors: WorkAuthors
    beside: frozenset[str]
    """Words that may stand beside the title: of bodies, and places."""


class ReferenceChecker:
    """The works of the library, prepared once for many references."""

    def __init__(self, works: Iterable[LibraryWork]) -> None:
        self._works = [_prepared(work) for work in works]
        self._weights = WordWeights(prepared.title for prepared in self._works)
        self._by_identifier = {
            identifier: prepared
            for prepared in self._works
            for identifier in _identifiers(prepared.work)
        }

    def check(self, reference: str) -> CheckedReference:
        """Check one reference."""
        read = read_reference(reference)
        known = self._known(read)
        if known is not None and len(read.words) < FEW_WORDS:
            return CheckedReference(reference, MatchOutcome.YES, known.work.key)
        plain = frozenset(word.plain for word in read.words)
        compared = (self._compared(read, work) for work in self._near(plain))
        likely = [candidate for candidate in compared if candidate and candidate.is_likely]
        if likely:
            return max(likely, key=lambda candidate: candidate.rank(known)).checked(reference)
        if known is None:
            return CheckedReference(reference, MatchOutcome.NO)
        return _of_other_work(reference, read, known)

    def _near(self, plain: frozenset[str]) -> list[_PreparedWork]:
        """The works of which a reference has most words of the title, a bounded number."""
        shares = (
            (len(work.words & plain) / len(work.words), at)
            for at, work in enumerate(self._works)
            if work.words
        )
        near = nlargest(MOST_COMPARED, (share for share in shares if share[0] >= LEAST_OVERLAP))
        return [self._works[at] for _, at in near]

    def _compared(self, read: ReferenceText, work: _PreparedWork) -> "_ComparedWork | None":
        title = find_title(work.title, read, work.beside, self._weights)
        if title is None:
            return None
        authors = compare_authors(read.words[: title.start], work.authors)
        after = read.text[read.words[title.end - 1].end :]
        edition = EDITION.search(work.work.title)
        # The year of an edition in brackets may be that of the title alone.
        if edition and (own := re.match(rf"\s*[(\[]{edition[1]}[)\]]", after)):
            rest = read.text[: read.words[title.start].start] + after[own.end() :]
            years = years_in(rest) or (int(edition[1]),)
            return _ComparedWork(read, work, title, authors, years, names_edition=True)
        outside = read.text[: read.words[title.start].start] + after
        return _ComparedWork(read, work, title, authors, years_in(outside))

    def _known(self, read: ReferenceText) -> _PreparedWork | None:
        """The work with the identifier or the address of a reference."""
        marks = (f"doi {read.doi}", f"isbn {read.isbn}", f"url {plain_url(read.url)}")
        return next(
            (self._by_identifier[mark] for mark in marks if mark in self._by_identifier), None
        )


def _prepared(work: LibraryWork) -> _PreparedWork:
    title = work_title(work.title, work.strapline)
    authors = work_authors(work.authors, work.bodies)
    beside = authors.bodies | authors.surnames | PLACES | set(plain_title(work.journal).split())
    return _PreparedWork(work, title, frozenset(title.words), authors, frozenset(beside))


def _identifiers(work: LibraryWork) -> list[str]:
    marks = {"doi": work.doi.lower(), "isbn": isbn13(work.isbn) or work.isbn}
    marks["url"] = plain_url(work.url)
    return [f"{name} {value}" for name, value in marks.items() if value]


@dataclass(frozen=True, slots=True)
class _ComparedWork:
    """A reference beside one work. years: those of the reference. names_edition: it has the year
    of the edition after the title, as the work has.
    """

    read: ReferenceText
    prepared: _PreparedWork
    title: FoundTitle
    authors: ComparedAuthors
    years: tuple[int, ...]
    names_edition: bool = False

    @property
    def year_agrees(self) -> bool:
        return self.prepared.work.year in self.years

    @property
    def is_likely(self) -> bool:
        """True if the reference means this work.

        The same title is enough if it is long; a short one needs the author or the year too, and
        another wording needs the same authors.
        """
        if not self.title.same:
            # A body may publish half of the library: its name says less than a person's.
            least = NEAR_TITLE if self.prepared.authors.persons else NEAR_TITLE_OF_BODY
            near = self.title.similarity >= least
            return near and self.authors.shared and not self.authors.differs
        words = len(self.prepared.title.words)
        return words >= SHORT_TITLE or self.authors.shared or self.year_agrees

    def rank(self, known: _PreparedWork | None) -> tuple[bool, float, int, bool, bool, int]:
        """Order of works: the identifier, then the title, the authors and the year decide."""
        return (
            self.prepared is known,
            self.title.similarity,
            self.authors.shared - self.authors.differs,
            self.names_edition,
            self.year_agrees or (not self.years and not self.prepared.work.year),
            len(self.prepared.title.words),
        )

    def checked(self, reference: str) -> CheckedReference:
        """The result if the reference means this work."""
        differences = tuple(self._differences())
        outcome = MatchOutcome.DIFFERS if differences else MatchOutcome.YES
        return CheckedReference(reference, outcome, self.prepared.work.key, differences)

    def _differences(self) -> Iterable[ReferenceDifference]:
        work = self.prepared.work
        before = self.read.words[: self.title.start]
        if self.authors.differs:
            yield ReferenceDifference("author", _text_before(self.read, before), _authors_of(work))
        if work.year and self.years and not self.year_agrees:
            years = ", ".join(map(str, dict.fromkeys(self.years)))
            yield ReferenceDifference("year", years, str(work.year))
        if not self.title.same:
            yield ReferenceDifference("title", self.title.typed, work.title)
        yield from _journal_differences(self.read, self.title, work)
        yield from _identifier_differences(self.read, work)


def _text_before(read: ReferenceText, words: Sequence[object]) -> str:
    """The text of the first words of a reference, without the year at its end."""
    end = read.words[len(words) - 1].end if words else 0
    return _LAST_YEAR.sub("", " ".join(read.text[:end].split()))


def _authors_of(work: LibraryWork) -> str:
    return "; ".join(work.authors or work.bodies[:1])


def _journal_differences(
    read: ReferenceText, title: FoundTitle, work: LibraryWork
) -> Iterable[ReferenceDifference]:
    if not work.journal:
        return
    after = read.text[read.words[title.end - 1].end :]
    named = journal_named(read, title.end)
    if named and not same_journal(named, work.journal):
        yield ReferenceDifference("journal", named, work.journal)
    place = journal_place(after)
    for part in ("volume", "issue", "pages"):
        typed, library = getattr(place, part), getattr(work.place, part)
        if typed and library and typed.casefold() != library.casefold():
            yield ReferenceDifference(part, typed, library)


def _identifier_differences(
    read: ReferenceText, work: LibraryWork
) -> Iterable[ReferenceDifference]:
    if read.doi and work.doi and read.doi != work.doi.lower():
        yield ReferenceDifference("doi", read.doi, work.doi)
    isbn = isbn13(work.isbn) or work.isbn
    if read.isbn and isbn and read.isbn != isbn:
        yield ReferenceDifference("isbn", read.isbn, isbn)


def _of_other_work(reference: str, read: ReferenceText, known: _PreparedWork) -> CheckedReference:
    """A reference with the identifier of a work that it does not describe."""
    difference = ReferenceDifference("title", " ".join(read.text.split()), known.work.title)
    return CheckedReference(reference, MatchOutcome.DIFFERS, known.work.key, (difference,))
