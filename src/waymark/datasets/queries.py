"""Queries of data for researchers: the tables of records, and of an overview, for one person.

Three rules apply everywhere. A person gets the reviews that they may see, and facts only if they
may read the quotes. Under a profile other than open, an overview withholds what single records
would reveal: its reviews are listed without coded data, except for people who may see what is
withheld. And only the agreed coding is included: no coder's own work, no memo, no name. Qualifiers
are included with their passage if coders agree on them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from typing import TypeVar

from waymark.accounts.permissions import Person, has_permission
from waymark.coding.queries import QualifiersByPlace, agreed_codes, agreed_qualifiers, coded_reviews
from waymark.core.errors import NotFound
from waymark.core.evidence import ChildRow, CodeRow, JudgementRow, RecommendationRow
from waymark.core.uk_time import uk_date
from waymark.datasets.rows import CatalogueValues, ReviewFacts, ReviewRows, as_open, withheld_facts
from waymark.datasets.shapes import framework_shapes
from waymark.documents.models import Review
from waymark.documents.queries.reader import open_reports, open_reviews
from waymark.documents.queries.scan_marks import ScanMarks
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import (
    current_framework,
    file_of,
    framework_called,
    read_once,
)
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.models import Snapshot
from waymark.overview.queries import overviews as overview
from waymark.overview.releases.release import Release
from waymark.profiles.queries import agreed_judgements, children_of
from waymark.publishing.formats.tidy.cells import OF_OVERVIEW, rows_of
from waymark.publishing.formats.tidy.shape import Row, TableShape
from waymark.publishing.queries import current_edition, edition_release
from waymark.publishing.queries.protected import reviews_with_protected_numbers
from waymark.recommendations.queries import recommendation_rows

BATCH = 200
"""Reviews that are read at a time, so that memory does not grow with the collection."""
CATALOGUED = (
    *("reference", "title", "collection", "nation", "board", "review_type", "period"),
    *("completed_on", "published_on", "fictional"),
)
NEEDS = {
    "reviews": frozenset({"children", "judgements"}),
    "children": frozenset({"children", "judgements"}),
    "judgements": frozenset({"judgements"}),
    "judgement_quotes": frozenset({"judgements"}),
    "codings": frozenset({"codes", "qualifiers"}),
    "review_codes": frozenset({"codes"}),
    "recommendations": frozenset({"recommendations"}),
}
"""Facts that each table needs; others are not read."""


@dataclass(frozen=True, slots=True)
class DataRequest:
    """A request for data by a person. as_at: the day for which recommendations are overdue.

    snapshot: of an overview, whose frozen rows are used instead of what is agreed now. opened: an
    approved application for restricted data gives rows that overviews withhold.
    """

    person: Person
    now: datetime
    framework: Framework
    as_at: date
    snapshot: Snapshot | None = None
    opened: bool = False

    @property
    def file(self) -> FrameworkFile:
        return file_of(self.framework)


def request_for(
    person: Person, now: datetime, *, framework: str = "", as_at: date | None = None
) -> DataRequest:
    """A request for what is agreed now, by one framework. framework: "" for the current one.

    Raises NotFound if no framework is published, or not this one.
    """
    coded_with = framework_called(framework) if framework else current_framework()
    if coded_with is None:
        raise NotFound("no framework is published yet: load one first")
    return DataRequest(person, now, coded_with, as_at or uk_date(now))


def record_shapes(request: DataRequest) -> dict[str, TableShape]:
    """The tables of records, by name."""
    return dict(_shapes_of(request.framework.source, str(request.framework)))


@lru_cache(maxsize=4)
def _shapes_of(source: str, name: str) -> dict[str, TableShape]:
    """The tables of records of a framework by its YAML: each request for a file asks for them."""
    return framework_shapes(read_once(source, name))


# ---- withheld reviews ----


def withheld_reviews(person: Person) -> Mapping[str, str]:
    """Reference -> overview, for reviews whose facts a person may not have row by row.

    The overview counts them under a profile other than open, in an edition or in the snapshot for
    the next. An overview whose current edition is open withholds nothing.
    """
    if has_permission(person, "see protected numbers"):
        return {}
    return reviews_with_protected_numbers()


# ---- rows of records ----


def record_rows(request: DataRequest, table: str) -> Iterator[Row]:
    """The rows of one table, ordered by review. Raises NotFound for an unknown table."""
    return (row for _, row in rows_of_tables(request, [table]))


def rows_of_tables(request: DataRequest, tables: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """The rows of several tables in one pass over the reviews, each with the table's name."""
    known = record_shapes(request)
    for name in tables:
        if name not in known:
            raise NotFound(f"there is no table {name}: there are {', '.join(known)}")
    marks = ScanMarks()
    rows = ReviewRows(request.file, marks.source_of)
    needs = frozenset[str]().union(*(NEEDS[name] for name in tables))
    for facts in _visible_facts(request, needs, marks):
        for name in tables:
            for row in rows.rows_of(name, facts):
                yield name, row


def _visible_facts(
    request: DataRequest, needs: Collection[str], marks: ScanMarks
) -> Iterator[ReviewFacts]:
    """The reviews that a person may see, by reference, with the facts that they may have.

    marks: reads the scanned pages of each batch of reviews together.
    """
    withheld_by = {} if request.opened else withheld_reviews(request.person)
    read = _frozen_reader(request.snapshot) if request.snapshot else _current_reader(request, needs)
    for batch in _review_batches(request):
        # Facts of withheld reviews are not even read.
        keys = [review.pk for review in batch if review.reference not in withheld_by]
        reports = _open_reports_by_review(request, keys)
        marks.read_reports(key for keys in reports.values() for key in keys)
        facts = read(keys)
        for review in batch:
            catalogued = CatalogueValues(*(getattr(review, name) for name in CATALOGUED))
            if review.reference in withheld_by:
                yield withheld_facts(ReviewFacts(catalogued))
            else:
                yield as_open(facts(catalogued), reports.get(review.reference, set()))


def _review_batches(request: DataRequest) -> Iterator[list[Review]]:
    """The reviews in batches. Each batch is a new query: it omits what was withdrawn since."""
    visible = open_reviews(request.person, request.now)
    if request.snapshot is not None:
        references = iter(sorted(overview.counted_reviews(request.snapshot)))
    else:
        references = iter(sorted(visible.order_by().values_list("reference", flat=True)))
    while batch := list(islice(references, BATCH)):
        reviews = visible.filter(reference__in=batch)
        yield sorted(reviews, key=lambda review: review.reference)


def _open_reports_by_review(request: DataRequest, keys: Collection[int]) -> Mapping[str, set[str]]:
    """Reference -> keys of the reports of a review that the person may see."""
    reports: dict[str, set[str]] = defaultdict(set)
    visible = open_reports(request.person, request.now).filter(review__in=keys)
    for reference, key in visible.values_list("review__reference", "key"):
        reports[reference].add(key)
    return reports


Of = TypeVar("Of", ChildRow, JudgementRow, CodeRow, RecommendationRow)
FactsOf = Callable[[CatalogueValues], ReviewFacts]
Reader = Callable[[Sequence[int]], FactsOf]
"""Primary keys of reviews -> the facts of each of them."""


def _by_review(rows: Iterable[Of]) -> Mapping[str, list[Of]]:
    by_review: dict[str, list[Of]] = defaultdict(list)
    for row in rows:
        by_review[row.review].append(row)
    return by_review


def _current_reader(request: DataRequest, needs: Collection[str]) -> Reader:
    """Reader of what is agreed now."""
    framework, as_at = request.framework, request.as_at

    def read(keys: Sequence[int]) -> FactsOf:
        return _facts_by_review(
            coded_reviews(framework, keys),
            children_of(keys) if "children" in needs else [],
            agreed_judgements(framework, keys) if "judgements" in needs else [],
            agreed_codes(framework, keys) if "codes" in needs else [],
            recommendation_rows(keys, as_at=as_at) if "recommendations" in needs else [],
            agreed_qualifiers(framework, keys) if "qualifiers" in needs else None,
        )

    return read


def _frozen_reader(snapshot: Snapshot) -> Reader:
    """Reader of the frozen rows of a snapshot, arranged once for all batches."""
    rows = overview.frozen_rows(snapshot)
    facts = _facts_by_review(
        rows.counted, rows.children, rows.judgements, rows.codes, rows.recommendations
    )
    return lambda _: facts


def _facts_by_review(
    coded: Collection[str],
    children: Iterable[ChildRow],
    judgements: Iterable[JudgementRow],
    codes: Iterable[CodeRow],
    recommendations: Iterable[RecommendationRow],
    qualifiers: Mapping[str, QualifiersByPlace] | None = None,
) -> FactsOf:
    """Rows -> the facts of each review. qualifiers: None if not kept, or not needed."""
    children_of, judgements_of = _by_review(children), _by_review(judgements)
    codes_of, recommendations_of = _by_review(codes), _by_review(recommendations)

    def facts_of(catalogued: CatalogueValues) -> ReviewFacts:
        reference = catalogued.reference
        facts = ReviewFacts(
            catalogued, recommendations=tuple(recommendations_of.get(reference, ()))
        )
        if reference not in coded:
            return facts
        return replace(
            facts,
            coded=True,
            children=tuple(children_of.get(reference, ())),
            judgements=tuple(judgements_of.get(reference, ())),
            codes=tuple(codes_of.get(reference, ())),
            qualifiers=None if qualifiers is None else qualifiers.get(reference, {}),
        )

    return facts_of


# ---- an overview ----


@dataclass(frozen=True, slots=True)
class OverviewSource:
    """The data of an overview for a person. refused: the reason to give no rows, or ""."""

    request: DataRequest
    release: Release
    edition: int | None
    refused: str


def source_of(slug: str, person: Person, now: datetime) -> OverviewSource:
    """The current edition; if there is none, for people who analyse, the last snapshot.

    Raises NotFound if there is neither.
    """
    current = current_edition(slug)
    if current is not None:
        snapshot, release = current.frozen, edition_release(current)
    elif has_permission(person, "analyse"):
        snapshot = overview.latest_snapshot(overview.overview_for(slug))
        release = overview.release_of(snapshot, overview.decided_profile(snapshot))
    else:
        raise NotFound(f"there is no published overview {slug}")
    framework = framework_called(overview.frozen_rows(snapshot).framework)
    request = DataRequest(person, now, framework, release.spec.as_at or uk_date(now), snapshot)
    return OverviewSource(
        request, release, current.edition if current else None, _refusal_reason(release, person)
    )


def _refusal_reason(release: Release, person: Person) -> str:
    if release.profile == "open" or has_permission(person, "see protected numbers"):
        return ""
    return (
        f"{release.spec.overview} is shown under the profile {release.profile}: rows about"
        " single reviews, children or recommendations would reveal what its tables withhold"
    )


def overview_shapes() -> dict[str, TableShape]:
    """The tables of an overview's data, by name."""
    return {shape.name: shape for shape in OF_OVERVIEW}


def overview_rows(source: OverviewSource, table: str) -> Iterator[Row]:
    """The rows of one of them. Raises NotFound for an unknown table."""
    if table not in overview_shapes():
        raise NotFound(f"there is no table {table}: there are {', '.join(overview_shapes())}")
    return rows_of(source.release, table)
