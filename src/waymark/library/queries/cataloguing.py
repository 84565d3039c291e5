"""What cataloguers work on: records in any state, what may be entered twice, what is due."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, may, require
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotFound
from waymark.documents.models import Review
from waymark.library.description import Description
from waymark.library.duplicates import Case, Likeness, Work, alike, same_case
from waymark.library.models import (
    CatalogueRecord,
    Concept,
    Label,
    LabelKind,
    Relation,
    Resource,
    ReviewDetails,
    ReviewStep,
)
from waymark.library.queries.reviews import standing_steps, taken
from waymark.library.schemes import Due, Taken, builtin_schemes, dues
from waymark.library.subjects import concept_names

# ---- what is held ----


def _listed_to(person: Actor) -> frozenset[State]:
    """The states of what a person finds listed: withdrawn ones to those only who may put back."""
    require(person, "see unpublished reports")
    return frozenset(State) if may(person, "publish reports") else OPEN_TO_STAFF


def held_resources(
    person: Actor, *, state: State | None, offset: int, limit: int
) -> tuple[int, list[Resource]]:
    """How many resources are in a state (None: any), and those from offset on, the last first.

    Raises NotPermitted.
    """
    wanted = Resource.objects.filter(state__in=_listed_to(person))
    if state is not None:
        wanted = wanted.filter(state=state)
    return wanted.count(), list(wanted.order_by("-added_at", "key")[offset : offset + limit])


def resource_counts(person: Actor) -> dict[State, int]:
    """State -> number of resources in it, without the zeros. Raises NotPermitted."""
    rows = Resource.objects.filter(state__in=_listed_to(person)).order_by().values_list("state")
    counts = dict(rows.annotate(n=Count("pk")))
    return {state: counts[state] for state in State if state in counts}


def held_resource(key: str, person: Actor) -> Resource:
    """A resource in any state that its cataloguer works on. Raises NotPermitted, NotFound."""
    require(person, "catalogue")
    listed = Resource.objects.filter(state__in=_listed_to(person)).select_related("record")
    found = listed.filter(key=key).first()
    if found is None:
        raise NotFound(f"there is no resource {key}")
    return found


@dataclass(frozen=True, slots=True)
class Catalogued:
    """A review with what the catalogue says of it. details: those stored, or empty ones."""

    review: Review
    details: ReviewDetails
    record: CatalogueRecord | None


def held_review(reference: str, person: Actor) -> Catalogued:
    """A review as its cataloguer works on it. Raises NotPermitted, NotFound."""
    require(person, "catalogue")
    review = Review.objects.filter(state__in=OPEN_TO_STAFF, reference=reference).first()
    if review is None:
        raise NotFound(f"there is no review {reference}")
    details = ReviewDetails.objects.filter(review=review).first() or ReviewDetails(review=review)
    return Catalogued(review, details, CatalogueRecord.objects.filter(review=review).first())


def held_record(number: int, person: Actor) -> CatalogueRecord:
    """A record of something open to staff. Raises NotPermitted, NotFound."""
    require(person, "catalogue")
    found = _records_of_staff().filter(pk=number).first()
    if found is None:
        raise NotFound(f"there is no record {number}")
    return found


def _records_of_staff() -> QuerySet[CatalogueRecord]:
    return CatalogueRecord.objects.filter(
        Q(review__state__in=OPEN_TO_STAFF) | Q(resource__state__in=OPEN_TO_STAFF)
    ).select_related("review", "resource")


def held_relation(number: int, record: CatalogueRecord, person: Actor) -> Relation:
    """A relation of a record. Raises NotPermitted, NotFound."""
    require(person, "catalogue")
    ours = Relation.objects.filter(Q(source=record) | Q(target=record))
    found = ours.select_related("source", "target").filter(pk=number).first()
    if found is None:
        raise NotFound(f"the record has no relation {number}")
    return found


# ---- what may be there already ----


@dataclass(frozen=True, slots=True)
class MaybeSame:
    """A record that may be of the same thing, and why."""

    title: str
    key: str
    about: str
    reasons: tuple[str, ...]


def maybe_same_resource(said: Description, person: Actor, *, but: str = "") -> list[MaybeSame]:
    """Resources that may be the work described. but: the key of the one being changed.

    All states are looked at: what is withdrawn is a duplicate too. Raises NotPermitted.
    """
    require(person, "catalogue")
    new = Work(but, said.title, said.authors, said.year, said.doi, said.isbn, said.url)
    rows = Resource.objects.order_by("pk").values_list(
        "key", "title", "authors", "year", "doi", "isbn", "url"
    )
    known = (
        Work(key, title, tuple(authors), year, doi, isbn, url)
        for key, title, authors, year, doi, isbn, url in rows.iterator(chunk_size=2_000)
    )
    found = alike(new, known)
    named = Resource.objects.in_bulk([one.key for one in found], field_name="key")
    return [_same(one, named[one.key]) for one in found]


def _same(one: Likeness, resource: Resource) -> MaybeSame:
    year = str(resource.year) if resource.year else "no year"
    about = f"{resource.get_kind_display()}, {year}, {resource.get_state_display().lower()}"
    return MaybeSame(resource.title, resource.key, about, one.reasons)


def maybe_same_review(
    review: Review, *, board: str, pseudonym: str, year: int | None, person: Actor
) -> list[MaybeSame]:
    """Other reviews of the same board, pseudonym and year. Raises NotPermitted."""
    require(person, "catalogue")
    rows = ReviewDetails.objects.exclude(pseudonym="").select_related("review")
    cases = [
        Case(one.review.reference, one.review.board, one.pseudonym, _year(one)) for one in rows
    ]
    found = same_case(Case(review.reference, board, pseudonym, year), cases)
    named = Review.objects.in_bulk([one.key for one in found], field_name="reference")
    return [
        MaybeSame(
            named[one.key].title,
            one.key,
            f"Case review, {named[one.key].get_state_display().lower()}",
            one.reasons,
        )
        for one in found
    ]


def _year(details: ReviewDetails) -> int | None:
    known = details.review.published_on or details.review.completed_on
    return known.year if known else details.year


# ---- choosing subjects and records ----


@dataclass(frozen=True, slots=True)
class Offered:
    """A subject that may be chosen. found_by: the other name of it that was typed, or ""."""

    key: str
    name: str
    found_by: str
    definition: str


def subjects_found(words: str, person: Actor, *, limit: int = 20) -> list[Offered]:
    """Subjects with a name that has these words in it; those that begin with them first.

    Misspellings kept as hidden names lead to their subject. Raises NotPermitted.
    """
    require(person, "catalogue")
    typed = " ".join(words.split()).casefold()
    if not typed:
        return []
    rows = Label.objects.filter(text__icontains=typed, concept__ended=False).values_list(
        "concept__key", "kind", "text"
    )
    best: dict[str, tuple[int, str]] = {}
    for key, kind, text in rows:
        rank = 0 if text.casefold() == typed else 1 if text.casefold().startswith(typed) else 2
        by = text if kind == LabelKind.ALTERNATIVE else ""
        best[key] = min(best.get(key, (9, "")), (rank, by))
    names = concept_names(best)
    keys = sorted(best, key=lambda key: (best[key][0], names[key].casefold()))[:limit]
    defined = dict(Concept.objects.filter(key__in=keys).values_list("key", "definition"))
    return [Offered(key, names[key], best[key][1], defined[key]) for key in keys]


def records_found(
    words: str, person: Actor, *, but: Iterable[int] = (), limit: int = 20
) -> list[CatalogueRecord]:
    """Records open to staff with all these words in their title, or with this key or reference.

    Raises NotPermitted.
    """
    require(person, "catalogue")
    parts = words.split()[:10]
    if not parts:
        return []
    of_review, of_resource = Q(), Q()
    for part in parts:
        of_review &= Q(review__title__icontains=part) | Q(review__reference__iexact=part)
        of_resource &= Q(resource__title__icontains=part) | Q(resource__key__iexact=part)
    found = (
        _records_of_staff()
        .filter(of_review | of_resource)
        .exclude(pk__in=list(but))
        .order_by(F("resource__year").desc(nulls_last=True), "review__reference")
    )
    return list(found[:limit])


# ---- where reviews stand ----


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step with what its process calls the status and the decision ("" where there is none)."""

    step: ReviewStep
    label: str
    decision: str


@dataclass(frozen=True, slots=True)
class Course:
    """The steps of a review that stand, and what is due."""

    review: Review
    scheme: str
    steps: tuple[StepTaken, ...]
    dues: tuple[Due, ...]

    @property
    def standing(self) -> str:
        """The label of the last step, or ""."""
        return self.steps[-1].label if self.steps else ""


def course_of(review: Review, details: ReviewDetails, person: Actor, today: date) -> Course:
    """Where a review stands in its process. Raises NotPermitted."""
    require(person, "see unpublished reports")
    return _course(review, details.scheme, standing_steps(review), today)


def _course(review: Review, key: str, steps: list[ReviewStep], today: date) -> Course:
    known = builtin_schemes()
    scheme = next((one for one in known.schemes if one.key == key), None)
    if scheme is None:
        plainly = tuple(StepTaken(one, one.status, one.decision) for one in steps)
        return Course(review, "", plainly, ())
    plain: list[Taken] = taken(steps)
    return Course(
        review,
        scheme.name,
        tuple(
            StepTaken(
                one, known.label(scheme, one.status), scheme.decided(one.status, one.decision)
            )
            for one in steps
        ),
        tuple(dues(known, scheme, plain, today=today)),
    )


def courses_with_dues(person: Actor, today: date) -> list[Course]:
    """The reviews with something still to be done by a day, the most urgent first.

    Raises NotPermitted.
    """
    require(person, "see unpublished reports")
    rows = (
        ReviewStep.objects.filter(superseded_at=None, review__state__in=OPEN_TO_STAFF)
        .select_related("review")
        .order_by("review", "on", "pk")
    )
    steps: dict[int, list[ReviewStep]] = defaultdict(list)
    for row in rows:
        steps[row.review_id].append(row)
    schemes = dict(ReviewDetails.objects.filter(review__in=steps).values_list("review", "scheme"))
    courses = [
        _course(of_one[0].review, schemes.get(review, ""), of_one, today)
        for review, of_one in steps.items()
    ]
    return sorted((one for one in courses if one.dues), key=lambda one: one.dues[0].by)
