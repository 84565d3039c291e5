"""Page of a review: what happened, the children, agreed facts and recommendations."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.content_state import ContentCache, ContentMark, digest_mark
from waymark.accounts.permissions import has_permission
from waymark.coding import queries as coding
from waymark.coding.queries import AgreedCodeView
from waymark.coding.settled_versions import settled_frameworks
from waymark.core.uk_time import uk_date
from waymark.documents.models import Review
from waymark.frameworks import queries as frameworks
from waymark.frameworks.models import Framework
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import SILENT
from waymark.library.queries.agreed_facts import YEAR_OF_REVIEW, AgreedFact, year_of
from waymark.library.queries.content_notes import content_notes_of
from waymark.library.queries.exchange import review_data
from waymark.library.queries.originals import offered_originals
from waymark.library.queries.repository import ReportsOfReview, reports_and_removed
from waymark.library.queries.reviews import ReviewAbout, about_review, open_review
from waymark.profiles import queries as profiles
from waymark.profiles.queries import NamedPeople, ProfileFact
from waymark.publishing.queries.protected import facts_are_withheld
from waymark.recommendations import queries as recommendations
from waymark.recommendations.queries import FollowedRecommendation
from waymark.web.library.exports import RecordExports, exports_of, pages_from
from waymark.web.library.resources import RelatedRecords, related_records
from waymark.web.library.review_card import linked_abstract, review_card
from waymark.web.shared.take_away import NamedLink, TakeAway, access_note, feeds_of_record

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


GROUP_HEADINGS = {
    "more_factors": "Other factors",
    "agencies": "Services involved",
    "more_agencies": "Other services",
    "contact_with": "Who the services were in contact with",
    "contact_when": "When the services were in contact",
}
"""The groups of the built-in framework whose names alone say too little."""
GIST = " \N{MIDDLE DOT} "
MOST_COLUMNS = 8
"""Facts about children that fit in the columns of a table; with more, each child has a list."""


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts under a name: of a group, such as the factors or the agencies, or of a person.

    mentioned: facts that the reports mention; silent: the others.
    """

    name: str
    mentioned: tuple[ProfileFact, ...]
    silent: tuple[ProfileFact, ...]

    @property
    def gist(self) -> str:
        """The names of the mentioned facts, for the line of the folded group."""
        return GIST.join(fact.variable.name for fact in self.mentioned)

    @property
    def silent_names(self) -> str:
        return ", ".join(fact.variable.name.lower() for fact in self.silent)


@dataclass(frozen=True, slots=True)
class AgreedCodeSection:
    """Agreed codes of one section of the framework. passages: number that support them."""

    name: str
    codes: tuple[AgreedCodeView, ...]

    @property
    def gist(self) -> str:
        """The names of the codes, for the line of the folded section."""
        return GIST.join(agreed.code.name for agreed in self.codes)

    @property
    def passages(self) -> int:
        return len({quote.key for agreed in self.codes for quote in agreed.quotes})


@dataclass(frozen=True, slots=True)
class LabelledRecommendation:
    """Recommendation with the labels of its category and audience."""

    followed: FollowedRecommendation
    category: str
    audience: str


@dataclass(frozen=True, slots=True)
class AgreedEvidence:
    """Agreed facts and codes of a review, limited to those that a person may see.

    withheld: an overview protects its small numbers. gone: the reports it came from were removed.
    """

    facts: list[ProfileFact]
    codes: list[AgreedCodeView]
    people: NamedPeople
    recommendations: list["LabelledRecommendation"]
    withheld: bool
    gone: bool


@require_safe
def review_page(request: HttpRequest, reference: str) -> HttpResponse:
    """One review: its card, abstract, recommendations, and all agreed facts with their passages."""
    now, mark = timezone.now(), digest_mark()
    review = open_review(reference, request.user, now)
    reports = reports_and_removed(review, request.user, now)
    evidence = _evidence(review, reports, request, mark, now)
    about = about_review(review, request.user, now)
    around = related_records(about.record, request)
    exports = _exports(request, review, about, around, evidence)
    without_detail = request.GET.get("view") == WITHOUT_DETAIL
    return render(
        request,
        "reviews/summary.html" if without_detail else "reviews/review.html",
        {
            "review": review,
            "about": about,
            "abstract": linked_abstract(review.summary, about.places),
            "content_notes": content_notes_of(review),
            "around": around,
            "staff": has_permission(request.user, "see unpublished reports"),
            "may_catalogue": has_permission(request.user, "catalogue"),
            "may_code": has_permission(request.user, "code"),
            "recommendations": evidence.recommendations,
            "reports": reports.visible,
            "originals": offered_originals(reports.visible),
            "gone": reports.removed,
            "words_gone": evidence.gone,
            "withheld": evidence.withheld,
            "taking": exports,
            "take": _take_away(request, about, around, exports),
            **_evidence_context(evidence),
        },
    )


_cached_evidence: ContentCache[AgreedEvidence] = ContentCache(size=32)


def _evidence(
    review: Review, reports: ReportsOfReview, request: HttpRequest, mark: ContentMark, now: datetime
) -> AgreedEvidence:
    """The evidence of a review; for visitors cached for a state of the content and these reports.

    Many read the same review on the days after it was announced. mark: of the state before the
    review and its reports were read.
    """

    def read() -> AgreedEvidence:
        return _current_evidence(review, reports, request, now)

    if has_permission(request.user, "see unpublished reports"):
        return read()
    sees_protected = has_permission(request.user, "see protected numbers")
    visible = tuple(report.pk for report in reports.visible)
    # The day, because recommendations become overdue.
    key = review.pk, visible, bool(reports.removed), sees_protected, uk_date(now)
    return _cached_evidence.value(mark, key, read)


def _current_evidence(
    review: Review, reports: ReportsOfReview, request: HttpRequest, now: datetime
) -> AgreedEvidence:
    withheld = facts_are_withheld(review.reference, request.user)
    # Without its reports, only facts that a review does not mention would be left: show none.
    gone = bool(reports.removed) and not reports.visible
    facts: list[ProfileFact] = []
    codes: list[AgreedCodeView] = []
    settled = settled_frameworks(review)
    if not (gone or withheld):
        facts = profiles.facts_of_review(review, request.user, now, settled=settled)
        codes = coding.codes_of_review(review, request.user, now, settled=settled)
    people = NamedPeople() if withheld else profiles.people_of(review, reports.visible)
    followed = recommendations.recommendations_of(review, request.user, now)
    labelled = _labelled_recommendations(followed, settled.versions.values())
    return AgreedEvidence(facts, codes, people, labelled, withheld, gone)


def _evidence_context(evidence: AgreedEvidence) -> dict[str, Any]:
    facts, people = evidence.facts, evidence.people
    of_review = [judged for judged in facts if judged.child is None and judged.adult is None]
    in_table = len(_child_headings(facts)) <= MOST_COLUMNS
    # Their states are rows of data too: docs/data.md.
    visible = [] if evidence.withheld else evidence.recommendations
    return {
        "card": review_card(facts, people, [item.followed for item in visible]),
        "facts": [judged for judged in of_review if not judged.variable.group],
        "groups": _fact_groups(judged for judged in of_review if judged.variable.group),
        "child_headings": list(_child_headings(facts).values()) if in_table else [],
        "children": _child_lines(people, facts),
        "child_facts": [] if in_table else _children_with_facts(people, facts),
        "adults": _adults_with_facts(people, facts),
        "themes": _code_sections(evidence.codes),
    }


def _exports(
    request: HttpRequest,
    review: Review,
    about: ReviewAbout,
    around: RelatedRecords,
    evidence: AgreedEvidence,
) -> RecordExports | None:
    """The record for reference managers; None for a review that is not catalogued."""
    if about.record is None:
        return None
    years = [
        AgreedFact(fact.value, fact.label, frozenset())
        for fact in evidence.facts
        if fact.variable.variable == YEAR_OF_REVIEW
    ]
    data = review_data(
        about.record,
        review,
        year=year_of(review, years, about.details.year),
        subjects=[tag.name for tag in around.subjects],
        related=[link.record for link in around.links],
        page_of=pages_from(request),
    )
    return exports_of(data, "review", review.reference, listed=False)


def _take_away(
    request: HttpRequest, about: ReviewAbout, around: RelatedRecords, exports: RecordExports | None
) -> TakeAway:
    review = about.details.review
    citation = exports.citation if exports else _uncatalogued(request, review)
    if review.fictional:
        citation += " Fictional, written for demonstration."
    return TakeAway(
        noun="review",
        citation=citation,
        follow=feeds_of_record("review", review.reference, [tag.key for tag in around.subjects]),
        download=[NamedLink(label, url) for label, url in exports.files] if exports else [],
        first="This record:",
        of="the reports",
        holder=about.details.rights_holder,
        licence=about.details.licence,
    )


def _uncatalogued(request: HttpRequest, review: Review) -> str:
    """Citation of a review that has no record: board (year) title."""
    published = review.published_on or review.completed_on
    year = f"({published.year})" if published else "(no date)"
    note = access_note(request, reverse("review", args=[review.reference]))
    return " ".join(filter(None, (review.board, year, f"{review.title}.", note)))


def _child_headings(facts: list[ProfileFact]) -> dict[int, str]:
    """Variables about children: order in the framework -> name, sorted."""
    named = {judged.variable.order: judged.variable.name for judged in facts if judged.child}
    return dict(sorted(named.items()))


def _child_lines(people: NamedPeople, facts: list[ProfileFact]) -> list[ChildLine]:
    known = {(judged.child, judged.variable.order): judged for judged in facts}
    headings = _child_headings(facts)
    return [
        ChildLine(
            number,
            name,
            tuple(
                ChildFact(heading, known.get((number, order)))
                for order, heading in headings.items()
            ),
        )
        for number, name in people.children
    ]


def _children_with_facts(people: NamedPeople, facts: list[ProfileFact]) -> list[FactGroup]:
    return [
        _person_facts(name, [judged for judged in facts if judged.child == number])
        for number, name in people.children
    ]


def _adults_with_facts(people: NamedPeople, facts: list[ProfileFact]) -> list[FactGroup]:
    return [
        _person_facts(name, [judged for judged in facts if judged.adult == number])
        for number, name in people.adults
    ]


def _person_facts(name: str, facts: list[ProfileFact]) -> FactGroup:
    return FactGroup(
        name,
        tuple(judged for judged in facts if judged.value not in SILENT),
        tuple(judged for judged in facts if judged.value in SILENT),
    )


def group_heading(name: str) -> str:
    """What a reader sees for the name of a group of facts; groups of other frameworks by name."""
    return GROUP_HEADINGS.get(name, name.replace("_", " ").capitalize())


def _fact_groups(facts: Iterable[ProfileFact]) -> list[FactGroup]:
    grouped: dict[str, list[ProfileFact]] = {}
    for judged in facts:
        grouped.setdefault(judged.variable.group, []).append(judged)
    return [
        FactGroup(
            group_heading(name),
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
    followed: list[FollowedRecommendation], settled: Collection[Framework]
) -> list[LabelledRecommendation]:
    """Add the labels of categories and audiences from the frameworks that the review has.

    From all published frameworks if it has none: recommendations can be recorded before codes.
    """
    labels: dict[str, str] = {}
    for framework in settled or (frameworks.published_frameworks() if followed else []):
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
