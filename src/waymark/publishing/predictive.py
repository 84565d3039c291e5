"""What a factor would be worth as a prediction: the panel that shows that nothing can be predicted.

Reviews hold only cases. How many of them record a factor says nothing of how many families with the
factor come to such a review; for that one must know how common both are in a population that can be
compared. Where somebody gives that with its sources, the answer is worked out, from the printed
count alone:

    P(review | factor) = P(factor | review) * P(review) / P(factor)

Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from waymark.core.errors import NotFound
from waymark.core.tables import PERCENT_FLOOR
from waymark.overview.release import Release
from waymark.overview.spec import PredictiveValue, Prevalence
from waymark.publishing.nodes import Facts, Heading, Inline, Node, Number, Paragraph, spoken

TITLE = "What a factor would be worth as a prediction"
ANCHOR = "predictive-value"
NO_BLOCK = (
    "No factor is named. Reviews hold only cases: how common a factor is among them says nothing of"
    " what it would predict. That can be worked out only where a source says how common serious"
    " harm and the factor are in a population that can be compared."
)
MISSING = (
    "{0} not given. Reviews hold only cases, so what a factor would be worth as a prediction can be"
    " worked out only where a source says how common both serious harm and the factor are in a"
    " population that can be compared."
)
HARM, FACTOR = "How common serious harm is", "how common the factor is"


@dataclass(frozen=True, slots=True)
class Answer:
    """The panel with its numbers. one_in: 1 in so many, rounded, halves up.

    share: of the reviews, that record the factor. more: whether a family with the factor would come
    to such a review more often than any family of that population.
    """

    share: Fraction
    one_in: int
    anybody: int
    more: bool


@dataclass(frozen=True, slots=True)
class Disabled:
    """The panel without numbers. reason: a sentence or two."""

    reason: str


def answer(release: Release) -> Answer | Disabled:
    """What the panel of a release says, or why it says nothing."""
    asked = release.spec.predictive_value
    if asked is None:
        return Disabled(NO_BLOCK)
    missing = [
        name
        for name, there in ((HARM, asked.harm), (FACTOR, asked.factor_in_population))
        if not there
    ]
    if asked.harm is None or asked.factor_in_population is None:
        said = " and ".join(missing)
        verb = "are" if len(missing) > 1 else "is"
        return Disabled(MISSING.format(f"{said[:1].upper()}{said[1:]} {verb}"))
    return _worked_out(
        release, asked, probability(asked.harm), probability(asked.factor_in_population)
    )


def _worked_out(
    release: Release, asked: PredictiveValue, harm: Fraction, factor: Fraction
) -> Answer | Disabled:
    name = asked.factor
    try:
        cell = release.table(name.table).table.cell(name.row, name.column)
    except (KeyError, NotFound):
        return Disabled(f"Under this profile {name.table} does not print the number it rests on.")
    if cell.mark or not isinstance(cell.value, int) or cell.kind != "count" or not cell.base:
        return Disabled("The number of reviews that it rests on is not printed.")
    if cell.base < PERCENT_FLOOR:
        return Disabled(f"The base is under {PERCENT_FLOOR}: it bears no share.")
    share = Fraction(cell.value, cell.base)
    if share == 0:
        return Disabled("No review records the factor.")
    if share * harm > factor or (1 - share) * harm > 1 - factor:
        return Disabled(
            "The prevalences cannot both be true: more families would come to such a review than"
            " there are with the factor, or without it. Look at the sources again."
        )
    found = predictive_value(share, harm=harm, factor=factor)
    return Answer(share, one_in(found), one_in(harm), more=found > harm)


def predictive_value(share: Fraction, *, harm: Fraction, factor: Fraction) -> Fraction:
    """How likely a family with a factor comes to a review: all are probabilities, factor > 0.

    share: of the reviews that record the factor; harm: of such a review in the population; factor:
    of the factor in it.
    """
    return share * harm / factor


def one_in(probability: Fraction) -> int:
    """A probability above 0 as 1 in so many, rounded to a whole number, halves up."""
    return int(1 / probability + Fraction(1, 2))


def probability(said: Prevalence) -> Fraction:
    """A prevalence as a number from 0 to 1."""
    if said.one_in is not None:
        return 1 / Fraction(said.one_in)
    return Fraction(said.percent or 0) / 100


def panel(release: Release, *, level: int = 3) -> Iterator[Node]:
    """The panel as a part of an overview: nothing where its spec does not ask for it."""
    asked = release.spec.predictive_value
    if asked is None:
        return
    yield Heading(level, TITLE, ANCHOR)
    found = answer(release)
    if isinstance(found, Disabled):
        yield Paragraph((f"Not given. {found.reason}",))
        return
    yield Paragraph(_rests_on(release, asked))
    yield Facts(tuple(_sources(asked)))
    yield Paragraph((_means(found),))


def _rests_on(release: Release, asked: PredictiveValue) -> tuple[Inline, ...]:
    name = asked.factor
    table = release.table(name.table).table
    cell = table.cell(name.row, name.column)
    number = Number(
        name.table, name.row, name.column, cell.shown, opens=bool(cell.records) and not cell.mark
    )
    label = factor_label(release, asked)
    return (number, f" of {cell.base:,} reviews record: {label}.")


def factor_label(release: Release, asked: PredictiveValue) -> str:
    """The factor as its table calls it."""
    rows = release.table(asked.factor.table).table.rows
    return next(row.label for row in rows if row.id == asked.factor.row)


def _sources(asked: PredictiveValue) -> Iterator[tuple[str, str]]:
    yield "Among", asked.among
    for name, said in (
        ("Such a review", asked.harm),
        ("The factor", asked.factor_in_population),
    ):
        if said is not None:
            yield name, f"{in_words(said)}. Source: {said.source} ({spoken(said.date)})"


def in_words(said: Prevalence) -> str:
    """A prevalence as a person writes it: 1 in 4,000; 50 per cent."""
    if said.one_in is not None:
        return f"1 in {said.one_in.normalize():,f}"
    return f"{(said.percent or 0):f} per cent".replace(".0 ", " ")


def _means(found: Answer) -> str:
    others = found.one_in - 1
    percent = float(100 / Fraction(found.one_in))
    text = (
        f"If all of this is right, about 1 in {found.one_in:,} of those with the factor"
        f" ({percent:.2g} per cent) would come to such a review, and {others:,} would not. Of all"
        f" of them, with the factor or without, it is 1 in {found.anybody:,}."
    )
    if not found.more:
        text += " So the factor tells nothing that was not known without it."
    return (
        f"{text} Whoever took the factor for a sign of what will happen would be wrong about"
        f" {others:,} of every {found.one_in:,}. Nothing can be predicted from it for any family."
    )
