"""Words in the public description of a review or resource that may identify a person."""

from collections.abc import Collection, Iterable
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
from waymark.documents.models import AnonymityVerdict, PossibleIdentifier, Review
from waymark.documents.queries.anonymity import IdentifierFinder, identifier_finder
from waymark.library.catalogue.resource_description import OF_EVALUATIONS
from waymark.library.models import PublicWordsAnswer, Publishable, Resource, ResourceKind

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
    whose words have possible identifiers of their own, and for a review that was written for
    demonstration.
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
            "evaluation": "\n".join(filter(None, (getattr(item, row) for row in OF_EVALUATIONS))),
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

    Of a publication, which is public elsewhere, only what names a person. Of an answer of our own
    everything. The pseudonym that a
    cataloguer entered is asked about once, in its own field.
    """
    return find_public_words_in([item])[item]


def find_public_words_in(items: Iterable[Publishable]) -> dict[Publishable, list[Identifier]]:
    """The same of many records."""
    find = identifier_finder()
    return {item: _mentions_in(item, find) for item in items}


def _mentions_in(item: Publishable, find: IdentifierFinder) -> list[Identifier]:
    parts = public_parts(item)
    finds = find("", {name: text for name, text in parts.items() if text})
    # An answer of our own is written from what somebody told us: all types count.
    if isinstance(item, Resource) and item.kind != ResourceKind.ANSWER:
        return [mention for mention in finds if mention.kind in NAMING]
    if isinstance(item, Resource):
        return finds
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
    return words_without_answer_in([item]).get(item, [])


def words_without_answer_in(items: Iterable[Publishable]) -> dict[Publishable, list[Identifier]]:
    """The same of many records, without those with none, in as many queries for one as for all."""
    mentions = find_public_words_in(items)
    answers, in_reports = _answers_of(mentions), _marks_of_reports(mentions)
    waiting = {
        item: [
            mention
            for mention in rows
            if mark_of(mention) not in answers[item]
            and in_reports[item].isdisjoint(_marks_in_reports(mention))
        ]
        for item, rows in mentions.items()
    }
    return {item: rows for item, rows in waiting.items() if rows}


def public_words_of(item: Publishable, person: Actor) -> list[PublicWords]:
    """Words in a description that may identify a person, with the decisions. Raises NotPermitted.

    Without those that were answered in a report of the same review, in the same text.
    """
    require_permission(person, "check anonymity")
    parts = public_parts(item)
    answers, in_reports = _answers_of([item])[item], _marks_of_reports([item])[item]
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


def _answers_of(
    items: Collection[Publishable],
) -> dict[Publishable, dict[Mark, PublicWordsAnswer]]:
    subjects = {item.audit_subject(): item for item in items}
    answers: dict[Publishable, dict[Mark, PublicWordsAnswer]] = {item: {} for item in items}
    rows = PublicWordsAnswer.objects.filter(subject__in=subjects)
    for row in rows.select_related("answered_by"):
        answers[subjects[row.subject]][row.kind, row.folded, row.surroundings] = row
    return answers


def _marks_of_reports(items: Collection[Publishable]) -> dict[Publishable, set[Mark]]:
    """Mentions in the reports of reviews that a person has found fit to be published.

    The title of a review is that of its report as a rule.
    """
    reviews = {item.pk: item for item in items if isinstance(item, Review)}
    marks: dict[Publishable, set[Mark]] = {item: set() for item in items}
    closed = (AnonymityVerdict.KEPT, AnonymityVerdict.FALSE)
    identifiers = PossibleIdentifier.objects.filter(report__review__in=reviews, verdict__in=closed)
    columns = ("report__review", "kind", "folded", "surroundings")
    for review, kind, folded, surroundings in identifiers.values_list(*columns):
        if kind == PSEUDONYM:
            marks[reviews[review]].add((kind, folded, ""))
        marks[reviews[review]].update((kind, folded, mark) for mark in surroundings or ())
    return marks
