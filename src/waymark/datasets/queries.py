"""Reading data for researchers: the tables of records, and of an overview, for one person.

Three rules hold everywhere. A review is told to whoever may see it, what rests on words only to
whoever may read them. Under another profile than open, an overview withholds what single records
would give away: its reviews keep their place in the catalogue and lose their facts, except for
those who may see what is withheld. And nothing but the agreed layer is given out: no coder's own
work, no memo, no name. Qualifiers go with the place they are said of, as far as coders agree.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TypeVar

from waymark.accounts.permissions import Person, may
from waymark.coding.queries import (
    Qualified,
    agreed_codes,
    agreed_qualifiers,
    coded_reviews,
)
from waymark.core.errors import NotFound
from waymark.core.evidence import ChildRow, CodeRow, JudgementRow, RecommendationRow
from waymark.datasets.rows import Catalogued, ReviewFacts, Rows, as_open, withheld
from waymark.datasets.shapes import shapes
from waymark.documents.models import Review
from waymark.documents.queries import open_reports, open_reviews
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import current_framework, file_of, framework_called
from waymark.frameworks.schema import FrameworkFile
from waymark.overview import queries as overview
from waymark.overview.models import Overview, Snapshot
from waymark.overview.release import Release
from waymark.profiles.queries import agreed_judgements, children_of
from waymark.publishing.models import Publication
from waymark.publishing.queries import release_for, standing
from waymark.publishing.tidy.cells import OF_OVERVIEW, rows_of
from waymark.publishing.tidy.shape import Row, Shape
from waymark.recommendations.queries import recommendation_rows

BATCH = 200
"""Reviews that are read at a time: what is held in memory does not grow with the collection."""
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
"""Which facts each table is made of; the others are not asked for."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for. as_at: the day on which one asks what is overdue.

    snapshot: of an overview, whose frozen rows are told in place of what stands now.
    """

    person: Person
    now: datetime
    framework: Framework
    as_at: date
    snapshot: Snapshot | None = None

    @property
    def file(self) -> FrameworkFile:
        return file_of(self.framework)


def request_for(
    person: Person, now: datetime, *, framework: str = "", as_at: date | None = None
) -> Request:
    """A request for what stands now, by one framework. framework: "" for the current one.

    Raises NotFound where no framework is published, or not this one.
    """
    found = framework_called(framework) if framework else current_framework()
    if found is None:
        raise NotFound("no framework is published yet: load one first")
    return Request(person, now, found, as_at or now.date())


def record_shapes(request: Request) -> dict[str, Shape]:
    """The tables of records, by name."""
    return shapes(request.file)


# ---- what is withheld ----


def withheld_reviews(person: Person) -> Mapping[str, str]:
    """References of reviews whose facts a person may not have row by row, each with the overview.

    An overview counts them under another profile than open, in an edition or as the controller
    decided for the next. An overview that stands openly withholds nothing.
    """
    if may(person, "see what is withheld"):
        return {}
    found: dict[str, str] = {}
    for one in Overview.objects.order_by("slug"):
        stands = standing(one.slug)
        if stands is not None and stands.profile == "open":
            continue
        for snapshot in _protecting(one):
            for reference in overview.counted_reviews(snapshot):
                found.setdefault(reference, one.slug)
    return found


def _protecting(one: Overview) -> list[Snapshot]:
    """The snapshots of an overview that were given out, or are to be, under a profile."""
    editions = Publication.objects.filter(slug=one.slug).exclude(profile="open")
    made = {edition.snapshot_id: edition.snapshot for edition in editions.select_related()}
    last = Snapshot.objects.filter(overview=one).order_by("-number").first()
    if last is not None and overview.decided_profile(last) != "open":
        made[last.pk] = last
    return list(made.values())


# ---- rows of records ----


def record_rows(request: Request, table: str) -> Iterator[Row]:
    """The rows of one table, ordered by review. Raises NotFound for a table there is not."""
    return (row for _, row in rows_of_tables(request, [table]))


def rows_of_tables(request: Request, tables: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """The rows of several tables in one pass over the reviews, each with the table's name."""
    known = record_shapes(request)
    for name in tables:
        if name not in known:
            raise NotFound(f"there is no table {name}: there are {', '.join(known)}")
    rows = Rows(request.file)
    needs = frozenset[str]().union(*(NEEDS[name] for name in tables))
    for facts in _facts(request, needs):
        for name in tables:
            for row in rows.of(name, facts):
                yield name, row


def _facts(request: Request, needs: Collection[str]) -> Iterator[ReviewFacts]:
    """The reviews that a person may see, by reference, with what may be told of each."""
    held = withheld_reviews(request.person)
    read = _frozen(request.snapshot) if request.snapshot else _standing(request, needs)
    for batch in _batches(request):
        keys = [review.pk for review in batch if review.reference not in held]
        reports = _reports(request, keys)
        facts = read(keys)
        for review in batch:
            catalogued = Catalogued(*(getattr(review, name) for name in CATALOGUED))
            if review.reference in held:
                yield withheld(ReviewFacts(catalogued))
            else:
                yield as_open(facts(catalogued), reports.get(review.reference, set()))


def _batches(request: Request) -> Iterator[list[Review]]:
    """The reviews in batches. Each is asked anew: what is withdrawn meanwhile is not told."""
    seen = open_reviews(request.person, request.now)
    if request.snapshot is not None:
        counted = sorted(overview.counted_reviews(request.snapshot))
        every = iter(counted)
    else:
        every = iter(sorted(seen.order_by().values_list("reference", flat=True)))
    while wanted := list(islice(every, BATCH)):
        found = seen.filter(reference__in=wanted)
        yield sorted(found, key=lambda review: review.reference)


def _reports(request: Request, keys: Collection[int]) -> Mapping[str, set[str]]:
    """Reference -> keys of the reports of a review that the person may see."""
    found: dict[str, set[str]] = defaultdict(set)
    seen = open_reports(request.person, request.now).filter(review__in=keys)
    for reference, key in seen.values_list("review__reference", "key"):
        found[reference].add(key)
    return found


Of = TypeVar("Of", ChildRow, JudgementRow, CodeRow, RecommendationRow)
FactsOf = Callable[[Catalogued], ReviewFacts]
Reader = Callable[[Sequence[int]], FactsOf]
"""Primary keys of reviews -> what is known of each of them."""


def _by_review(rows: Iterable[Of]) -> Mapping[str, list[Of]]:
    made: dict[str, list[Of]] = defaultdict(list)
    for row in rows:
        made[row.review].append(row)
    return made


def _standing(request: Request, needs: Collection[str]) -> Reader:
    """What is agreed now."""
    of, as_at = request.framework, request.as_at

    def read(keys: Sequence[int]) -> FactsOf:
        return _gathered(
            coded_reviews(of, keys),
            children_of(keys) if "children" in needs else [],
            agreed_judgements(of, keys) if "judgements" in needs else [],
            agreed_codes(of, keys) if "codes" in needs else [],
            recommendation_rows(keys, as_at=as_at) if "recommendations" in needs else [],
            agreed_qualifiers(of, keys) if "qualifiers" in needs else None,
        )

    return read


def _frozen(snapshot: Snapshot) -> Reader:
    """What was agreed when the snapshot was frozen: arranged once, for all batches."""
    rows = overview.frozen_rows(snapshot)
    facts = _gathered(
        rows.counted, rows.children, rows.judgements, rows.codes, rows.recommendations
    )
    return lambda _: facts


def _gathered(
    coded: Collection[str],
    children: Iterable[ChildRow],
    judgements: Iterable[JudgementRow],
    codes: Iterable[CodeRow],
    recommendations: Iterable[RecommendationRow],
    qualifiers: Mapping[str, Qualified] | None = None,
) -> FactsOf:
    """qualifiers: None where they are not kept, or not asked for."""
    by = (_by_review(children), _by_review(judgements), _by_review(codes))
    asked = _by_review(recommendations)

    def of(catalogued: Catalogued) -> ReviewFacts:
        reference = catalogued.reference
        if reference not in coded:
            return ReviewFacts(catalogued, recommendations=tuple(asked.get(reference, ())))
        return ReviewFacts(
            catalogued,
            coded=True,
            children=tuple(by[0].get(reference, ())),
            judgements=tuple(by[1].get(reference, ())),
            codes=tuple(by[2].get(reference, ())),
            qualifiers=None if qualifiers is None else qualifiers.get(reference, {}),
            recommendations=tuple(asked.get(reference, ())),
        )

    return of


# ---- an overview ----


@dataclass(frozen=True, slots=True)
class Source:
    """An overview as a person may have it. refused: why no rows about records are given, or ""."""

    request: Request
    release: Release
    edition: int | None
    refused: str


def source_of(slug: str, person: Person, now: datetime) -> Source:
    """The edition that stands; for those who analyse, failing that, what was frozen last.

    Raises NotFound where there is neither.
    """
    stands = standing(slug)
    if stands is not None:
        snapshot, release = stands.snapshot, release_for(stands)
    elif may(person, "analyse"):
        snapshot = overview.latest_snapshot(overview.overview_for(slug))
        release = overview.release_of(snapshot, overview.decided_profile(snapshot))
    else:
        raise NotFound(f"there is no published overview {slug}")
    framework = framework_called(overview.frozen_rows(snapshot).framework)
    request = Request(person, now, framework, release.spec.as_at or now.date(), snapshot)
    return Source(request, release, stands.edition if stands else None, _refused(release, person))


def _refused(release: Release, person: Person) -> str:
    if release.profile == "open" or may(person, "see what is withheld"):
        return ""
    return (
        f"{release.spec.overview} is shown under the profile {release.profile}: rows about single"
        " reviews, children or recommendations would give away what its tables withhold"
    )


def overview_shapes() -> dict[str, Shape]:
    """The tables of an overview's data, by name."""
    return {shape.name: shape for shape in OF_OVERVIEW}


def overview_rows(source: Source, table: str) -> Iterator[Row]:
    """The rows of one of them. Raises NotFound for a table there is not."""
    if table not in overview_shapes():
        raise NotFound(f"there is no table {table}: there are {', '.join(overview_shapes())}")
    return rows_of(source.release, table)
