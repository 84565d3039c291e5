"""Words in the public description of a review or resource that may identify a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from waymark.accounts.permissions import Actor, require_permission
from waymark.documents.anonymity.identifiers import (
    BIRTH_DATE,
    CONTACT,
    HEALTH_NUMBER,
    INITIALS,
    OFFICIAL_NUMBER,
    PERSON,
    PSEUDONYM,
    Identifier,
)
from waymark.documents.anonymity.search import fold_words
from waymark.documents.models import AnonymityVerdict, Report, Review
from waymark.documents.queries.anonymity import identifiers_in
from waymark.library.models import PublicWordsAnswer, Publishable, Resource

CONTEXT = 80
"""Characters shown before and after the words."""
NAMING = frozenset(
    {PERSON, INITIALS, BIRTH_DATE, HEALTH_NUMBER, OFFICIAL_NUMBER, CONTACT, PSEUDONYM}
)
"""Types of identifiers that name one person."""
Mark = tuple[str, str, str]
"""Kind, folded words and surroundings of a mention: what an answer is about."""


@dataclass(frozen=True, slots=True)
class PublicWords:
    """Words of a description that may identify a person, at one place.

    part: name of the field. answer: the decision on them; None without one.
    """

    found: Identifier
    part: str
    before: str
    after: str
    answer: PublicWordsAnswer | None = None

    @property
    def mark(self) -> Mark:
        """What an answer is about."""
        return mark_of(self.found)


def mark_of(mention: Identifier) -> Mark:
    """Kind, folded words and surroundings of a mention."""
    return mention.kind, fold_words(mention.words), mention.surroundings


def public_parts(item: Publishable) -> dict[str, str]:
    """Name of a field -> its text, of the fields that the public reads and that people fill in.

    Not the authors and the publisher of a resource, which are names as a rule. Empty for a report,
    whose words have alerts of their own, and for a review that was written for demonstration.
    """
    if isinstance(item, Review):
        return {} if item.fictional else _parts_of_review(item)
    if isinstance(item, Resource):
        return {
            "title": item.title,
            "strapline": item.strapline,
            "summary": item.summary,
            "key points": "\n".join(item.key_points),
            "contents": "\n".join(str(title) for title, _ in item.contents),
        }
    return {}


def _parts_of_review(review: Review) -> dict[str, str]:
    details = getattr(review, "details", None)
    return {
        "title": review.title,
        "abstract": review.summary,
        "board": review.board,
        "type": review.review_type,
        "period": review.period,
        "pseudonym": details.pseudonym if details else "",
        "keywords": "\n".join(details.keywords) if details else "",
    }


def find_public_words(item: Publishable) -> list[Identifier]:
    """Mentions of identifiers in the description of a record.

    Of a publication, which is public elsewhere, only what names a person. The pseudonym that a
    cataloguer entered is asked about once, in its own field.
    """
    parts = public_parts(item)
    finds = identifiers_in("", {name: text for name, text in parts.items() if text})
    if isinstance(item, Resource):
        return [mention for mention in finds if mention.kind in NAMING]
    pseudonym = fold_words(parts.get("pseudonym", "")).split()
    return [
        mention
        for mention in finds
        if mention.kind != PSEUDONYM
        or mention.source == "pseudonym"
        or fold_words(mention.words) not in pseudonym
    ]


def words_without_answer(item: Publishable) -> list[Identifier]:
    """Mentions in the description of a record that nobody has decided on."""
    answers, in_reports = _answers_of(item), _marks_of_reports(item)
    return [
        mention
        for mention in find_public_words(item)
        if mark_of(mention) not in answers and in_reports.isdisjoint(_marks_in_reports(mention))
    ]


def public_words_of(item: Publishable, person: Actor) -> list[PublicWords]:
    """Words in a description that may identify a person, with the decisions. Raises NotPermitted.

    Without those that were answered in a report of the same review, in the same text.
    """
    require_permission(person, "check anonymity")
    parts, answers, in_reports = public_parts(item), _answers_of(item), _marks_of_reports(item)
    return [
        PublicWords(
            mention,
            mention.source,
            parts[mention.source][max(0, mention.start - CONTEXT) : mention.start],
            parts[mention.source][mention.end : mention.end + CONTEXT],
            answers.get(mark_of(mention)),
        )
        for mention in find_public_words(item)
        if mark_of(mention) in answers or in_reports.isdisjoint(_marks_in_reports(mention))
    ]


def _marks_in_reports(mention: Identifier) -> set[Mark]:
    """What an answer in a report of the review must be about to count here.

    A pseudonym there is one here, whatever is around it; a name may be another person's.
    """
    kind, folded, surroundings = mark_of(mention)
    return {(kind, folded, "" if kind == PSEUDONYM else surroundings)}


def _answers_of(item: Publishable) -> dict[Mark, PublicWordsAnswer]:
    rows = PublicWordsAnswer.objects.filter(subject=item.audit_subject())
    return {
        (row.kind, row.folded, row.surroundings): row for row in rows.select_related("answered_by")
    }


def _marks_of_reports(item: Publishable) -> set[Mark]:
    """Mentions in the reports of a review that a person has found fit to be published.

    The title of a review is that of its report as a rule.
    """
    if not isinstance(item, Review):
        return set()
    return {mark for report in item.reports.all() for mark in _marks_of(report)}


def _marks_of(report: Report) -> Iterable[Mark]:
    closed = (AnonymityVerdict.KEPT, AnonymityVerdict.FALSE)
    for alert in report.anonymity_alerts.filter(verdict__in=closed):
        if alert.kind == PSEUDONYM:
            yield alert.kind, alert.folded, ""
        for mark in alert.surroundings or ():
            yield alert.kind, alert.folded, mark
