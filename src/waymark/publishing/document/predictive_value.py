"""Panel on the worth of a factor as a prediction, which shows that nothing can be predicted.

Reviews contain only cases. The number that record a factor says nothing about the number of
families with the factor that have such a review; that depends on how common both are in a
comparable population. If the overview gives both with their sources, the answer is calculated from
the printed count alone, by Bayes' theorem:

    P(review | factor) = P(factor | review) * P(review) / P(factor)

Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from waymark.core.errors import NotFound
from waymark.core.tables import PERCENT_FLOOR
from waymark.core.wording import date_in_words
from waymark.overview.releases.release import Release
from waymark.overview.spec.named_cells import PredictiveValue, Prevalence
from waymark.publishing.document.nodes import (
    FactList,
    HeadingNode,
    Inline,
    InlineNumber,
    Node,
    ParagraphNode,
)

TITLE = "What a factor would be worth as a prediction"
ANCHOR = "predictive-value"
NO_BLOCK = (
    "No factor is named. Reviews contain only cases, so how common a factor is among them says"
    " nothing about what it would predict. That can be calculated only if a source says how common"
    " serious harm and the factor are in a comparable population."
)
MISSING = (
    "{0} not given. Reviews contain only cases, so what a factor would be worth as a prediction can"
    " be calculated only if a source says how common both serious harm and the factor are in a"
    " comparable population."
)
HARM, FACTOR = "How common serious harm is", "how common the factor is"


@dataclass(frozen=True, slots=True)
class PredictiveAnswer:
    """Panel with its numbers. one_in: 1 in so many with the factor, rounded, halves up.

    share: of the reviews that record the factor, from 0 to 1. one_in_population: 1 in so many of
    the whole population. is_more_frequent: True if the factor makes such a review more frequent
    than in the population.
    """

    share: Fraction
    one_in: int
    one_in_population: int
    is_more_frequent: bool


@dataclass(frozen=True, slots=True)
class DisabledPanel:
    """Panel without numbers. reason: a sentence or two."""

    reason: str


def panel_answer(release: Release) -> PredictiveAnswer | DisabledPanel:
    """Numbers of the panel of a release, or the reason why there are none."""
    spec = release.spec.predictive_value
    if spec is None:
        return DisabledPanel(NO_BLOCK)
    missing = [
        name
        for name, there in ((HARM, spec.harm), (FACTOR, spec.factor_in_population))
        if not there
    ]
    if spec.harm is None or spec.factor_in_population is None:
        names = " and ".join(missing)
        verb = "are" if len(missing) > 1 else "is"
        return DisabledPanel(MISSING.format(f"{names[:1].upper()}{names[1:]} {verb}"))
    return _calculated_answer(
        release,
        spec,
        prevalence_probability(spec.harm),
        prevalence_probability(spec.factor_in_population),
    )


def _calculated_answer(
    release: Release, spec: PredictiveValue, harm: Fraction, factor: Fraction
) -> PredictiveAnswer | DisabledPanel:
    name = spec.factor
    try:
        cell = release.table(name.table).table.cell(name.row, name.column)
    except (KeyError, NotFound):
        return DisabledPanel(
            f"Under this profile {name.table} does not show the number that this is based on."
        )
    if cell.mark or not isinstance(cell.value, int) or cell.kind != "count" or not cell.base:
        return DisabledPanel("The number of reviews that this is based on is not shown.")
    if cell.base < PERCENT_FLOOR:
        return DisabledPanel(f"The base is under {PERCENT_FLOOR}, too small for a share.")
    share = Fraction(cell.value, cell.base)
    # one_in() would divide by 0, and 0 of so few cases says nothing anyway.
    if share == 0:
        return DisabledPanel("No review records the factor.")
    # P(review and factor) may not exceed P(factor), nor P(review and no factor) P(no factor).
    if share * harm > factor or (1 - share) * harm > 1 - factor:
        return DisabledPanel(
            "The two prevalences cannot both be true: more families would have such a review than"
            " there are with the factor, or without it. Check the sources."
        )
    result = predictive_value(share, harm=harm, factor=factor)
    return PredictiveAnswer(share, one_in(result), one_in(harm), is_more_frequent=result > harm)


def predictive_value(share: Fraction, *, harm: Fraction, factor: Fraction) -> Fraction:
    """Probability that a family with a factor has a review. All are probabilities; factor > 0.

    share: of reviews that record the factor; harm: of such a review in the population; factor: of
    the factor in the population. Example: 15 of 24 reviews record it, harm 1 in 4,000, factor 1 in
    2: 0.625 * 0.00025 / 0.5 = 1 in 3,200.
    """
    return share * harm / factor


def one_in(probability: Fraction) -> int:
    """Express a probability above 0 as 1 in so many, rounded, halves up."""
    return int(1 / probability + Fraction(1, 2))


def prevalence_probability(prevalence: Prevalence) -> Fraction:
    """Prevalence as a number from 0 to 1."""
    if prevalence.one_in is not None:
        return 1 / Fraction(prevalence.one_in)
    return Fraction(prevalence.percent or 0) / 100


def panel_nodes(release: Release) -> Iterator[Node]:
    """Panel as nodes of a document; empty if the spec does not ask for it."""
    spec = release.spec.predictive_value
    if spec is None:
        return
    yield HeadingNode(3, TITLE, ANCHOR)
    result = panel_answer(release)
    if isinstance(result, DisabledPanel):
        yield ParagraphNode((f"Not given. {result.reason}",))
        return
    yield ParagraphNode(_basis_words(release, spec))
    yield FactList(tuple(_source_facts(spec)))
    yield ParagraphNode((_meaning_text(result),))


def _basis_words(release: Release, spec: PredictiveValue) -> tuple[Inline, ...]:
    name = spec.factor
    table = release.table(name.table).table
    cell = table.cell(name.row, name.column)
    number = InlineNumber(
        name.table, name.row, name.column, cell.shown, opens=bool(cell.records) and not cell.mark
    )
    label = factor_label(release, spec)
    return (number, f" of {cell.base:,} reviews record: {label}.")


def factor_label(release: Release, spec: PredictiveValue) -> str:
    """Label of the factor in its table."""
    rows = release.table(spec.factor.table).table.rows
    return next(row.label for row in rows if row.id == spec.factor.row)


def _source_facts(spec: PredictiveValue) -> Iterator[tuple[str, str]]:
    yield "Among", spec.among
    for name, prevalence in (
        ("Such a review", spec.harm),
        ("The factor", spec.factor_in_population),
    ):
        if prevalence is not None:
            yield (
                name,
                (
                    f"{prevalence_in_words(prevalence)}. Source: {prevalence.source} "
                    f"({date_in_words(prevalence.date)})"
                ),
            )


def prevalence_in_words(prevalence: Prevalence) -> str:
    """Prevalence in words: "1 in 4,000"; "50 per cent"."""
    if prevalence.one_in is not None:
        return f"1 in {prevalence.one_in.normalize():,f}"
    return f"{(prevalence.percent or 0):f} per cent".replace(".0 ", " ")


def _meaning_text(result: PredictiveAnswer) -> str:
    others = result.one_in - 1
    percent = float(100 / Fraction(result.one_in))
    text = (
        f"If all of this is right, about 1 in {result.one_in:,} of those with the factor"
        f" ({percent:.2g} per cent) would have such a review, and {others:,} would not. Among"
        f" all of them, with or without the factor, it is 1 in {result.one_in_population:,}."
    )
    if not result.is_more_frequent:
        text += " So the factor adds nothing to what is known without it."
    return (
        f"{text} Anyone who treated the factor as a sign of what will happen would be wrong about"
        f" {others:,} of every {result.one_in:,}. It cannot predict what will happen to any family."
    )
