"""Catalogue of the demo: publications, and descriptions of its reviews."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

from django.utils import timezone

from waymark import pipeline
from waymark.accounts.audit import serialized
from waymark.accounts.models import State, User
from waymark.coding.queries import codes_of_review
from waymark.core import yaml_file
from waymark.core.errors import FileFault, RuleError, SpecError
from waymark.demo.sources import DemoCollection, SourceRecord
from waymark.documents import services as documents
from waymark.documents.models import Review
from waymark.library import services as library
from waymark.library.catalogue.abstract_cues import Part as PartOfAbstract
from waymark.library.catalogue.content_notes import ContentNote
from waymark.library.catalogue.draft_abstract import compose_abstract
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import CatalogueRecord, Concept, RelationKind, Resource
from waymark.library.queries.content_notes import notes_from_facts
from waymark.library.queries.public_words import mark_of, words_without_answer
from waymark.library.queries.reviews import draft_abstract
from waymark.profiles.queries import facts_of_review

DAY = timedelta(days=1)
_MONTHS = r"(January|February|March|April|May|June|July|August|September|October|November|December)"
_PERIOD = re.compile(rf"{_MONTHS} (\d{{4}}) to {_MONTHS} (\d{{4}})")
_PSEUDONYM = re.compile(r"Child [A-Z][a-z]+")


# ---- the files ----


class ListedResource(SourceRecord):
    """Publication with the fields of ResourceDescription and its relations."""

    key: str
    kind: str
    title: str
    strapline: str = ""
    authors: tuple[str, ...] = ()
    conducted_by: str = ""
    publisher: str = ""
    series: str = ""
    report_number: str = ""
    host_title: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    year: int | None = None
    published_on: date | None = None
    covers: str = ""
    nation: str = ""
    audience: str = ""
    summary: str
    key_points: tuple[str, ...] = ()
    contents: tuple[tuple[str, int | None], ...] = ()
    url: str = ""
    doi: str = ""
    isbn: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    cpd_hours: Decimal | None = None
    evaluated: str = ""
    setting: str = ""
    method: str = ""
    sample: str = ""
    limits: str = ""
    standard: str = ""
    cost: str = ""
    subjects: tuple[str, ...]
    related: tuple[str, ...] = ()
    part_of: str = ""
    replaces: str = ""

    @property
    def described(self) -> ResourceDescription:
        """Description of the publication itself."""
        about = {"key", "subjects", "related", "part_of", "replaces"}
        return ResourceDescription(**self.model_dump(exclude=about))


class ResourcesFile(SourceRecord):
    format: Literal["waymark-resources 1"]
    resources: tuple[ListedResource, ...]


class ReviewAbstract(SourceRecord):
    """Sentences from a review's reports, word for word, for each part of its abstract."""

    review: str
    event: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()


class WithheldReport(SourceRecord):
    review: str
    on: date
    reason: str


class TakenStep(SourceRecord):
    status: str
    on: date


class UnderWay(SourceRecord):
    """Review that is still in progress."""

    reference: str
    title: str
    nation: str
    board: str
    scheme: str
    pseudonym: str
    summary: str
    steps: tuple[TakenStep, ...]


class CatalogueFile(SourceRecord):
    format: Literal["waymark-demo-catalogue 1"]
    scheme: str
    always: tuple[str, ...]
    codes: dict[str, str]
    factors: dict[str, str]
    classes: dict[str, str]
    content_notes: dict[str, tuple[ContentNote, ...]]
    subjects_of_reviews: dict[str, tuple[str, ...]]
    related: tuple[tuple[str, str], ...]
    abstracts: tuple[ReviewAbstract, ...]
    withheld: tuple[WithheldReport, ...]
    under_way: UnderWay

    @property
    def subjects(self) -> frozenset[str]:
        """All subjects that a review may get."""
        return frozenset(
            (
                *(*self.always, *self.codes.values()),
                *(*self.factors.values(), *self.classes.values()),
                *(key for keys in self.subjects_of_reviews.values() for key in keys),
            )
        )


def read_resources(place: Path) -> ResourcesFile:
    """Read the publications. Raises SpecError, also for a link to one that is not listed."""
    file = place / "resources.yaml"
    listing, lines = yaml_file.read_yaml(file.read_text("utf-8"), ResourcesFile, file=file.name)
    keys = {entry.key for entry in listing.resources}
    faults = [
        FileFault(
            yaml_file.line_of(lines, ("resources", number)), f"{entry.key}: {other} is not listed"
        )
        for number, entry in enumerate(listing.resources)
        for other in (*entry.related, entry.part_of, entry.replaces)
        if other and other not in keys
    ]
    if faults:
        raise SpecError(file.name, faults)
    return listing


def read_catalogue(place: Path) -> CatalogueFile:
    """Read the descriptions of the reviews. Raises SpecError."""
    file = place / "catalogue.yaml"
    return yaml_file.read_yaml(file.read_text("utf-8"), CatalogueFile, file=file.name)[0]


def check_subjects(resources: ResourcesFile, catalogue: CatalogueFile) -> None:
    """Raise RuleError that names each subject missing from the thesaurus, and where it is used."""
    known = set(Concept.objects.filter(ended=False).values_list("key", flat=True))
    wrong = [
        f"{entry.key}: {subject}"
        for entry in resources.resources
        for subject in entry.subjects
        if subject not in known
    ]
    wrong += [f"catalogue.yaml: {subject}" for subject in sorted(catalogue.subjects - known)]
    if wrong:
        raise RuleError(f"the thesaurus has no such subjects: {'; '.join(wrong)}")


# ---- resources ----


def add_resources(resources: ResourcesFile, by: User) -> None:
    """Add and publish the publications that are missing, then link them all."""
    for listed in resources.resources:
        if not Resource.objects.filter(key=listed.key).exists():
            _add_publication(listed, by, timezone.now())
    records = {
        key: CatalogueRecord.objects.get(resource__key=key)
        for key in (entry.key for entry in resources.resources)
    }
    for listed in resources.resources:
        for kind, others in (
            (RelationKind.RELATED, listed.related),
            (RelationKind.PART_OF, (listed.part_of,)),
            (RelationKind.REPLACES, (listed.replaces,)),
        ):
            for other in filter(None, others):
                library.link_records(
                    by=by,
                    source=records[listed.key],
                    target=records[other],
                    kind=kind,
                    now=timezone.now(),
                )


@serialized
def _add_publication(listed: ListedResource, by: User, now: datetime) -> None:
    resource = library.add_resource(by=by, key=listed.key, description=listed.described, now=now)
    record = CatalogueRecord.objects.get(resource=resource)
    library.set_subjects(by=by, record=record, subjects=listed.subjects, now=now)
    if words := [mark_of(row) for row in words_without_answer(resource)]:
        library.answer_public_words(
            by=by, item=resource, marks=words, verdict="kept", answer=PUBLISHED_WORDS, now=now
        )
    pipeline.change_state(by=by, item=resource, state=State.PUBLISHED, now=now)


PUBLISHED_WORDS = "Words of the title and the subject of a publication, which is public elsewhere."

# ---- reviews ----


def describe_reviews(catalogue: CatalogueFile, collection: DemoCollection, by: User) -> None:
    """Describe each review: subjects, process and outcome."""
    withheld = {entry.review: entry for entry in catalogue.withheld}
    reviews = list(Review.objects.filter(collection=collection.collection).order_by("reference"))
    for review in reviews:
        _describe_review(review, catalogue, by)
        _record_steps(review, withheld.get(review.reference), by)
    for first, second in catalogue.related:
        ours, theirs = (
            CatalogueRecord.objects.get(review__reference=reference)
            for reference in (first, second)
        )
        library.link_records(by=by, source=ours, target=theirs, now=timezone.now())
    for abstract in catalogue.abstracts:
        _write_abstract(abstract, by)
    _under_way(catalogue.under_way, by)


def _describe_review(review: Review, catalogue: CatalogueFile, by: User) -> None:
    now = timezone.now()
    pseudonym = _PSEUDONYM.search(review.title)
    first, last = _period_days(review.period)
    read = catalogue.content_notes.get(review.reference, ())
    library.set_details(
        by=by,
        review=review,
        scheme=catalogue.scheme,
        pseudonym=pseudonym[0] if pseudonym else "",
        period_from=first,
        period_to=last,
        content_notes={*read, *notes_from_facts(review, by, now)},
        now=now,
    )
    record = CatalogueRecord.objects.get(review=review)
    subjects = {*catalogue.always, *_review_subjects(review, catalogue, by, now)}
    library.set_subjects(by=by, record=record, subjects=subjects, now=now)


def _review_subjects(
    review: Review, catalogue: CatalogueFile, by: User, now: datetime
) -> Iterable[str]:
    """Thesaurus subjects of a review: those that the cataloguer chose, and those that follow from
    its agreed coding."""
    yield from catalogue.subjects_of_reviews.get(review.reference, ())
    codes = [agreed.code.code for agreed in codes_of_review(review, by, now)]
    yield from (catalogue.codes[code] for code in codes if code in catalogue.codes)
    for judged in facts_of_review(review, by, now):
        if judged.value in {"present", "suspected"}:
            yield from filter(None, [catalogue.factors.get(judged.variable.variable)])
        elif judged.variable.variable == "trigger_class":
            yield from filter(None, [catalogue.classes.get(judged.value)])


def _period_days(text: str) -> tuple[date | None, date | None]:
    """First and last day of "July 2001 to October 2002"; None for any other text."""
    match = _PERIOD.search(text)
    if match is None:
        return None, None
    names = _MONTHS.strip("()").split("|")
    first = date(int(match[2]), names.index(match[1]) + 1, 1)
    month = names.index(match[3]) + 1
    # The last day of a month is the day before the first of the next; December gives January.
    after = date(int(match[4]) + month // 12, month % 12 + 1, 1)
    return first, after - DAY


@serialized
def _record_steps(review: Review, withheld: WithheldReport | None, by: User) -> None:
    if review.steps.exists():
        return
    steps: list[tuple[str, date | None, str]] = [
        ("agreed", review.completed_on, ""),
        ("published", review.published_on, ""),
    ]
    if withheld is not None:
        steps = [("withheld", withheld.on, withheld.reason)]
    for status, on, reason in steps:
        if on is not None:
            library.record_step(
                by=by, review=review, status=status, on=on, reason=reason, now=timezone.now()
            )


def _write_abstract(abstract: ReviewAbstract, by: User) -> None:
    """Save an abstract made of sentences of the draft. Raises RuleError if one is missing there."""
    review = Review.objects.get(reference=abstract.review)
    if review.summary:
        return
    now = timezone.now()
    drafted = {row.text: row for row in draft_abstract(review, by, now)}
    chosen: list[tuple[PartOfAbstract, str]] = [
        *(("event", words) for words in abstract.event),
        *(("background", words) for words in abstract.background),
        *(("issues", words) for words in abstract.issues),
        *(("recommendations", words) for words in abstract.recommendations),
    ]
    for _, sentence in chosen:
        if sentence not in drafted:
            raise RuleError(f"catalogue.yaml: the draft of {abstract.review} lacks “{sentence}”")
    description = replace(pipeline.review_description(review), summary=compose_abstract(chosen))
    pipeline.describe_review(
        by=by,
        review=review,
        description=description,
        places=tuple(drafted[sentence].key for _, sentence in chosen),
        now=now,
    )


@serialized
def _under_way(under_way: UnderWay, by: User) -> None:
    if Review.objects.filter(reference=under_way.reference).exists():
        return
    now = timezone.now()
    review = documents.add_review(
        by=by,
        reference=under_way.reference,
        title=under_way.title,
        nation=under_way.nation,
        board=under_way.board,
        review_type="Local child safeguarding practice review",
        summary=under_way.summary,
        fictional=True,
        now=now,
    )
    documents.set_review_state(by=by, review=review, state=State.INTERNAL, now=now)
    library.catalogue_review(by=by, review=review, now=now)
    library.set_details(
        by=by, review=review, scheme=under_way.scheme, pseudonym=under_way.pseudonym, now=now
    )
    for step in under_way.steps:
        library.record_step(by=by, review=review, status=step.status, on=step.on, now=now)
