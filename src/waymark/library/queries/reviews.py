"""Catalogue data of one review: its process, the sources of its abstract, a draft abstract."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.permissions import Actor, Person, require_permission
from waymark.accounts.visibility import visible_to
from waymark.coding.queries import codes_of_review
from waymark.core.errors import require_found
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.keys import span_key, text_key
from waymark.documents.models import PassageKind, Review
from waymark.documents.queries.reader import open_reviews, passages_of, reports_of
from waymark.frameworks.families import top_code
from waymark.frameworks.models import Code
from waymark.frameworks.queries import file_of
from waymark.library.catalogue.abstract_cues import Part
from waymark.library.catalogue.draft_abstract import (
    EvidenceOfPart,
    ProposedSentence,
    ReportParagraph,
    propose_sentences,
)
from waymark.library.catalogue.review_process import (
    PublicStep,
    ReviewProcess,
    StepReached,
    builtin_processes,
    public_steps,
)
from waymark.library.models import AbstractPlace, CatalogueRecord, ReviewDetails, ReviewStep
from waymark.profiles.queries import facts_of_review
from waymark.publishing.queries.protected import facts_are_withheld
from waymark.recommendations.queries import recommendations_of

EVENT_VARIABLES = frozenset({"nature", "trigger_class", "outcome", "age", "sex"})
"""Framework variables that describe the event and the child."""
BACKGROUND_VALUES = frozenset({"present", "suspected"})
"""Values of a factor that was part of the family's life."""
PART_BY_PLACE: dict[str, Part] = {"opening": "event", "findings": "issues"}
"""Where a framework says that the codes of a section are sought -> the part of an abstract."""


@dataclass(frozen=True, slots=True)
class ReviewAbout:
    """Catalogue data of a review for its page. scheme: None if no process is set."""

    details: ReviewDetails
    record: CatalogueRecord | None
    scheme: ReviewProcess | None
    steps: tuple[PublicStep, ...]
    places: tuple[AbstractPlace, ...]


def open_review(reference: str, person: Actor, now: datetime) -> Review:
    """The review of a reference with its details and its record, in one query.

    Raises NotFound, also if the person may not see it.
    """
    rows = open_reviews(person, now).select_related("details", "record")
    return require_found(
        rows.filter(reference=reference).first(), f"there is no review {reference}"
    )


def about_review(review: Review, person: Actor, now: datetime) -> ReviewAbout:
    """Return the public catalogue data of a review that the person may see.

    places: of the sentences of its abstract, in the reports that the person may see.
    """
    stored: ReviewDetails | None = getattr(review, "details", None)
    details = stored or ReviewDetails(review=review)
    record: CatalogueRecord | None = getattr(review, "record", None)
    processes = builtin_processes()
    scheme = processes.find_process(details.scheme)
    steps = public_steps(processes, scheme, plain_steps(current_steps(review))) if scheme else []
    places = AbstractPlace.objects.filter(
        visible_to(person, now=now, prefix="report__"), review=review
    )
    return ReviewAbout(details, record, scheme, tuple(steps), tuple(places))


def current_steps(review: Review) -> list[ReviewStep]:
    """The steps of a review that were not withdrawn, in the order in which they were taken."""
    return list(ReviewStep.objects.filter(review=review, superseded_at=None).order_by("on", "pk"))


def plain_steps(steps: Sequence[ReviewStep]) -> list[StepReached]:
    """Rows as plain steps."""
    return [StepReached(row.status, row.on, row.decision, row.reason) for row in steps]


@dataclass(frozen=True, slots=True)
class PlacedSentence:
    """A proposed sentence with its source. key: of the place; text: word for word."""

    part: Part
    key: str
    page: int
    text: str
    why: str
    caution: str


def draft_abstract(review: Review, person: Person, now: datetime) -> list[PlacedSentence]:
    """Return sentences of the review's reports for its abstract, part by part.

    Raises NotPermitted.
    """
    require_permission(person, "catalogue")
    sources = map(ReportAnchors, reports_of(review, person, now))
    anchors = {source.key: source for source in sources}
    paragraphs = [row for source in anchors.values() for row in _report_paragraphs(source)]
    proposed = propose_sentences(paragraphs, _agreed_evidence(review, person, now))
    return [_placed_sentence(sentence, anchors[sentence.report]) for sentence in proposed]


def _report_paragraphs(source: ReportAnchors) -> Iterator[ReportParagraph]:
    rows = [row for row in passages_of(source.report) if row.kind != PassageKind.HEADING]
    for number, row in enumerate(rows):
        yield ReportParagraph(source.key, row.start, row.text, row.heading, number / len(rows))


def _agreed_evidence(review: Review, person: Person, now: datetime) -> Iterator[EvidenceOfPart]:
    """The words that people agreed are evidence for one of the parts.

    Of a protected review only recommendations, whose words the reports print for everyone.
    """
    for followed in recommendations_of(review, person, now):
        row = followed.recommendation
        subject = f"recommendation {row.number}"
        yield EvidenceOfPart(
            "recommendations",
            text_key(row.report.key, row.reading),
            Span(row.start, row.end),
            subject,
        )
    if facts_are_withheld(review.reference, person):
        return
    for judged in facts_of_review(review, person, now):
        variable = judged.variable
        # Absent and unknown factors describe no background.
        part: Part = "event" if variable.variable in EVENT_VARIABLES else "background"
        if part == "background" and judged.value not in BACKGROUND_VALUES:
            continue
        for quote in judged.quotes:
            yield EvidenceOfPart(
                part, quote.text, Span(quote.start, quote.end), variable.name.lower()
            )
    for code in codes_of_review(review, person, now):
        part, subject = _part_of_code(code.code)
        for quote in code.quotes:
            yield EvidenceOfPart(part, quote.text, Span(quote.start, quote.end), subject)


def _part_of_code(code: Code) -> tuple[Part, str]:
    """The part of an abstract that a code belongs to, and its subject there.

    Codes sought in the opening of a report are about the event, those sought in findings are
    issues, all others background. If the framework does not say where findings are, all codes are
    issues. One sentence is enough for a theme and all its parts.
    """
    framework = file_of(code.framework)
    look_in = {section.id: section.look_in for section in framework.sections}
    other: Part = "background" if "findings" in look_in.values() else "issues"
    part = PART_BY_PLACE.get(look_in[code.section], other)
    return part, top_code(framework, code.code).name.lower()


def _placed_sentence(sentence: ProposedSentence, anchors: ReportAnchors) -> PlacedSentence:
    anchor = anchors.anchor(sentence.span)
    key = span_key(sentence.report, sentence.span)
    return PlacedSentence(
        sentence.part, key, anchor.page, anchor.exact, sentence.why, sentence.caution
    )
