"""What the catalogue tells of a review: its process, its abstract's places, a draft of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.permissions import Actor, Person, require
from waymark.accounts.visibility import visible_to
from waymark.coding.queries import codes_of_review
from waymark.core.spans import Span
from waymark.documents.anchors import Anchors
from waymark.documents.keys import span_key
from waymark.documents.models import PassageKind, Report, Review
from waymark.documents.queries import passages_of, reports_of
from waymark.library.abstract import Agreed, Paragraph, Proposed, propose
from waymark.library.abstract_cues import Part
from waymark.library.models import AbstractPlace, CatalogueRecord, ReviewDetails
from waymark.library.schemes import Scheme, Told, builtin_schemes, for_the_public
from waymark.library.standing import standing_steps, taken
from waymark.profiles.queries import facts_of_review
from waymark.recommendations.queries import recommendations_of

OF_THE_EVENT = frozenset({"nature", "outcome", "age", "sex"})
"""Variables of a framework that tell what happened and to whom."""
OF_THE_BACKGROUND = frozenset({"present", "suspected"})
"""Values of a factor that its family lived with."""


@dataclass(frozen=True, slots=True)
class About:
    """A review as its page tells of it beyond the agreed facts. scheme: None where none is set."""

    details: ReviewDetails
    record: CatalogueRecord | None
    scheme: Scheme | None
    steps: tuple[Told, ...]
    places: tuple[AbstractPlace, ...]


def about_review(review: Review, person: Actor, now: datetime) -> About:
    """What everybody may be told of a review that the person may see.

    places: of the sentences of its abstract, in the reports that the person may see.
    """
    details = ReviewDetails.objects.filter(review=review).first() or ReviewDetails(review=review)
    known = builtin_schemes()
    scheme = next((one for one in known.schemes if one.key == details.scheme), None)
    steps = for_the_public(known, scheme, taken(standing_steps(review))) if scheme else []
    places = AbstractPlace.objects.filter(
        visible_to(person, now=now, prefix="report__"), review=review
    )
    record = CatalogueRecord.objects.filter(review=review).first()
    return About(details, record, scheme, tuple(steps), tuple(places))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A proposed sentence at its place. key: of the place; text: word for word."""

    part: Part
    key: str
    page: int
    text: str
    why: str
    caution: str


def draft_abstract(review: Review, person: Person, now: datetime) -> list[Sentence]:
    """Sentences of the review's reports for its abstract, part by part. Raises NotPermitted."""
    require(person, "catalogue")
    anchors = {one.key: Anchors(one) for one in reports_of(review, person, now)}
    paragraphs = [one for held in anchors.values() for one in _paragraphs(held.report)]
    agreed = list(_agreed(review, person, now))
    return [_placed(one, anchors[one.report]) for one in propose(paragraphs, agreed)]


def _paragraphs(report: Report) -> Iterator[Paragraph]:
    rows = [row for row in passages_of(report) if row.kind != PassageKind.HEADING]
    for number, row in enumerate(rows):
        yield Paragraph(report.key, row.start, row.text, row.heading, number / len(rows))


def _agreed(review: Review, person: Person, now: datetime) -> Iterator[Agreed]:
    """The words that people have agreed bear on one of the parts."""
    for followed in recommendations_of(review, person, now):
        row = followed.recommendation
        what = f"recommendation {row.number}"
        yield Agreed("recommendations", row.report.key, Span(row.start, row.end), what)
    for judged in facts_of_review(review, person, now):
        variable = judged.variable
        part: Part = "event" if variable.variable in OF_THE_EVENT else "background"
        if part == "background" and judged.value not in OF_THE_BACKGROUND:
            continue
        for quote in judged.quotes:
            yield Agreed(part, quote.report, Span(quote.start, quote.end), variable.name.lower())
    for code in codes_of_review(review, person, now):
        for quote in code.quotes:
            yield Agreed(
                "issues", quote.report, Span(quote.start, quote.end), code.code.name.lower()
            )


def _placed(one: Proposed, anchors: Anchors) -> Sentence:
    anchor = anchors.anchor(one.span)
    key = span_key(one.report, one.span)
    return Sentence(one.part, key, anchor.page, anchor.exact, one.why, one.caution)
