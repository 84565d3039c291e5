"""Agreed facts about reviews by which the library sorts and filters: themes, nature, year.

Only agreed codes and judgements are used. A fact with evidence in reports is shown to those who may
see one of these reports; a fact without a quotation (after adjudication, say) goes with the review.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from waymark.coding.models import AgreedCode
from waymark.documents.models import Review
from waymark.frameworks.models import Code, Variable
from waymark.library.models import ReviewDetails
from waymark.profiles.models import AgreedJudgement

# The two variables by which the library filters reviews; a framework may lack them.
NATURE, YEAR_OF_REVIEW = "nature", "review_year"


@dataclass(frozen=True, slots=True)
class AgreedFact:
    """value: as stored; label: as shown; reports: numbers of the reports with its evidence."""

    value: str
    label: str
    reports: frozenset[int]

    def visible_with(self, reports: frozenset[int]) -> bool:
        """Return True if somebody who may see these reports may see the fact."""
        return not self.reports or bool(self.reports & reports)


def codes_and_themes_of(
    reviews: Iterable[int],
) -> tuple[dict[int, list[AgreedFact]], dict[int, list[AgreedFact]]]:
    """The agreed codes of each review, and those of them that are themes, in the framework's order.

    Themes are the codes of those sections in which the framework numbers themes for learning.
    """
    numbered = Code.objects.filter(
        framework=OuterRef("framework"), section=OuterRef("section"), theme__isnull=False
    )
    themes = frozenset(Code.objects.filter(Exists(numbered)).values_list("pk", flat=True))
    # Codes of any section with the themes among them in one query: a review has many rows.
    rows = list(
        AgreedCode.objects.filter(review__in=list(reviews), present=True, superseded_at=None)
        .order_by("review_id", "code__framework_id", "code__order")
        .values_list("code_id", "review_id", "code__code", "code__name", "codings__report_id")
        .distinct()
    )
    return (
        _facts_by_review(row[1:] for row in rows),
        _facts_by_review(row[1:] for row in rows if row[0] in themes),
    )


def values_of(reviews: Iterable[int], variable: str) -> dict[int, list[AgreedFact]]:
    """The agreed values of a variable for each review or its children."""
    rows = list(
        AgreedJudgement.objects.filter(
            review__in=list(reviews), variable__variable=variable, superseded_at=None
        )
        .order_by("review_id", "value")
        .values_list("review_id", "value", "variable_id", "judgements__quotes__report_id")
        .distinct()
    )
    labels = _value_labels(Variable.objects.filter(variable=variable)) if rows else {}
    return _facts_by_review(
        [
            (review, value, labels.get((number, value), value), report)
            for review, value, number, report in rows
        ]
    )


def year_of(
    review: Review, judged: Iterable[AgreedFact], published: int | None = None
) -> int | None:
    """The agreed year of a review, else the year in which it ended, else that of publication.

    published: the year of publication, where the catalogue has no exact date.
    """
    for fact in judged:
        if fact.value.isdecimal():
            return int(fact.value)
    # Completion is closer to the events than publication, which may be years later.
    known = review.completed_on or review.published_on
    return known.year if known else published


def publication_years(reviews: Iterable[int]) -> dict[int, int]:
    """Review -> year of publication, for those whose catalogue record gives only a year."""
    numbers = list(reviews)
    if not numbers:
        return {}
    rows = ReviewDetails.objects.filter(review__in=numbers, year__isnull=False)
    return {review: year for review, year in rows.values_list("review_id", "year") if year}


def theme_labels() -> dict[str, str]:
    """code -> name, from the newest framework that has the code."""
    named = Code.objects.order_by("framework_id")
    return dict(named.values_list("code", "name"))


def value_labels(variable: str) -> dict[str, str]:
    """value -> label of a variable, from the newest framework that has it."""
    labels = _value_labels(Variable.objects.filter(variable=variable).order_by("framework_id"))
    return {value: label for (_, value), label in labels.items()}


def variable_names() -> dict[str, str]:
    """variable -> name, from the newest framework that has it."""
    named = Variable.objects.order_by("framework_id")
    return dict(named.values_list("variable", "name"))


def _value_labels(variables: QuerySet[Variable]) -> dict[tuple[int, str], str]:
    """(number of the variable, value) -> label."""
    return {
        (number, str(option["value"])): str(option["label"])
        for number, options in variables.values_list("pk", "values")
        for option in options
    }


def _facts_by_review(
    rows: Iterable[tuple[int, str, str, int | None]],
) -> dict[int, list[AgreedFact]]:
    """Rows of review, value, label and report -> the facts of each review, in the rows' order."""
    reports: dict[tuple[int, str], set[int]] = defaultdict(set)
    labels: dict[tuple[int, str], str] = {}
    for review, value, label, report in rows:
        labels.setdefault((review, value), label)
        if report is not None:
            # One row for each report with evidence: a fact may rest on several.
            reports[review, value].add(report)
    facts: dict[int, list[AgreedFact]] = defaultdict(list)
    for (review, value), label in labels.items():
        facts[review].append(AgreedFact(value, label, frozenset(reports[review, value])))
    return facts
