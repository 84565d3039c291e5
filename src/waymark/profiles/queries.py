"""Queries about profiles: agreed facts about reviews and children, with their quotes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from sys import intern

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from waymark.accounts.permissions import Person
from waymark.accounts.visibility import in_visible
from waymark.coding.models import Assignment
from waymark.coding.settled_versions import (
    SettledFrameworks,
    SettledVersions,
    settled_frameworks,
)
from waymark.core.evidence import ChildRow, JudgementRow, Quote, places_by_owner, quotes_by_owner
from waymark.core.spans import Span
from waymark.documents.anchors import place_columns, quote_columns, touching
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import (
    ReviewSelection,
    keys_of_reports,
    references_of,
)
from waymark.frameworks.models import Framework, Variable
from waymark.frameworks.queries import file_of, version_line
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import SEPARATOR
from waymark.profiles.models import Adult, AgreedJudgement, Child, Judgement, JudgementQuote

_BY_PERSON = (
    F("child__number").asc(nulls_first=True),
    F("adult__number").asc(nulls_first=True),
)
"""Facts about the review first, then those about children, then those about adults."""


def current_judgements(review: Review, framework: Framework) -> list[Judgement]:
    """Current judgements of all coders of a review. For settling, not for pages."""
    return list(
        Judgement.objects.filter(review=review, variable__framework=framework, superseded_at=None)
        .select_related("child", "adult", "variable")
        .order_by(*_BY_PERSON, "variable__order", "pk")
    )


def children_of(reviews: ReviewSelection) -> list[ChildRow]:
    """Children of reviews, by review and number."""
    children = Child.objects.filter(review__in=reviews, withdrawn_at=None)
    rows = children.order_by("review__reference", "number")
    return [ChildRow(*row) for row in rows.values_list("review__reference", "number", "name")]


@dataclass(frozen=True, slots=True)
class NamedPeople:
    """Number and name of the children and of the adults of a review, as its reports name them."""

    children: tuple[tuple[int, str], ...] = ()
    adults: tuple[tuple[int, str], ...] = ()


def people_of(review: Review, reports: Collection[Report]) -> NamedPeople:
    """The people of a review. reports: of the review, those that a person may see.

    Their names come from the reports, so there are none for people who may see none of those.
    """
    if not reports:
        return NamedPeople()
    children = Child.objects.filter(review=review, withdrawn_at=None)
    adults = Adult.objects.filter(review=review, withdrawn_at=None)
    # While somebody codes the review, people whom only coders have listed would tell the others.
    nobody_codes = ~Exists(Assignment.objects.filter(review=review, finished_at=None))
    agreed = AgreedJudgement.objects.filter(superseded_at=None)
    children = children.filter(nobody_codes | Exists(agreed.filter(child=OuterRef("pk"))))
    adults = adults.filter(nobody_codes | Exists(agreed.filter(adult=OuterRef("pk"))))
    columns = "is_adult", "number", "name"
    rows = list(
        children.order_by()
        .annotate(is_adult=Value(value=False))
        .values_list(*columns)
        .union(adults.order_by().annotate(is_adult=Value(value=True)).values_list(*columns))
        .order_by("number")
    )
    return NamedPeople(
        tuple((number, name) for is_adult, number, name in rows if not is_adult),
        tuple((number, name) for is_adult, number, name in rows if is_adult),
    )


def agreed_judgements(framework: Framework, reviews: ReviewSelection) -> list[JudgementRow]:
    """Agreed values by review, child and id of the variable, facts about the review first.

    Quotes are in reading order, each place once. Computed variables have the words of their source.
    A review that is settled in an earlier version alone is read by the mapping. Facts about adults
    are left out: they are shown with their review and never counted.
    """
    placed = JudgementQuote.objects.filter(
        judgement__review__in=reviews, judgement__agreed_in__isnull=False
    ).order_by()
    places = places_by_owner(
        placed.values_list("judgement__agreed_in", *place_columns()).iterator(),
        keys_of_reports(reviews),
    )
    # Names are looked up here: one string is shared by all rows, where a join makes one per row.
    references = references_of(reviews)
    children = dict(Child.objects.filter(review__in=reviews).values_list("pk", "number"))
    line = version_line(framework)
    variables, settled = line.variables, SettledVersions(line, reviews)
    agreed = AgreedJudgement.objects.filter(
        review__in=reviews, superseded_at=None, adult=None
    ).order_by()
    rows = agreed.values_list("pk", "review_id", "child_id", "variable_id", "value", "basis")
    judgements = [
        JudgementRow(
            references[review],
            None if child is None else children[child],
            variables[variable][1],
            intern(value),
            intern(basis),
            places.get(pk, ()),
        )
        for pk, review, child, variable, value, basis in rows.iterator()
        if variable in variables and settled.counts(review, variables[variable][0])
    ]
    judgements += computed_rows(file_of(framework), judgements)
    judgements.sort(key=lambda row: (row.review, row.child or 0, row.variable))
    return judgements


def judged_variables(review: Review, framework: Framework) -> tuple[int, int]:
    """How many variables of a framework have an agreed value of a review, and how many there are.

    Only those that can be judged: about the review, and about children or adults if it has any.
    """
    agreed = AgreedJudgement.objects.filter(
        review=review, variable__framework=framework, superseded_at=None
    )
    levels = ["review"]
    levels += ["child"] if Child.objects.filter(review=review).exists() else []
    levels += ["adult"] if Adult.objects.filter(review=review).exists() else []
    variables = Variable.objects.filter(framework=framework, level__in=levels)
    return agreed.order_by().values("variable").distinct().count(), variables.count()


def computed_rows(
    framework: FrameworkFile, judgements: Iterable[JudgementRow]
) -> list[JudgementRow]:
    """Rows of computed variables that were not stored, because an earlier version lacked them."""
    derived = [
        (variable.id, variable.derived)
        for variable in framework.variables
        if variable.derived is not None
    ]
    known = {(row.review, row.child, row.variable) for row in judgements} if derived else set()
    return [
        row._replace(variable=intern(name), value=intern(value))
        for row in (judgements if derived else ())
        for name, derivation in derived
        if row.variable == derivation.source
        and (row.review, row.child, name) not in known
        and (value := derivation.value_of(row.value)) is not None
    ]


@dataclass(frozen=True, slots=True)
class ProfileFact:
    """Agreed value for a page. label: the value in words; quotes: that support it.

    child, adult: their number, None for a fact about the review.
    """

    variable: Variable
    child: int | None
    adult: int | None
    value: str
    label: str
    basis: str
    quotes: tuple[Quote, ...]


def _profile_fact(row: AgreedJudgement, quotes: Iterable[Quote]) -> ProfileFact:
    return ProfileFact(
        row.variable,
        row.child.number if row.child else None,
        row.adult.number if row.adult else None,
        row.value,
        value_in_words(row.variable, row.value),
        row.get_basis_display(),
        tuple(quotes),
    )


def facts_of_review(
    review: Review, person: Person, now: datetime, *, settled: SettledFrameworks | None = None
) -> list[ProfileFact]:
    """Agreed facts of a review and its children, with the quotes that the person may see.

    A fact with quotes of which the person may see none is left out. settled: as
    settled_frameworks() gives it, from a caller that has it.
    """
    settled = settled or settled_frameworks(review)
    # A fact without any quote ("not mentioned") is shown; one whose quotes are all closed is not.
    placed = JudgementQuote.objects.filter(judgement__agreed_in=OuterRef("pk"))
    agreed = (
        AgreedJudgement.objects.filter(
            Exists(placed.filter(in_visible(Report, person, now=now, prefix="report__")))
            | ~Exists(placed),
            review=review,
            superseded_at=None,
        )
        .exclude(variable__framework__in=settled.superseded)
        .select_related("variable", "child", "adult")
        # Long texts, for coders alone: a page has a hundred facts and more.
        .defer("variable__definition", "variable__include", "variable__exclude")
        .order_by(*_BY_PERSON, "variable__order")
    )
    # By number: the condition of the rows, repeated inside this query, would cost more than they.
    visible = JudgementQuote.objects.filter(
        in_visible(Report, person, now=now, prefix="report__"),
        judgement__agreed_in__in=[row.pk for row in agreed],
    )
    quotes = quotes_by_owner(
        visible.order_by().values_list("judgement__agreed_in", *quote_columns())
    )
    return [_profile_fact(row, quotes.get(row.pk, ())) for row in agreed]


def facts_touching(
    report: Report,
    span: Span,
    person: Person,
    now: datetime,
    *,
    reading: int = 0,
    now_at: Span | None = None,
) -> list[ProfileFact]:
    """Agreed facts with quotes that overlap with a span, with those quotes.

    reading, now_at: see touching().
    """
    placed = JudgementQuote.objects.filter(
        in_visible(Report, person, now=now, prefix="report__"),
        touching(report, span, reading=reading, now_at=now_at),
        judgement__agreed_in__superseded_at=None,
        judgement__agreed_in__isnull=False,
    )
    quotes = quotes_by_owner(
        placed.order_by().values_list("judgement__agreed_in", *quote_columns())
    )
    agreed = (
        AgreedJudgement.objects.filter(pk__in=quotes)
        .select_related("variable", "child", "adult")
        .order_by(*_BY_PERSON, "variable__order")
    )
    return [_profile_fact(row, quotes[row.pk]) for row in agreed]


def quotes_anchored_in(report: Report) -> QuerySet[JudgementQuote]:
    """The quotes in a report that support a current judgement or a current agreed value."""
    agreed = AgreedJudgement.judgements.through.objects.filter(
        judgement=OuterRef("judgement"), agreedjudgement__superseded_at=None
    )
    return JudgementQuote.objects.filter(
        Q(judgement__superseded_at=None) | Exists(agreed), report=report
    )


def value_in_words(variable: Variable, value: str) -> str:
    """Stored value in words: "18" months -> "1 year 6 months"; several with commas between."""
    if variable.type == "age":
        return age_in_words(value)
    if variable.type == "number" and not value:
        return "Not recorded"
    labels = {str(row["value"]): str(row["label"]) for row in variable.values}
    return SEPARATOR.join(labels.get(part, part) for part in value.split(SEPARATOR))


def age_in_words(months: str) -> str:
    """Age in words from whole months: "" -> "Not recorded", "0" -> "Under 1 month"."""
    if not months:
        return "Not recorded"
    years, rest = divmod(int(months), 12)
    if not years:
        return f"{rest} month{'s' * (rest != 1)}" if rest else "Under 1 month"
    words = f"{years} year{'s' * (years != 1)}"
    return f"{words} {rest} month{'s' * (rest != 1)}" if rest and years < 3 else words
