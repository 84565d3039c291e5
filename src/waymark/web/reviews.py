"""The page of a review: what happened, to whom, what was found, what was asked for."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import may
from waymark.coding import queries as coding
from waymark.coding.queries import AgreedOn
from waymark.core.evidence import ChildRow
from waymark.documents import queries as documents
from waymark.frameworks import queries as frameworks
from waymark.frameworks.schema import SILENT, FrameworkFile
from waymark.library.queries.repository import gone_reports
from waymark.library.queries.reviews import about_review
from waymark.profiles import queries as profiles
from waymark.profiles.queries import Judged
from waymark.recommendations import queries as recommendations
from waymark.recommendations.queries import Followed
from waymark.web.exports import taking
from waymark.web.resources import surroundings


@dataclass(frozen=True, slots=True)
class ChildFact:
    """A fact about a child under its heading; judged None where nothing was agreed."""

    heading: str
    judged: Judged | None


@dataclass(frozen=True, slots=True)
class ChildLine:
    """A child with its facts, one for each heading of the table."""

    number: int
    name: str
    facts: tuple[ChildFact, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Facts that stand together, as the factors or the agencies.

    said: those the reports say something about, in the order of their values; silent: the rest.
    """

    name: str
    said: tuple[Judged, ...]
    silent: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Themes:
    """The agreed codes of one section of the framework."""

    name: str
    codes: tuple[AgreedOn, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A recommendation with its category and audience in words."""

    followed: Followed
    category: str
    audience: str


@require_safe
def review(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything agreed about one review, each fact with its words."""
    now = timezone.now()
    found = documents.review_for(reference, request.user, now)
    reports = documents.reports_of(found, request.user, now)
    gone = gone_reports(found, request.user, now)
    # Of a review whose words are gone, what is left would be its silences alone.
    words_gone = bool(gone) and not reports
    facts = [] if words_gone else profiles.facts_of_review(found, request.user, now)
    codes = coding.codes_of_review(found, request.user, now)
    of_review = [judged for judged in facts if judged.child is None]
    followed = recommendations.recommendations_of(found, request.user, now)
    about = about_review(found, request.user, now)
    return render(
        request,
        "reviews/review.html",
        {
            "review": found,
            "about": about,
            "around": surroundings(about.record, request),
            "staff": may(request.user, "see unpublished reports"),
            "may_catalogue": may(request.user, "catalogue"),
            "facts": [judged for judged in of_review if not judged.variable.group],
            "groups": _groups(judged for judged in of_review if judged.variable.group),
            "child_headings": list(_headings(facts).values()),
            "children": _children(profiles.children_named(found, request.user, now), facts),
            "themes": _themes(codes),
            "recommendations": _asked(followed),
            "reports": reports,
            "taking": taking(request, "review", reference, listed=False),
            "gone": gone,
            "words_gone": words_gone,
        },
    )


def _headings(facts: list[Judged]) -> dict[int, str]:
    """The children's variables, order in the framework -> name, in that order."""
    named = {judged.variable.order: judged.variable.name for judged in facts if judged.child}
    return dict(sorted(named.items()))


def _children(children: list[ChildRow], facts: list[Judged]) -> list[ChildLine]:
    known = {(judged.child, judged.variable.order): judged for judged in facts}
    headings = _headings(facts)
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


def _groups(facts: Iterable[Judged]) -> list[Group]:
    grouped: dict[str, list[Judged]] = {}
    for judged in facts:
        grouped.setdefault(judged.variable.group, []).append(judged)
    return [
        Group(
            name.replace("_", " ").capitalize(),
            tuple(sorted((one for one in group if one.value not in SILENT), key=_by_value)),
            tuple(one for one in group if one.value in SILENT),
        )
        for name, group in grouped.items()
    ]


def _by_value(judged: Judged) -> int:
    """The place of a value in the list of its variable's values."""
    values = [row["value"] for row in judged.variable.values]
    return values.index(judged.value) if judged.value in values else len(values)


def _themes(codes: list[AgreedOn]) -> list[Themes]:
    """The codes under the names of their sections, in the order of the framework."""
    grouped: dict[tuple[int, str], list[AgreedOn]] = {}
    for agreed in codes:
        grouped.setdefault((agreed.code.framework_id, agreed.code.section), []).append(agreed)
    return [
        Themes(_section_name(frameworks.file_of(group[0].code.framework), section), tuple(group))
        for (_, section), group in grouped.items()
    ]


def _section_name(file: FrameworkFile, section: str) -> str:
    return next((one.name for one in file.sections if one.id == section), section)


def _asked(followed: list[Followed]) -> list[Asked]:
    """Categories and audiences in the words of the frameworks that are published."""
    labels: dict[str, str] = {}
    for framework in frameworks.published_frameworks() if followed else []:
        lists = frameworks.file_of(framework).recommendations
        for option in (*lists.categories, *lists.audiences):
            labels.setdefault(option.value, option.label)

    def said(value: str) -> str:
        return labels.get(value, value.replace("_", " ").capitalize())

    return [
        Asked(one, said(one.recommendation.category), said(one.recommendation.audience))
        for one in followed
    ]
