"""Tables of the agreement of two coders, of each code and of all codes. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from waymark.coding.agreement import (
    FEWEST_REVIEWS,
    FEWEST_UNITS,
    ConfidenceInterval,
    Pair,
    Statistic,
    WithinCodes,
    agreement_within_codes,
    bootstrap_intervals,
    cohen_kappa,
    gwet_ac1,
    raw_agreement,
)
from waymark.core.evidence import DoubleCoded
from waymark.core.tables import NOT_AVAILABLE_MARK, Cell, Row, RowRole
from waymark.frameworks.families import with_descendants
from waymark.frameworks.schema import CodeSpec
from waymark.overview.snapshot.coded_reviews import CodedReviews
from waymark.overview.spec.names import MEAN, POOLED, WITHIN
from waymark.overview.spec.schema import AgreementTable, chosen_codes
from waymark.overview.tables.notes import AGREEMENT, FEW_REVIEWS, MANY_REVIEWS

VALUES = ("no", "yes")
MEASURES = (cohen_kappa, gwet_ac1)


@dataclass(frozen=True, slots=True)
class CodeRatings:
    """One code, or all together. reviews: for each, the ratings of its units by both coders."""

    id: str
    label: str
    reviews: tuple[Pair, ...]
    role: RowRole = "part"

    @property
    def first(self) -> list[str]:
        return [value for pair in self.reviews for value in pair[0]]

    @property
    def second(self) -> list[str]:
        return [value for pair in self.reviews for value in pair[1]]

    def defines(self, statistic: Statistic) -> bool:
        """True if the statistic is defined: AC1 of any units, kappa of two values or more.

        If both coders gave every unit the same value, chance alone would agree as well for kappa.
        For AC1 it would not, because the scale has another value.
        """
        values = {*self.first, *self.second}
        return len(values) > 1 or (bool(values) and statistic is gwet_ac1)

    @property
    def bounded(self) -> bool:
        """True if there are enough units: an interval of a few would cover almost everything."""
        return len(self.first) >= FEWEST_UNITS


def agreement_rows(table: AgreementTable, facts: CodedReviews) -> list[Row]:
    """One row for each code, then three of all codes; a unit is one code of one review coded twice.

    The first of the three has the chance of each code apart and is the figure to quote; the second
    is the mean of the codes' own figures; the last is pooled, as if all codes were one.
    """
    twice = facts.rows.double_coded
    families = [
        (code, frozenset(with_descendants(facts.framework, code.id)))
        for code in chosen_codes(facts.framework, table.of)
    ]
    coded, pooled = code_ratings(families, twice)
    wide = [ratings for ratings in (*coded, pooled) if ratings.bounded]
    intervals = dict(
        zip(
            (ratings.id for ratings in wide),
            bootstrap_intervals(MEASURES, [ratings.reviews for ratings in wide], values=VALUES),
            strict=True,
        )
    )
    references = tuple(review.review for review in twice)
    return [
        *(_code_row(ratings, intervals.get(ratings.id), references) for ratings in coded),
        *_rows_of_all(coded, pooled, references),
        _code_row(pooled, intervals.get(pooled.id), references),
    ]


def code_ratings(
    families: Sequence[tuple[CodeSpec, Collection[str]]], twice: Sequence[DoubleCoded]
) -> tuple[list[CodeRatings], CodeRatings]:
    """The ratings of each code, and of all codes of every review as one long list of units.

    families: each code with its id and those below it. Reviews and, of all codes, units are in
    the order of their names, so that the page of agreement draws the same.
    """
    reviews = sorted(twice, key=lambda review: review.review)
    coded = [
        CodeRatings(
            code.id, code.name, tuple(_unit_ratings([family], review) for review in reviews)
        )
        for code, family in families
    ]
    every = [family for _, family in sorted(families, key=lambda one: one[0].id)]
    units = tuple(_unit_ratings(every, review) for review in reviews)
    return coded, CodeRatings(POOLED, "Pooled over all codes", units, "total")


def agreement_notes(facts: CodedReviews) -> list[str]:
    """Notes on the figures, and on what their bounds rest on."""
    reviews = len(facts.rows.double_coded)
    rests_on = MANY_REVIEWS if reviews >= FEWEST_REVIEWS else FEW_REVIEWS
    return [AGREEMENT, *([rests_on.format(reviews)] if reviews else [])]


def _unit_ratings(families: Iterable[Collection[str]], review: DoubleCoded) -> Pair:
    return (
        ["no" if review.first.isdisjoint(family) else "yes" for family in families],
        ["no" if review.second.isdisjoint(family) else "yes" for family in families],
    )


def _code_row(
    coded: CodeRatings,
    intervals: Sequence[ConfidenceInterval | None] | None,
    references: tuple[str, ...],
) -> Row:
    """intervals: of each measure; None if there are too few units."""
    n = len(coded.first)
    cells = _counts(coded, references)
    for place, statistic in enumerate(MEASURES):
        measure = _coefficient(statistic, coded)
        interval = None if intervals is None else intervals[place]
        cells += _measures(measure, interval, n, references)
    return Row(coded.id, coded.label, tuple(cells), coded.role)


def _rows_of_all(
    coded: Sequence[CodeRatings], pooled: CodeRatings, references: tuple[str, ...]
) -> list[Row]:
    """The rows of kappa and AC1 within codes, and of their mean."""
    n = len(pooled.first)
    within = within_codes(coded)
    together, mean = _counts(pooled, references), [Cell(None, n, mark="[z]")] * 4
    mean.append(Cell(None, n, "number", mark="[z]"))
    for figure in within:
        interval = figure.interval if pooled.bounded else None
        together += _measures(figure.together, interval, n, references)
        # No bounds are drawn for a mean: codes on which a draw has one value would drop out of it.
        mean += _measures(figure.mean, None, n, references)
    return [
        Row(WITHIN, "Within codes", tuple(together), "measure"),
        Row(MEAN, "Mean of the codes", tuple(mean), "measure"),
    ]


def within_codes(coded: Sequence[CodeRatings]) -> list[WithinCodes]:
    """Kappa and AC1 within codes. In order of their ids, as on the page of agreement: so single
    units are drawn alike for both."""
    reviews = [ratings.reviews for ratings in sorted(coded, key=lambda ratings: ratings.id)]
    return [agreement_within_codes(statistic, reviews, values=VALUES) for statistic in MEASURES]


def _coefficient(statistic: Statistic, coded: CodeRatings) -> float | None:
    if not coded.defines(statistic):
        return None
    if statistic is gwet_ac1:
        return gwet_ac1(coded.first, coded.second, VALUES)
    return statistic(coded.first, coded.second)


def _counts(coded: CodeRatings, references: tuple[str, ...]) -> list[Cell]:
    first, second = coded.first, coded.second
    n = len(first)
    agreed = sum(a == b for a, b in zip(first, second, strict=True))
    numbers = (n, first.count("yes"), second.count("yes"), agreed)
    raw = raw_agreement(first, second) if n else None
    return [
        *(Cell(number, n, "count", (), references) for number in numbers),
        Cell(raw, n, "number", (), references, "" if n else "[z]"),
    ]


def _measures(
    measure: float | None, interval: ConfidenceInterval | None, n: int, references: tuple[str, ...]
) -> list[Cell]:
    """A measure with its bounds: [z] where it is not defined, [x] where it has none."""
    if measure is None:
        return [Cell(None, n, "number", (), references, "[z]")] * 3
    if interval is None:
        bounds = [Cell(None, n, "number", (), references, NOT_AVAILABLE_MARK)] * 2
    else:
        ends = (interval.lower, interval.upper)
        bounds = [Cell(end, n, "number", (), references) for end in ends]
    return [Cell(measure, n, "number", (), references), *bounds]
