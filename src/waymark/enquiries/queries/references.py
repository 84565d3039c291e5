"""Check references against the library, as far as a person may see it.

Nothing is looked up outside the library and nothing is stored.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from waymark.accounts.permissions import Actor
from waymark.core.errors import RuleError
from waymark.documents.models import Review
from waymark.enquiries.references.compare import (
    CheckedReference,
    LibraryWork,
    MatchOutcome,
    ReferenceChecker,
    ReferenceDifference,
)
from waymark.enquiries.references.parts import journal_place
from waymark.enquiries.references.split import LONGEST, MOST, split_references
from waymark.library.catalogue.host_place import article_place
from waymark.library.models import CatalogueRecord, Resource, ResourceKind
from waymark.library.queries.hydrate import open_records


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that a reference means. path: of its page; year: None where it is unknown."""

    key: str
    title: str
    path: str
    year: int | None
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferenceResult:
    """A checked reference with its record, None for one that was not found."""

    text: str
    outcome: MatchOutcome
    record: FoundRecord | None
    differences: tuple[ReferenceDifference, ...]


@dataclass(frozen=True, slots=True)
class ReferenceCheck:
    """The check of a text. left_out: number of references beyond the most."""

    results: tuple[ReferenceResult, ...]
    left_out: int

    def count(self, outcome: MatchOutcome) -> int:
        """How many references have an outcome."""
        return sum(result.outcome == outcome for result in self.results)

    @property
    def counts(self) -> tuple[int, int, int]:
        """Found, found with differences, not found."""
        same, differs, missing = map(self.count, MatchOutcome)
        return same, differs, missing

    def as_json(self) -> dict[str, Any]:
        """The output of `waymark references check --json`."""
        return {
            "references": [
                {
                    "text": result.text,
                    "found": str(result.outcome),
                    "record": result.record.key if result.record else None,
                    "differences": [difference.part for difference in result.differences],
                    "details": [asdict(difference) for difference in result.differences],
                }
                for result in self.results
            ],
            "left_out": self.left_out,
        }


def check_references(
    text: str, person: Actor, now: datetime, *, limited: bool = True
) -> ReferenceCheck:
    """Check each reference of a text.

    limited: a page checks LONGEST characters and MOST references; a program checks all. Raises
    RuleError for a text without a reference, or a longer one.
    """
    if limited and len(text) > LONGEST:
        raise RuleError(f"the list must have {LONGEST:,} characters or fewer: check it in parts")
    references = split_references(text)
    if not references:
        raise RuleError("enter at least one reference")
    most = MOST if limited else len(references)
    records, works = _library(person, now)
    checker = ReferenceChecker(works)
    checked = [checker.check(reference) for reference in references[:most]]
    return ReferenceCheck(
        tuple(_result(row, records) for row in checked), len(references) - len(checked)
    )


def _result(row: CheckedReference, records: dict[str, FoundRecord]) -> ReferenceResult:
    return ReferenceResult(row.text, row.outcome, records.get(row.key), row.differences)


def _library(person: Actor, now: datetime) -> tuple[dict[str, FoundRecord], list[LibraryWork]]:
    """All records that a person may see, and the same as works to compare with."""
    rows = open_records(person, now).select_related("review__details", "resource")
    records: dict[str, FoundRecord] = {}
    works: list[LibraryWork] = []
    for row in rows.iterator(chunk_size=2_000):
        work = _work_of(row)
        page = "review" if row.review_id else "resource"
        path = reverse(page, args=[work.key])
        records[work.key] = FoundRecord(
            work.key, work.title, path, work.year, work.authors or work.bodies[:1]
        )
        works.append(work)
    return records, works


def _work_of(record: CatalogueRecord) -> LibraryWork:
    described = record.described
    return _of_resource(described) if isinstance(described, Resource) else _of_review(described)


def _of_resource(resource: Resource) -> LibraryWork:
    article = resource.kind == ResourceKind.ARTICLE
    return LibraryWork(
        key=resource.key,
        title=resource.title,
        strapline=resource.strapline,
        authors=tuple(resource.authors),
        bodies=tuple(
            filter(None, (*resource.author_bodies, resource.publisher, resource.conducted_by))
        ),
        year=resource.year,
        journal=resource.host_title if article else "",
        place=journal_place(
            article_place(resource.volume, resource.issue, resource.pages) if article else ""
        ),
        doi=resource.doi,
        isbn=resource.isbn,
        url=resource.url,
    )


def _of_review(review: Review) -> LibraryWork:
    details = getattr(review, "details", None)
    known = review.published_on or review.completed_on
    year = known.year if known else (details.year if details else None)
    bodies = tuple(filter(None, (review.board,)))
    return LibraryWork(key=review.reference, title=review.title, bodies=bodies, year=year)
