"""Agreement of a round at each level: themes, codes, factors, single variables, passages.

Each level has units of its own, so its figures are kept apart and named. Figures of one code or
variable are within it; those of all together are pooled, which counts as agreement that coders know
which codes are common: so kappa within codes is given beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from waymark.coding.agreement.ratings import RatingScale
from waymark.coding.agreement.span_summary import SPAN_QUESTIONS, SpanAgreement
from waymark.coding.agreement.summary import (
    QUESTIONS,
    AgreementFigure,
    CodeAgreement,
    CodedRating,
    summarise_agreement,
)

NAMES = {
    "raw": "Agreement",
    "kappa": "Cohen's kappa",
    "fleiss": "Fleiss' kappa",
    "ac1": "Gwet's AC1",
    "alpha": "Krippendorff's alpha",
}
SPAN_NAMES = {"alpha_u": "Alpha-U", "gamma": "Gamma", "f1": "F1 of characters"}
ORDERED = {RatingScale.LINEAR, RatingScale.QUADRATIC}


def figure_names(scale: RatingScale) -> dict[str, str]:
    """The names of the figures on a scale: AC1 of ordered values is AC2, alpha of sets MASI's."""
    names = dict(NAMES)
    if scale in ORDERED:
        names |= {"kappa": "Weighted kappa", "ac1": "Gwet's AC2"}
    if scale is RatingScale.SETS:
        names |= {"alpha": "Krippendorff's alpha (MASI)", "ac1": "Gwet's AC2 (MASI)"}
    return names


@dataclass(frozen=True, slots=True)
class LevelRatings:
    """The ratings of a level. title: of its units; values: the whole scale, in its order.

    labels: id of a code or variable -> its name.
    """

    name: str
    title: str
    ratings: Sequence[CodedRating]
    labels: Mapping[str, str]
    scale: RatingScale = RatingScale.NOMINAL
    values: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class LevelAgreement:
    """Agreement at a level: of each code or variable, and last of all together."""

    name: str
    title: str
    scale: RatingScale
    codes: tuple[CodeAgreement, ...]
    labels: Mapping[str, str]

    @property
    def pooled(self) -> CodeAgreement | None:
        """All together; None for a single code or variable."""
        return next((row for row in self.codes if not row.code), None)

    @property
    def single(self) -> list[CodeAgreement]:
        """Each code or variable."""
        return [row for row in self.codes if row.code]

    def label(self, code: str) -> str:
        """Name of a code or variable; "All together" for ""."""
        return self.labels.get(code, code) if code else "All together"


def level_agreements(levels: Sequence[LevelRatings], *, fewest: int) -> list[LevelAgreement]:
    """The agreement at each level that has ratings of two coders. fewest: units for a figure."""
    return [
        LevelAgreement(
            level.name,
            level.title,
            level.scale,
            tuple(
                summarise_agreement(
                    level.ratings, scale=level.scale, values=level.values, fewest=fewest
                )
            ),
            level.labels,
        )
        for level in levels
        if len({row.rating.coder for row in level.ratings}) > 1
    ]


FILE_COLUMNS = (
    *("level", "code", "name", "figure", "question", "value", "lower", "upper", "reason"),
    *("units rated by two", "documents", "intervals drawn from", "shares", "shares by coder"),
)
WITHIN_QUESTION = "How far beyond the chance of each code?"
MEAN_QUESTION = "What is the mean of the codes' own kappas?"


def named_figures(
    row: CodeAgreement, names: Mapping[str, str]
) -> list[tuple[str, str, AgreementFigure]]:
    """The figures of a code with their names and questions.

    Of all codes together those within codes come first: they are the ones to quote.
    """
    figures = [(names[key], QUESTIONS[key], figure) for key, figure in row.figures.items()]
    if not row.within:
        return figures
    return [
        ("Kappa within codes", WITHIN_QUESTION, row.within["kappa"]),
        ("Mean of the codes' kappas", MEAN_QUESTION, row.within["mean"]),
        *figures,
    ]


def agreement_rows(
    levels: Sequence[LevelAgreement], spans: Sequence[SpanAgreement], labels: Mapping[str, str]
) -> Iterator[tuple[str | float | int | None, ...]]:
    """All figures as rows of FILE_COLUMNS, each with all that it rests on. labels: of codes."""
    for level in levels:
        names = figure_names(level.scale)
        for row in level.codes:
            rests_on = (
                row.paired,
                row.documents,
                row.drawn,
                _shares(row.shares),
                "; ".join(f"{coder}: {_shares(of)}" for coder, of in row.of_coders.items()),
            )
            for name, question, figure in named_figures(row, names):
                head = (level.title, row.code, level.label(row.code), name, question)
                yield (*head, *_cells(figure), *rests_on)
    for span in spans:
        yield from _span_rows(span, labels)


def _cells(figure: AgreementFigure) -> tuple[float | str | None, ...]:
    interval = figure.interval
    ends = (None, None) if interval is None else (interval.lower, interval.upper)
    return (figure.value, *ends, figure.reason)


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{value} {share:.4f}" for value, share in shares.items() if share)


def _span_rows(
    span: SpanAgreement, labels: Mapping[str, str]
) -> Iterator[tuple[str | float | int | None, ...]]:
    label = labels.get(span.code, span.code) if span.code else "All together"
    marked = "; ".join(f"{coder}: {share:.4f}" for coder, share in span.marked.items())
    rests_on = (sum(span.spans.values()), span.documents, "documents", marked, marked)
    for key, value in span.figures.items():
        head = ("Passages", span.code, label, SPAN_NAMES[key], SPAN_QUESTIONS[key])
        reason = span.reason or span.interval_reason
        yield (*head, *_cells(AgreementFigure(value, span.intervals[key], reason)), *rests_on)
