"""What was agreed about reviews, as the library sorts and shows them: themes, nature, year.

Only the agreed layer is read. A fact that rests on reports is shown to those who may see one of
these reports; a fact that rests on no quotation (an adjudicated one, say) goes with the review.
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

# The two variables by which the library sorts reviews; a framework without them goes without.
NATURE, YEAR_OF_REVIEW = "nature", "review_year"


@dataclass(frozen=True, slots=True)
class Fact:
    """value: as stored; label: as shown. reports: numbers of those it rests on; none: see above."""

    value: str
    label: str
    reports: frozenset[int]

    def seen_with(self, reports: frozenset[int]) -> bool:
        """Whether somebody who sees these reports may see it."""
        return not self.reports or bool(self.reports & reports)


def themes_of(reviews: Iterable[int]) -> dict[int, list[Fact]]:
    """The agreed themes of each review, in the framework's order.

    A theme is a code of a section in which the framework numbers themes for learning.
    """
    numbered = Code.objects.filter(
        framework=OuterRef("code__framework"),
        section=OuterRef("code__section"),
        theme__isnull=False,
    )
    rows = (
        AgreedCode.objects.filter(
            Exists(numbered), review__in=list(reviews), present=True, superseded_at=None
        )
        .order_by("review_id", "code__framework_id", "code__order")
        .values_list("review_id", "code__code", "code__name", "codings__report_id")
        .distinct()
    )
    return _gathered(rows)


def values_of(reviews: Iterable[int], variable: str) -> dict[int, list[Fact]]:
    """The agreed values of a variable for each review or its children."""
    rows = list(
        AgreedJudgement.objects.filter(
            review__in=list(reviews), variable__variable=variable, superseded_at=None
        )
        .order_by("review_id", "value")
        .values_list("review_id", "value", "variable_id", "judgements__quotes__report_id")
        .distinct()
    )
    labels = _labels(Variable.objects.filter(variable=variable)) if rows else {}
    return _gathered(
        [
            (review, value, labels.get((of, value), value), report)
            for review, value, of, report in rows
        ]
    )


def year_of(review: Review, judged: Iterable[Fact], told: int | None = None) -> int | None:
    """The agreed year of a review; else that in which it ended, else that in which it came out.

    told: the year in which it came out, where the catalogue knows no day.
    """
    for fact in judged:
        if fact.value.isdecimal():
            return int(fact.value)
    known = review.completed_on or review.published_on
    return known.year if known else told


def years_told(reviews: Iterable[int]) -> dict[int, int]:
    """The years in which reviews came out, of those of which the catalogue knows one."""
    wanted = list(reviews)
    if not wanted:
        return {}
    rows = ReviewDetails.objects.filter(review__in=wanted, year__isnull=False)
    return {review: year for review, year in rows.values_list("review_id", "year") if year}


def theme_labels(codes: Iterable[str]) -> dict[str, str]:
    """The names of codes, of the newest framework that has them."""
    named = Code.objects.filter(code__in=list(codes)).order_by("framework_id")
    return dict(named.values_list("code", "name"))


def value_labels(variable: str) -> dict[str, str]:
    """value -> label of a variable, of the newest framework that has it."""
    labels = _labels(Variable.objects.filter(variable=variable).order_by("framework_id"))
    return {value: label for (_, value), label in labels.items()}


def _labels(variables: QuerySet[Variable]) -> dict[tuple[int, str], str]:
    return {
        (number, str(one["value"])): str(one["label"])
        for number, values in variables.values_list("pk", "values")
        for one in values
    }


def _gathered(rows: Iterable[tuple[int, str, str, int | None]]) -> dict[int, list[Fact]]:
    """Rows of review, value, label, report -> the facts of each review, in the rows' order."""
    reports: dict[tuple[int, str], set[int]] = defaultdict(set)
    labels: dict[tuple[int, str], str] = {}
    for review, value, label, report in rows:
        labels.setdefault((review, value), label)
        if report is not None:
            reports[review, value].add(report)
    facts: dict[int, list[Fact]] = defaultdict(list)
    for (review, value), label in labels.items():
        facts[review].append(Fact(value, label, frozenset(reports[review, value])))
    return facts
