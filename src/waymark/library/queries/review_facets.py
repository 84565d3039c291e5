"""Agreed facts about reviews that Find filters by: services, factors, ages of the children.

They are public as far as single rows of the data for researchers are: where an overview protects
small numbers, its reviews are in none of these filters, nor in those of themes and of the nature of
the incident, because their counts would undo the protection.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from waymark.documents.models import Review
from waymark.frameworks.models import VariableType
from waymark.library.queries.agreed_facts import AgreedFact
from waymark.profiles.models import AgreedJudgement
from waymark.publishing.queries.protected import reviews_with_protected_numbers

IN_CONTACT, PRESENT = "in_contact", "present"
AGE, ROLE, OTHER_CHILD = "age", "role", "other_child"
AGE_BANDS = {
    "under-1": ("Under 1", 0, 12),
    "1-5": ("1 to 5", 12, 72),
    "6-10": ("6 to 10", 72, 132),
    "11-15": ("11 to 15", 132, 192),
    "16-17": ("16 or 17", 192, 216),
}
"""Value -> label, months from (included) and to (not)."""

FactsByReview = Mapping[int, list[AgreedFact]]


@dataclass(frozen=True, slots=True)
class ReviewFacetFacts:
    """Facts by review: services that were in contact, factors that were present, ages of the
    children that the review is about, in bands."""

    agencies: FactsByReview = field(default_factory=dict)
    factors: FactsByReview = field(default_factory=dict)
    ages: FactsByReview = field(default_factory=dict)


def reviews_to_filter(reviews: Mapping[int, Review]) -> frozenset[int]:
    """The numbers of those reviews whose agreed facts are filters: no overview protects them."""
    protected = reviews_with_protected_numbers()
    return frozenset(
        number for number, review in reviews.items() if review.reference not in protected
    )


def facet_facts_of(reviews: Iterable[int]) -> ReviewFacetFacts:
    """The facts of some reviews: give it reviews_to_filter()."""
    listed = AgreedJudgement.objects.filter(review__in=list(reviews), superseded_at=None)
    agencies = listed.filter(variable__type=VariableType.CONTACT, value=IN_CONTACT)
    factors = listed.filter(variable__type=VariableType.STATE, value=PRESENT)
    of_others = listed.filter(variable__variable=ROLE, value=OTHER_CHILD)
    ages = listed.filter(variable__type=VariableType.AGE, child__withdrawn_at=None).exclude(
        child__in=of_others.values("child")
    )
    return ReviewFacetFacts(
        _facts(agencies.values_list("review_id", "variable__variable", *EVIDENCE)),
        _facts(factors.values_list("review_id", "variable__variable", *EVIDENCE)),
        _facts(
            (review, band, report)
            for review, months, report in ages.values_list("review_id", "value", *EVIDENCE)
            if (band := age_band(months))
        ),
    )


EVIDENCE = ("judgements__quotes__report_id",)


def age_band(months: str) -> str:
    """The band of an age in whole months: "5" -> "under-1"; "" for anything else."""
    if not months.isdecimal():
        return ""
    age = int(months)
    bands = (name for name, (_, first, end) in AGE_BANDS.items() if first <= age < end)
    return next(bands, "")


def _facts(rows: Iterable[tuple[int, str, int | None]]) -> FactsByReview:
    reports: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for review, value, report in rows:
        # One row for each report with evidence: a fact may rest on several.
        reports[review][value].update([] if report is None else [report])
    return {
        review: [AgreedFact(value, "", frozenset(of)) for value, of in sorted(facts.items())]
        for review, facts in reports.items()
    }
