"""Page of a review: what happened, the children, agreed facts and recommendations."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.coding import queries as coding
from waymark.coding.queries import AgreedCodeView
from waymark.core.evidence import ChildRow
from waymark.documents.queries import reader as documents
from waymark.frameworks import queries as frameworks
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import SILENT
from waymark.library.queries.content_notes import content_notes_of
from waymark.library.queries.originals import offered_originals
from waymark.library.queries.repository import removed_reports
from waymark.library.queries.reviews import about_review
from waymark.profiles import queries as profiles
from waymark.profiles.queries import ProfileFact
from waymark.publishing.queries.protected import facts_are_withheld
from waymark.recommendations import queries as recommendations
from waymark.recommendations.queries import FollowedRecommendation
from waymark.web.library.exports import record_exports
from waymark.web.library.resources import related_records

WITHOUT_DETAIL = "summary"
"""Value of ?view= for the page that tells a review without words of its reports."""


@dataclass(frozen=True, slots=True)
class ChildFact:
    """Fact about a child under its heading; judged: None if nothing was agreed."""

    heading: str
    judged: ProfileFact | None


@dataclass(frozen=True, slots=True)
class ChildLine:
    """Child with one fact for each heading of the table."""

    number: int
    name: str
    facts: tuple[ChildFact, ...]


MOST_COLUMNS = 8
"""Facts about children that fit in the columns of a table; with more, each child has a list."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Child or adult with the facts that the report states, and those on which it is silent."""

    name: str
    mentioned: tuple[ProfileFact, ...]
    silent: tuple[ProfileFact, ...]


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Group of facts, such as the factors or the agencies.

    mentioned: facts that the reports mention, in the order of their values; silent: the others.
    """

    name: str
    mentioned: tuple[ProfileFact, ...]
    silent: tuple[ProfileFact, ...]


@dataclass(frozen=True, slots=True)
class AgreedCodeSection:
    """Agreed codes of one section of the framework."""

    name: str
    codes: tuple[AgreedCodeView, ...]


@dataclass(frozen=True, slots=True)
class LabelledRecommendation:
    """Recommendation with the labels of its category and audience."""

    followed: FollowedRecommendation
    category: str
    audience: str


@require_safe
def review_page(request: HttpRequest, reference: str) -> HttpResponse:
    """All agreed facts about one review, each with its passages."""
    now = timezone.now()
    review = documents.review_for(reference, request.user, now)
    reports = documents.reports_of(review, request.user, now)
    withdrawn = removed_reports(review, request.user, now)
    # Without its reports, only facts that a review does not mention would be left: show none.
    words_gone = bool(withdrawn) and not reports
    withheld = facts_are_withheld(reference, request.user)
    facts, codes = [], []
    if not (words_gone or withheld):
        facts = profiles.facts_of_review(review, request.user, now)
        codes = coding.codes_of_review(review, request.user, now)
    of_review = [judged for judged in facts if judged.child is None and judged.adult is None]
    children = [] if withheld else profiles.children_named(review, request.user, now)
    adults = [] if withheld else profiles.adults_named(review, request.user, now)
    in_table = len(_child_headings(facts)) <= MOST_COLUMNS
    followed = recommendations.recommendations_of(review, request.user, now)
    about = about_review(review, request.user, now)
    without_detail = request.GET.get("view") == WITHOUT_DETAIL
    return render(
        request,
        "reviews/summary.html" if without_detail else "reviews/review.html",
        {
            "review": review,
            "about": about,
            "content_notes": content_notes_of(review),
            "around": related_records(about.record, request),
            "staff": has_permission(request.user, "see unpublished reports"),
            "may_catalogue": has_permission(request.user, "catalogue"),
            "facts": [judged for judged in of_review if not judged.variable.group],
            "groups": _fact_groups(judged for judged in of_review if judged.variable.group),
            "child_headings": list(_child_headings(facts).values()) if in_table else [],
            "children": _child_lines(children, facts),
            "child_facts": [] if in_table else _children_with_facts(children, facts),
            "adults": _adults_with_facts(adults, facts),
            "themes": _code_sections(codes),
            "recommendations": _labelled_recommendations(followed),
            "reports": reports,
            "originals": offered_originals(reports),
            "taking": record_exports(request, "review", reference, listed=False),
            "gone": withdrawn,
            "words_gone": words_gone,
            "withheld": withheld,
        },
    )


def _child_headings(facts: list[ProfileFact]) -> dict[int, str]:
    """Variables about children: order in the framework -> name, sorted."""
    named = {judged.variable.order: judged.variable.name for judged in facts if judged.child}
    return dict(sorted(named.items()))


def _child_lines(children: list[ChildRow], facts: list[ProfileFact]) -> list[ChildLine]:
    known = {(judged.child, judged.variable.order): judged for judged in facts}
    headings = _child_headings(facts)
    return [
        ChildLine(
            child.number,
            child.name,
            tuple(
                ChildFact(heading, known.get((child.number, order)))
                for order, heading in headings.items()
            ),
        )
        for child in children
    ]


def _children_with_facts(children: list[ChildRow], facts: list[ProfileFact]) -> list[PersonFacts]:
    return [
        _person_facts(child.name, [judged for judged in facts if judged.child == child.number])
        for child in children
    ]


def _adults_with_facts(
    adults: list[tuple[int, str]], facts: list[ProfileFact]
) -> list[PersonFacts]:
    return [
        _person_facts(name, [judged for judged in facts if judged.adult == number])
        for number, name in adults
    ]


def _person_facts(name: str, facts: list[ProfileFact]) -> PersonFacts:
    return PersonFacts(
        name,
        tuple(judged for judged in facts if judged.value not in SILENT),
        tuple(judged for judged in facts if judged.value in SILENT),
    )


def _fact_groups(facts: Iterable[ProfileFact]) -> list[FactGroup]:
    grouped: dict[str, list[ProfileFact]] = {}
    for judged in facts:
        grouped.setdefault(judged.variable.group, []).append(judged)
    return [
        FactGroup(
            name.replace("_", " ").capitalize(),
            tuple(
                sorted((fact for fact in group if fact.value not in SILENT), key=_value_position)
            ),
            tuple(fact for fact in group if fact.value in SILENT),
        )
        for name, group in grouped.items()
    ]


def _value_position(judged: ProfileFact) -> int:
    """Position of a value in its variable's list of values."""
    values = [row["value"] for row in judged.variable.values]
    return values.index(judged.value) if judged.value in values else len(values)


def _code_sections(codes: list[AgreedCodeView]) -> list[AgreedCodeSection]:
    """Group codes by section, in the order of the framework."""
    grouped: dict[tuple[int, str], list[AgreedCodeView]] = {}
    for agreed in codes:
        grouped.setdefault((agreed.code.framework_id, agreed.code.section), []).append(agreed)
    return [
        AgreedCodeSection(
            _section_name(frameworks.file_of(group[0].code.framework), section), tuple(group)
        )
        for (_, section), group in grouped.items()
    ]


def _section_name(file: FrameworkFile, section: str) -> str:
    return next((candidate.name for candidate in file.sections if candidate.id == section), section)


def _labelled_recommendations(
    followed: list[FollowedRecommendation],
) -> list[LabelledRecommendation]:
    """Add the labels of categories and audiences from the published frameworks."""
    labels: dict[str, str] = {}
    for framework in frameworks.published_frameworks() if followed else []:
        lists = frameworks.file_of(framework).recommendations
        for option in (*lists.categories, *lists.audiences):
            labels.setdefault(option.value, option.label)

    def label(value: str) -> str:
        return labels.get(value, value.replace("_", " ").capitalize())

    return [
        LabelledRecommendation(
            item, label(item.recommendation.category), label(item.recommendation.audience)
        )
        for item in followed
    ]
