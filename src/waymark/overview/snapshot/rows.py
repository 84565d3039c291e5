"""The agreed rows at one moment: everything that an overview is counted from. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from waymark.core.evidence import ChildRow, CodeRow, DoubleCoded, JudgementRow, RecommendationRow
from waymark.overview.spec.population import BaseKey

Row = TypeVar("Row", ChildRow, JudgementRow, CodeRow, DoubleCoded, RecommendationRow)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review that the overview selects.

    obtained: a report was available. excluded: the reason for leaving it out, or "". coded: its
    coding is agreed. summary_only: only its executive summary was available; false in rows of
    formats without it. months_to_report, months_to_publication: see durations.py; None if not
    known. A review is counted if it is obtained, coded and not excluded.
    """

    reference: str
    title: str
    obtained: bool
    coded: bool
    excluded: str = ""
    summary_only: bool = False
    months_to_report: int | None = None
    months_to_publication: int | None = None

    @property
    def counted(self) -> bool:
        return self.obtained and self.coded and not self.excluded


@dataclass(frozen=True, slots=True)
class AnsweredQuery:
    """A library query with its results at the moment of freezing.

    explanation: the query explained in words. references: references of reviews, in their order.
    """

    query: str
    explanation: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SuggestedCodeUse:
    """What became of a program's suggestions of a code; see coding.queries.suggestion_figures."""

    code: str
    suggested: int
    right: int
    found: int
    looked_at: int
    accepted: int
    changed: int
    refused: int
    missed: int


@dataclass(frozen=True, slots=True)
class SuggesterUse:
    """A program that suggested codes for the counted reviews. kind: in words.

    reviews: settled ones that it read and did not learn from; the other numbers are of these.
    passages: read by it; unsuggested: without a suggestion; read: of them by a person, in samples;
    read_with_code: of those, with a code.
    """

    name: str
    kind: str
    reviews: int
    passages: int
    unsuggested: int
    read: int
    read_with_code: int
    codes: tuple[SuggestedCodeUse, ...]


@dataclass(frozen=True, slots=True)
class PopulationBase:
    """A value of an indicator at the moment of freezing, on which rates are worked out.

    value: None where the indicator has a marker instead. name: of the indicator; label: of the
    measure; source: title, publisher and licence.
    """

    key: BaseKey
    value: int | None
    name: str
    label: str
    source: str


@dataclass(frozen=True)
class FrozenRows:
    """Everything that an overview is counted from.

    framework: name and version, as "cr-core 1.0.0"; framework_sha256: of its YAML. spec: the YAML
    of the overview at that moment. recommendations: empty in rows of formats without them.
    answered: the query by which the reviews were selected, if any. earlier: versions of the
    framework before, with the number of counted reviews that are read by the mapping. suggesters:
    programs that suggested codes for the counted reviews; nothing of theirs is counted. bases:
    values of indicators that tables need for their rates.
    """

    framework: str
    framework_sha256: str
    spec: str
    reviews: tuple[ReviewRow, ...]
    children: tuple[ChildRow, ...]
    judgements: tuple[JudgementRow, ...]
    codes: tuple[CodeRow, ...]
    double_coded: tuple[DoubleCoded, ...]
    recommendations: tuple[RecommendationRow, ...] = ()
    answered: AnsweredQuery | None = None
    earlier: tuple[tuple[str, int], ...] = ()
    suggesters: tuple[SuggesterUse, ...] = ()
    bases: tuple[PopulationBase, ...] = ()

    @cached_property
    def counted(self) -> frozenset[str]:
        """References of the reviews that count."""
        return frozenset(review.reference for review in self.reviews if review.counted)


def freeze_rows(
    *,
    framework: str,
    framework_sha256: str,
    spec: str,
    reviews: Iterable[ReviewRow],
    children: Iterable[ChildRow],
    judgements: Iterable[JudgementRow],
    codes: Iterable[CodeRow],
    double_coded: Iterable[DoubleCoded],
    recommendations: Iterable[RecommendationRow] = (),
    answered: AnsweredQuery | None = None,
    earlier: Mapping[str, str] | None = None,
    suggesters: Iterable[SuggesterUse] = (),
    bases: Iterable[PopulationBase] = (),
) -> FrozenRows:
    """Rows in any order -> frozen rows in a fixed order, without those of uncounted reviews.

    Rows are in the order of the review, then of the child (facts about the review first). earlier:
    review -> the earlier version of the framework with which it was coded.
    """
    ordered = tuple(sorted(reviews, key=lambda row: row.reference))
    counted = {review.reference for review in ordered if review.counted}

    def in_order(rows: Iterable[Row], key: Callable[[Row], object]) -> tuple[Row, ...]:
        counting = [row for row in rows if row.review in counted]
        return tuple(sorted(counting, key=lambda row: (row.review, key(row))))

    return FrozenRows(
        framework=framework,
        framework_sha256=framework_sha256,
        spec=spec,
        reviews=ordered,
        children=in_order(children, lambda row: row.number),
        judgements=in_order(judgements, lambda row: (row.child or 0, row.variable)),
        codes=in_order(codes, lambda row: row.code),
        double_coded=in_order(double_coded, lambda row: ""),
        recommendations=in_order(recommendations, lambda row: row.number),
        answered=answered,
        earlier=tuple(
            sorted(Counter(v for name, v in (earlier or {}).items() if name in counted).items())
        ),
        suggesters=tuple(sorted(suggesters, key=lambda use: use.name)),
        bases=tuple(sorted(bases, key=lambda base: base.key)),
    )
