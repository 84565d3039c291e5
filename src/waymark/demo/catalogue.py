"""The demo's catalogue: publications about the field, and what is said of its reviews."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

from django.utils import timezone

from waymark import pipeline
from waymark.accounts.audit import in_turn
from waymark.accounts.models import State, User
from waymark.coding.queries import codes_of_review
from waymark.core import yamlfile
from waymark.core.errors import Fault, RuleError, SpecError
from waymark.demo.sources import Collection, Part
from waymark.documents import services as documents
from waymark.documents.models import Review
from waymark.library import services as library
from waymark.library.abstract import composed
from waymark.library.abstract_cues import Part as PartOfAbstract
from waymark.library.description import Description
from waymark.library.models import CatalogueRecord, Concept, RelationKind, Resource
from waymark.library.queries.reviews import draft_abstract
from waymark.profiles.queries import facts_of_review

DAY = timedelta(days=1)
_MONTHS = r"(January|February|March|April|May|June|July|August|September|October|November|December)"
_PERIOD = re.compile(rf"{_MONTHS} (\d{{4}}) to {_MONTHS} (\d{{4}})")
_PSEUDONYM = re.compile(r"Child [A-Z][a-z]+")


# ---- what the files say ----


class Listed(Part):
    """A publication, as library.description.Description has it, with its place among the others."""

    key: str
    kind: str
    title: str
    strapline: str = ""
    authors: tuple[str, ...] = ()
    conducted_by: str = ""
    publisher: str = ""
    series: str = ""
    year: int | None = None
    published_on: date | None = None
    covers: str = ""
    nation: str = ""
    summary: str
    key_points: tuple[str, ...] = ()
    contents: tuple[tuple[str, int | None], ...] = ()
    url: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    cpd_hours: Decimal | None = None
    subjects: tuple[str, ...]
    related: tuple[str, ...] = ()
    part_of: str = ""
    replaces: str = ""

    @property
    def described(self) -> Description:
        """What it says of the publication itself."""
        about = {"key", "subjects", "related", "part_of", "replaces"}
        return Description(**self.model_dump(exclude=about))


class ResourcesFile(Part):
    format: Literal["waymark-resources 1"]
    resources: tuple[Listed, ...]


class Abstract(Part):
    """Sentences of a review's reports, word for word, for each part of its abstract."""

    review: str
    event: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()


class Withheld(Part):
    review: str
    on: date
    reason: str


class TakenStep(Part):
    status: str
    on: date


class UnderWay(Part):
    """A review that is still going on."""

    reference: str
    title: str
    nation: str
    board: str
    scheme: str
    pseudonym: str
    summary: str
    steps: tuple[TakenStep, ...]


class CatalogueFile(Part):
    format: Literal["waymark-demo-catalogue 1"]
    scheme: str
    always: tuple[str, ...]
    codes: dict[str, str]
    factors: dict[str, str]
    natures: dict[str, str]
    related: tuple[tuple[str, str], ...]
    abstracts: tuple[Abstract, ...]
    withheld: tuple[Withheld, ...]
    under_way: UnderWay

    @property
    def subjects(self) -> frozenset[str]:
        """Every subject that a review may be given."""
        return frozenset(
            (*self.always, *self.codes.values(), *self.factors.values(), *self.natures.values())
        )


def read_resources(place: Path) -> ResourcesFile:
    """The publications. Raises SpecError, also for one that is linked to another not listed."""
    file = place / "resources.yaml"
    made, lines = yamlfile.read(file.read_text("utf-8"), ResourcesFile, file=file.name)
    keys = {one.key for one in made.resources}
    faults = [
        Fault(yamlfile.line_of(lines, ("resources", number)), f"{one.key}: {other} is not listed")
        for number, one in enumerate(made.resources)
        for other in (*one.related, one.part_of, one.replaces)
        if other and other not in keys
    ]
    if faults:
        raise SpecError(file.name, faults)
    return made


def read_catalogue(place: Path) -> CatalogueFile:
    """What is said of the reviews. Raises SpecError."""
    file = place / "catalogue.yaml"
    return yamlfile.read(file.read_text("utf-8"), CatalogueFile, file=file.name)[0]


def check_subjects(resources: ResourcesFile, catalogue: CatalogueFile) -> None:
    """Raises RuleError that names every subject which the thesaurus does not have, and where."""
    known = set(Concept.objects.filter(ended=False).values_list("key", flat=True))
    wrong = [
        f"{one.key}: {subject}"
        for one in resources.resources
        for subject in one.subjects
        if subject not in known
    ]
    wrong += [f"catalogue.yaml: {subject}" for subject in sorted(catalogue.subjects - known)]
    if wrong:
        raise RuleError(f"the thesaurus has no such subjects: {'; '.join(wrong)}")


# ---- resources ----


def add_resources(made: ResourcesFile, by: User) -> None:
    """Enter and publish the publications that are not there yet, then link them all."""
    for listed in made.resources:
        if not Resource.objects.filter(key=listed.key).exists():
            _add(listed, by, timezone.now())
    records = {
        key: CatalogueRecord.objects.get(resource__key=key)
        for key in (one.key for one in made.resources)
    }
    for listed in made.resources:
        for kind, others in (
            (RelationKind.RELATED, listed.related),
            (RelationKind.PART_OF, (listed.part_of,)),
            (RelationKind.REPLACES, (listed.replaces,)),
        ):
            for other in filter(None, others):
                library.relate(
                    by=by,
                    source=records[listed.key],
                    target=records[other],
                    kind=kind,
                    now=timezone.now(),
                )


@in_turn
def _add(listed: Listed, by: User, now: datetime) -> None:
    resource = library.add_resource(by=by, key=listed.key, description=listed.described, now=now)
    record = CatalogueRecord.objects.get(resource=resource)
    library.set_subjects(by=by, record=record, subjects=listed.subjects, now=now)
    pipeline.change_state(by=by, thing=resource, state=State.PUBLISHED, now=now)


# ---- reviews ----


def describe_reviews(made: CatalogueFile, collection: Collection, by: User) -> None:
    """Say of each review what it is about, which process it followed, and what came of it."""
    withheld = {one.review: one for one in made.withheld}
    reviews = list(Review.objects.filter(collection=collection.collection).order_by("reference"))
    for review in reviews:
        _describe(review, made, by)
        _steps(review, withheld.get(review.reference), by)
    for first, second in made.related:
        ours, theirs = (
            CatalogueRecord.objects.get(review__reference=reference)
            for reference in (first, second)
        )
        library.relate(by=by, source=ours, target=theirs, now=timezone.now())
    for abstract in made.abstracts:
        _write_abstract(abstract, by)
    _under_way(made.under_way, by)


def _describe(review: Review, made: CatalogueFile, by: User) -> None:
    now = timezone.now()
    pseudonym = _PSEUDONYM.search(review.title)
    first, last = _period(review.period)
    library.set_details(
        by=by,
        review=review,
        scheme=made.scheme,
        pseudonym=pseudonym[0] if pseudonym else "",
        period_from=first,
        period_to=last,
        now=now,
    )
    record = CatalogueRecord.objects.get(review=review)
    subjects = {*made.always, *_subjects(review, made, by, now)}
    library.set_subjects(by=by, record=record, subjects=subjects, now=now)


def _subjects(review: Review, made: CatalogueFile, by: User, now: datetime) -> Iterable[str]:
    """What was agreed about a review, as subjects of the thesaurus."""
    for agreed in codes_of_review(review, by, now):
        yield from filter(None, [made.codes.get(agreed.code.code)])
    for judged in facts_of_review(review, by, now):
        if judged.value in {"present", "suspected"}:
            yield from filter(None, [made.factors.get(judged.variable.variable)])
        elif judged.variable.variable == "nature":
            yield from filter(None, [made.natures.get(judged.value)])


def _period(said: str) -> tuple[date | None, date | None]:
    """First and last day of "July 2001 to October 2002"; None for what is said in another way."""
    found = _PERIOD.search(said)
    if found is None:
        return None, None
    names = _MONTHS.strip("()").split("|")
    first = date(int(found[2]), names.index(found[1]) + 1, 1)
    month = names.index(found[3]) + 1
    after = date(int(found[4]) + month // 12, month % 12 + 1, 1)
    return first, after - DAY


@in_turn
def _steps(review: Review, withheld: Withheld | None, by: User) -> None:
    if review.steps.exists():
        return
    taken: list[tuple[str, date | None, str]] = [
        ("agreed", review.completed_on, ""),
        ("published", review.published_on, ""),
    ]
    if withheld is not None:
        taken = [("withheld", withheld.on, withheld.reason)]
    for status, on, reason in taken:
        if on is not None:
            library.record_step(
                by=by, review=review, status=status, on=on, reason=reason, now=timezone.now()
            )


def _write_abstract(abstract: Abstract, by: User) -> None:
    """Save an abstract made of sentences of the draft. Raises RuleError where one is not in it."""
    review = Review.objects.get(reference=abstract.review)
    if review.summary:
        return
    now = timezone.now()
    drafted = {one.text: one for one in draft_abstract(review, by, now)}
    chosen: list[tuple[PartOfAbstract, str]] = [
        *(("event", one) for one in abstract.event),
        *(("background", one) for one in abstract.background),
        *(("issues", one) for one in abstract.issues),
        *(("recommendations", one) for one in abstract.recommendations),
    ]
    for _, sentence in chosen:
        if sentence not in drafted:
            raise RuleError(f"catalogue.yaml: the draft of {abstract.review} lacks “{sentence}”")
    said = replace(pipeline.review_described(review), summary=composed(chosen))
    pipeline.describe_review(
        by=by,
        review=review,
        said=said,
        places=tuple(drafted[sentence].key for _, sentence in chosen),
        now=now,
    )


@in_turn
def _under_way(made: UnderWay, by: User) -> None:
    if Review.objects.filter(reference=made.reference).exists():
        return
    now = timezone.now()
    review = documents.add_review(
        by=by,
        reference=made.reference,
        title=made.title,
        nation=made.nation,
        board=made.board,
        review_type="Local child safeguarding practice review",
        summary=made.summary,
        fictional=True,
        now=now,
    )
    documents.set_review_state(by=by, review=review, state=State.INTERNAL, now=now)
    library.catalogue_review(by=by, review=review, now=now)
    library.set_details(by=by, review=review, scheme=made.scheme, pseudonym=made.pseudonym, now=now)
    for step in made.steps:
        library.record_step(by=by, review=review, status=step.status, on=step.on, now=now)
