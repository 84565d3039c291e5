"""Cataloguers' work: records in any state, possible duplicates, deadlines."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from django.db.models import F, Q, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF, listed_states
from waymark.core.errors import require_found
from waymark.documents.models import Review
from waymark.library.catalogue.duplicates import (
    ComparedReview,
    ComparedWork,
    PossibleDuplicate,
    compared_work,
    similar_reviews,
    similar_works,
)
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.catalogue.review_process import (
    StepDeadline,
    StepReached,
    builtin_processes,
    step_deadlines,
)
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
from waymark.library.queries.reviews import current_steps, plain_steps
from waymark.library.queries.subjects import concept_names

# ---- records in any state ----


def listed_resources(person: Actor) -> QuerySet[Resource]:
    """Every resource that the list shows to a person. Raises NotPermitted."""
    return Resource.objects.filter(state__in=listed_states(person))


def has_subjects(kind: str, *, some: bool) -> Q:
    """Condition for reviews or resources with a subject, or without any. kind: "review" or
    "resource".
    """
    records = CatalogueRecord.objects.filter(subjects__isnull=False, **{f"{kind}__isnull": False})
    condition = Q(pk__in=records.values(kind))
    return condition if some else ~condition


def resource_to_catalogue(key: str, person: Actor) -> Resource:
    """A resource in any state, for its cataloguer. Raises NotPermitted, NotFound."""
    require_permission(person, "catalogue")
    listed = Resource.objects.filter(state__in=listed_states(person)).select_related("record")
    return require_found(listed.filter(key=key).first(), f"there is no resource {key}")


@dataclass(frozen=True, slots=True)
class CataloguedReview:
    """A review with its catalogue data. details: those stored, or empty ones."""

    review: Review
    details: ReviewDetails
    record: CatalogueRecord | None


def review_to_catalogue(reference: str, person: Actor) -> CataloguedReview:
    """A review with its catalogue data, for its cataloguer. Raises NotPermitted, NotFound."""
    require_permission(person, "catalogue")
    review = require_found(
        Review.objects.filter(state__in=OPEN_TO_STAFF, reference=reference).first(),
        f"there is no review {reference}",
    )
    details = ReviewDetails.objects.filter(review=review).first() or ReviewDetails(review=review)
    return CataloguedReview(review, details, CatalogueRecord.objects.filter(review=review).first())


def record_to_catalogue(number: int, person: Actor) -> CatalogueRecord:
    """A record of an item that staff may see. Raises NotPermitted, NotFound."""
    require_permission(person, "catalogue")
    return require_found(
        _records_of_staff().filter(pk=number).first(), f"there is no record {number}"
    )


def _records_of_staff() -> QuerySet[CatalogueRecord]:
    return CatalogueRecord.objects.filter(
        Q(review__state__in=OPEN_TO_STAFF) | Q(resource__state__in=OPEN_TO_STAFF)
    ).select_related("review", "resource")


def link_to_catalogue(number: int, record: CatalogueRecord, person: Actor) -> Relation:
    """A link of a record. Raises NotPermitted, NotFound."""
    require_permission(person, "catalogue")
    links = Relation.objects.filter(Q(source=record) | Q(target=record))
    return require_found(
        links.select_related("source", "target").filter(pk=number).first(),
        f"the record has no link {number}",
    )


# ---- possible duplicates ----


@dataclass(frozen=True, slots=True)
class SimilarRecord:
    """A possible duplicate. about: its kind, year and state in words."""

    title: str
    key: str
    about: str
    reasons: tuple[str, ...]


def similar_resources(
    described: ResourceDescription, person: Actor, *, exclude: str = ""
) -> list[SimilarRecord]:
    """Resources that may be the work described. exclude: the key of the one being changed.

    Every state is searched: a withdrawn resource is a duplicate too. Raises NotPermitted.
    """
    require_permission(person, "catalogue")
    rows = Resource.objects.order_by("pk").values_list(
        "key", "title", "authors", "year", "doi", "isbn", "url"
    )
    known = (
        ComparedWork(key, title, tuple(authors), year, doi, isbn, url)
        for key, title, authors, year, doi, isbn, url in rows.iterator(chunk_size=2_000)
    )
    # All resources are read for each comparison: about a quarter of a second for 10,000.
    likenesses = similar_works(compared_work(exclude, described), known)
    resources = Resource.objects.in_bulk(
        [likeness.key for likeness in likenesses], field_name="key"
    )
    return [_same_resource(likeness, resources[likeness.key]) for likeness in likenesses]


def _same_resource(likeness: PossibleDuplicate, resource: Resource) -> SimilarRecord:
    year = str(resource.year) if resource.year else "no year"
    about = f"{resource.get_kind_display()}, {year}, {resource.get_state_display().lower()}"
    return SimilarRecord(resource.title, resource.key, about, likeness.reasons)


def similar_reviews_of(
    review: Review, *, board: str, pseudonym: str, year: int | None, person: Actor
) -> list[SimilarRecord]:
    """Other reviews with the same board, pseudonym and year. Raises NotPermitted."""
    require_permission(person, "catalogue")
    rows = ReviewDetails.objects.exclude(pseudonym="").select_related("review")
    cases = [
        ComparedReview(row.review.reference, row.review.board, row.pseudonym, _year_of_review(row))
        for row in rows
    ]
    likenesses = similar_reviews(ComparedReview(review.reference, board, pseudonym, year), cases)
    reviews = Review.objects.in_bulk(
        [likeness.key for likeness in likenesses], field_name="reference"
    )
    return [
        SimilarRecord(
            reviews[likeness.key].title,
            likeness.key,
            f"Case review, {reviews[likeness.key].get_state_display().lower()}",
            likeness.reasons,
        )
        for likeness in likenesses
    ]


def _year_of_review(details: ReviewDetails) -> int | None:
    known = details.review.published_on or details.review.completed_on
    return known.year if known else details.year


# ---- choosing subjects and records ----


@dataclass(frozen=True, slots=True)
class OfferedSubject:
    """A subject to choose. found_by: the alternative name that matched, or ""."""

    key: str
    name: str
    found_by: str
    definition: str


def find_subjects_to_assign(words: str, person: Actor, *, limit: int = 20) -> list[OfferedSubject]:
    """Subjects with a name that contains these words; names that begin with them first.

    Hidden names (misspellings) also lead to their subject. Raises NotPermitted.
    """
    require_permission(person, "catalogue")
    typed = " ".join(words.split()).casefold()
    if not typed:
        return []
    rows = Label.objects.filter(text__icontains=typed, concept__ended=False).values_list(
        "concept__key", "kind", "text"
    )
    best: dict[str, tuple[int, str]] = {}
    for key, kind, text in rows:
        # 0: the whole name; 1: its beginning; 2: within it. 9 is worse than any.
        rank = 0 if text.casefold() == typed else 1 if text.casefold().startswith(typed) else 2
        matched = text if kind == LabelKind.ALTERNATIVE else ""
        best[key] = min(best.get(key, (9, "")), (rank, matched))
    names = concept_names(best)
    keys = sorted(best, key=lambda key: (best[key][0], names[key].casefold()))[:limit]
    defined = dict(Concept.objects.filter(key__in=keys).values_list("key", "definition"))
    return [OfferedSubject(key, names[key], best[key][1], defined[key]) for key in keys]


def find_records_to_link(
    words: str, person: Actor, *, exclude: Iterable[int] = (), limit: int = 20
) -> list[CatalogueRecord]:
    """Records that staff may see, with all these words in their title or as key or reference.

    exclude: numbers of records to leave out. Raises NotPermitted.
    """
    require_permission(person, "catalogue")
    # Ten words are enough: each adds four conditions to the query.
    parts = words.split()[:10]
    if not parts:
        return []
    of_review, of_resource = Q(), Q()
    for part in parts:
        of_review &= Q(review__title__icontains=part) | Q(review__reference__iexact=part)
        of_resource &= Q(resource__title__icontains=part) | Q(resource__key__iexact=part)
    records = (
        _records_of_staff()
        .filter(of_review | of_resource)
        .exclude(pk__in=list(exclude))
        .order_by(F("resource__year").desc(nulls_last=True), "review__reference")
    )
    return list(records[:limit])


# ---- progress of reviews ----


@dataclass(frozen=True, slots=True)
class LabelledStep:
    """A step with the labels of its status and its decision ("" for none)."""

    step: ReviewStep
    label: str
    decision: str


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """Progress of a review: its steps that were not withdrawn, and its deadlines."""

    review: Review
    scheme: str
    steps: tuple[LabelledStep, ...]
    dues: tuple[StepDeadline, ...]

    @property
    def current_status(self) -> str:
        """The label of the current status, or ""."""
        return self.steps[-1].label if self.steps else ""


def progress_of(
    review: Review, details: ReviewDetails, person: Actor, today: date
) -> ReviewProgress:
    """Progress of a review in its process. Raises NotPermitted."""
    require_permission(person, "see unpublished reports")
    return _review_progress(review, details.scheme, current_steps(review), today)


def _review_progress(
    review: Review, key: str, steps: list[ReviewStep], today: date
) -> ReviewProgress:
    processes = builtin_processes()
    scheme = processes.find_process(key)
    if scheme is None:
        unlabelled = tuple(LabelledStep(step, step.status, step.decision) for step in steps)
        return ReviewProgress(review, "", unlabelled, ())
    labelled = tuple(
        LabelledStep(
            step,
            processes.label(scheme, step.status),
            scheme.decision_label(step.status, step.decision),
        )
        for step in steps
    )
    deadlines = step_deadlines(processes, scheme, plain_steps(steps), today=today)
    return ReviewProgress(review, scheme.name, labelled, tuple(deadlines))


def reviews_with_deadlines(
    person: Actor,
    today: date,
    *,
    offset: int,
    limit: int,
    words: str = "",
    before: date | None = None,
) -> tuple[int, list[ReviewProgress]]:
    """The number of reviews with a deadline, and a page of them, the most urgent first.

    words: each must be in the title or the reference; before: only those whose first deadline is
    before a day. Raises NotPermitted.
    """
    require_permission(person, "see unpublished reports")
    current = ReviewStep.objects.filter(superseded_at=None).order_by("review", "on", "pk")
    # Every review's deadline is needed for the order, but only rows of the page are made objects.
    reviews = current.filter(review__state__in=OPEN_TO_STAFF)
    for word in words.split():
        reviews = reviews.filter(
            Q(review__title__icontains=word) | Q(review__reference__icontains=word)
        )
    rows = reviews.values_list("review", "status", "on", "decision", "reason")
    schemes = dict(ReviewDetails.objects.exclude(scheme="").values_list("review", "scheme"))
    urgent = sorted(
        (first, review)
        for review, steps in groupby(rows.iterator(), key=itemgetter(0))
        if (scheme := schemes.get(review))
        and (first := _first_deadline(scheme, [StepReached(*step[1:]) for step in steps], today))
        and (before is None or first < before)
    )
    listed = [review for _, review in urgent[offset : offset + limit]]
    steps: dict[int, list[ReviewStep]] = defaultdict(list)
    for step in current.filter(review__in=listed).select_related("review"):
        steps[step.review_id].append(step)
    return len(urgent), [
        _review_progress(steps[review][0].review, schemes[review], steps[review], today)
        for review in listed
    ]


def _first_deadline(key: str, steps: Sequence[StepReached], today: date) -> date | None:
    """The most urgent deadline of a review, None if there is none. key: of its process."""
    processes = builtin_processes()
    scheme = processes.find_process(key)
    deadlines = step_deadlines(processes, scheme, steps, today=today) if scheme else []
    return deadlines[0].by if deadlines else None
