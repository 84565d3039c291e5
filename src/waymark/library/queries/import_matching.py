"""Find the records of the catalogue that an imported record may duplicate.

An import can bring thousands of records, so that each is compared with few others: works are filed
under their DOI, ISBN and address, and under the first and the last word of their title together
with its numbers. Two titles that differ in both words are never compared.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from waymark.library.catalogue.duplicates import (
    YEARS_APART,
    ComparedReview,
    ComparedWork,
    PossibleDuplicate,
    compared_work,
    plain_title,
    plain_url,
    similar_reviews,
    similar_works,
)
from waymark.library.catalogue.resource_description import ResourceDescription, isbn13
from waymark.library.exchange.record import RecordData
from waymark.library.models import Resource, ReviewDetails

MOST_OTHER_WORDS = 4
"""Most words that only one of two compared titles has: misspelt words count twice."""


@dataclass(frozen=True, slots=True)
class _FiledWork:
    """A work with the words of its title, ready for comparison."""

    work: ComparedWork
    words: frozenset[str]

    def comparable(self, other: "_FiledWork") -> bool:
        """Return False where years or words rule out similar titles; cheaper than comparing."""
        ours, theirs = self.work.year, other.work.year
        if ours is not None and theirs is not None and abs(ours - theirs) > YEARS_APART:
            return False
        # "neglect of infants" and "neglect of babies": infants and babies, 2.
        return len(self.words ^ other.words) <= MOST_OTHER_WORDS


class DuplicateFinder:
    """The works and reviews of the catalogue and of an import, filed for quick comparison."""

    def __init__(self) -> None:
        self._works: dict[str, list[_FiledWork]] = defaultdict(list)
        self._cases: dict[str, list[ComparedReview]] = defaultdict(list)
        self._titles: dict[str, str] = {}
        rows = Resource.objects.values_list("key", "title", "authors", "year", "doi", "isbn", "url")
        for key, title, authors, year, doi, isbn, url in rows.iterator(chunk_size=2_000):
            self._file(ComparedWork(f"resource {key}", title, tuple(authors), year, doi, isbn, url))
        details = ReviewDetails.objects.exclude(pseudonym="").select_related("review")
        for row in details.iterator(chunk_size=2_000):
            review = row.review
            known = review.published_on or review.completed_on
            year = row.year or (known.year if known else None)
            case = ComparedReview(f"review {review.reference}", review.board, row.pseudonym, year)
            self._file_case(case, review.title)

    def add(self, key: str, data: RecordData, described: ResourceDescription | None) -> None:
        """File an imported record, so that a duplicate in the same file is found.

        described: the description of a resource; None for a review.
        """
        if described is None:
            self._file_case(_compared_review(key, data), data.title)
        else:
            self._file(compared_work(key, described))

    def similar(self, data: RecordData, described: ResourceDescription | None) -> tuple[str, ...]:
        """The records that this one may duplicate: name, title and reasons of each."""
        likenesses = (
            similar_reviews(
                _compared_review("", data), self._cases.get(plain_title(data.pseudonym), [])
            )
            if described is None
            else self._similar_works(compared_work("", described))
        )
        return tuple(
            f"{likeness.key}: {self._titles.get(likeness.key, '')} ({'; '.join(likeness.reasons)})"
            for likeness in likenesses
        )

    def _similar_works(self, work: ComparedWork) -> list[PossibleDuplicate]:
        new = _filed_work(work)
        # By DOI, ISBN or address always; by title only if the cheap comparison allows it.
        near = {
            filed.work.key: filed.work
            for mark in _filing_marks(work)
            for filed in self._works.get(mark, ())
            if not mark.startswith("title") or filed.comparable(new)
        }
        return similar_works(work, near.values())

    def _file(self, work: ComparedWork) -> None:
        self._titles[work.key] = work.title
        filed = _filed_work(work)
        for mark in _filing_marks(work):
            self._works[mark].append(filed)

    def _file_case(self, case: ComparedReview, title: str) -> None:
        self._titles[case.key] = title
        self._cases[plain_title(case.pseudonym)].append(case)


def _filed_work(work: ComparedWork) -> _FiledWork:
    return _FiledWork(work, frozenset(plain_title(work.title).split()))


def _compared_review(key: str, data: RecordData) -> ComparedReview:
    return ComparedReview(key, data.board, data.pseudonym, data.year)


def _filing_marks(work: ComparedWork) -> set[str]:
    """The marks of "Crossing rivers: volume 2": "title crossing * 2" and "title * 2 2"."""
    title = plain_title(work.title)
    words, numbers = title.split(), " ".join(re.findall(r"\d+", title))
    return {*_title_marks(words, numbers), *_identifier_marks(work)}


def _title_marks(words: list[str], numbers: str) -> Iterator[str]:
    if words:
        yield f"title {words[0]} * {numbers}"
        yield f"title * {words[-1]} {numbers}"


def _identifier_marks(work: ComparedWork) -> Iterator[str]:
    identifiers = {"doi": work.doi.lower(), "isbn": isbn13(work.isbn), "url": plain_url(work.url)}
    for name, identifier in identifiers.items():
        if identifier:
            yield f"{name} {identifier}"
