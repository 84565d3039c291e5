"""Agreement on each code and on all codes together: every figure with what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

from waymark.coding.agreement.coefficients import (
    Coefficient,
    RatingSums,
    beyond_chance,
    cohen_kappa,
    cohen_parts,
    draw_sums,
    fleiss_kappa,
    fleiss_parts,
    gwet_ac,
    krippendorff_alpha,
    raw,
    total,
    unit_sums,
)
from waymark.coding.agreement.draws import (
    FEWEST_REVIEWS,
    FEWEST_UNITS,
    SEED,
    ConfidenceInterval,
    percentile_interval,
)
from waymark.coding.agreement.ratings import (
    MISSING,
    Rating,
    Ratings,
    RatingScale,
    agreement_weights,
    collect_ratings,
)
from waymark.core.errors import RuleError
from waymark.core.extras import LaterModule
from waymark.core.shares import wilson_interval
from waymark.core.wording import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from waymark.coding.agreement.ratings import Floats
else:
    np = LaterModule("numpy")

MOST_VALUES = 100
SAME_VALUE = "not defined: every value is the same"
TWO_CODERS = "for two coders only"

QUESTIONS = {
    "raw": "How often did coders give the same value?",
    "kappa": "How far beyond chance, if each of two coders keeps to his or her own frequencies?",
    "fleiss": "How far beyond chance, if all coders guess with the same frequencies?",
    "ac1": "How far beyond chance, counting as chance only units that are hard to rate?",
    "alpha": "How far can these values be relied on as data, by any coders, with values missing?",
}
"""The question that each figure answers."""
_COEFFICIENTS: dict[str, Coefficient] = {
    "raw": raw,
    "kappa": cohen_kappa,
    "fleiss": fleiss_kappa,
    "ac1": gwet_ac,
    "alpha": krippendorff_alpha,
}


@dataclass(frozen=True, slots=True)
class AgreementFigure:
    """A coefficient. value: None for the reason. interval: 95 %, None if it cannot be drawn."""

    value: float | None
    interval: ConfidenceInterval | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CodeAgreement:
    """Agreement on a code, or on all if it is "".

    units: with a value. paired: rated by two coders or more; only these agree or not. documents:
    that the units come from, None if unknown. drawn: "documents" or "units", what the intervals
    were drawn from. shares: value -> its share of all values. of_coders: coder -> the same of his
    or her values. within: on all codes, agreement beyond the chance within each code, and the mean
    of the codes' own; empty for a single code.
    """

    code: str
    units: int
    paired: int
    documents: int | None
    drawn: str
    shares: Mapping[str, float]
    of_coders: Mapping[str, Mapping[str, float]]
    figures: Mapping[str, AgreementFigure]
    within: Mapping[str, AgreementFigure]

    @property
    def intervals_rest_on(self) -> str:
        """What the intervals were drawn from, in words, and why they are too narrow if they are."""
        if self.drawn == "documents":
            return f"{self.documents} whole documents"
        if self.documents is None:
            return "single units, because their documents are not known"
        return (
            f"single units, because {self.documents} documents are too few to draw from; the true"
            " intervals are wider"
        )


@dataclass(frozen=True, slots=True)
class CodedRating:
    """A rating of a unit for a code."""

    code: str
    rating: Rating


def summarise_agreement(
    rows: Sequence[CodedRating],
    *,
    scale: RatingScale = RatingScale.NOMINAL,
    values: Sequence[str] = (),
    fewest: int = FEWEST_UNITS,
) -> list[CodeAgreement]:
    """The agreement on each code by name; last, if there are several, on all codes together.

    values: the scale in its order, needed where nobody may have given a value, or where the order
    matters. fewest: paired units below which no figure is given. Raises RuleError as
    collect_ratings, and for more than MOST_VALUES values.
    """
    if scale in {RatingScale.LINEAR, RatingScale.QUADRATIC} and not values:
        _check_numbers({row.rating.value for row in rows})
    # Intervals are drawn by the places of units, and must not change with the order of a file.
    rows = sorted(rows, key=lambda row: (row.rating.document, row.code, row.rating.unit))
    # One scale for all codes: AC1 of a code on which nobody said "yes" still knows that value.
    every = collect_ratings(map(_named_by_code, rows), values)
    if len(every.values) > MOST_VALUES:
        raise RuleError(f"there are {len(every.values)} different values, of at most {MOST_VALUES}")
    weights = agreement_weights(every.values, scale)
    names = sorted({row.code for row in rows})
    of_code = {
        name: collect_ratings((row.rating for row in rows if row.code == name), every.values)
        for name in names
    }
    summaries = [
        _summarise(name, ratings, weights, fewest=fewest) for name, ratings in of_code.items()
    ]
    if len(summaries) > 1:
        pooled = _summarise("", every, weights, fewest=fewest)
        within = _within_codes(list(of_code.values()), weights, pooled, fewest=fewest)
        summaries.append(replace(pooled, within=within))
    return summaries


def _check_numbers(values: Iterable[str]) -> None:
    for value in values:
        try:
            float(value)
        except ValueError:
            raise RuleError(
                f"{value!r} is not a number: give the values of the scale in their order"
            ) from None


def _named_by_code(row: CodedRating) -> Rating:
    """The rating of a unit for a code is a unit of its own among all codes."""
    return replace(row.rating, unit=f"{row.code}\0{row.rating.unit}")


def _summarise(name: str, ratings: Ratings, weights: Floats, *, fewest: int) -> CodeAgreement:
    is_rated = ratings.places != MISSING
    documents = ratings.documents
    sums = unit_sums(ratings, weights)
    drawn, rows = _rows_to_draw(ratings, sums)
    if ratings.paired < fewest:
        reason = f"{counted(ratings.paired, 'unit')} rated by two coders; a figure needs {fewest}"
        figures = {figure: AgreementFigure(None, reason=reason) for figure in _COEFFICIENTS}
    else:
        draws = draw_sums(rows)
        figures = {
            figure: _figure(figure, coefficient, ratings, (total(sums), draws), weights)
            for figure, coefficient in _COEFFICIENTS.items()
        }
    return CodeAgreement(
        code=name,
        units=int(is_rated.any(axis=1).sum()),
        paired=ratings.paired,
        documents=None if documents is None else len(np.unique(documents)),
        drawn=drawn,
        shares=_shares(ratings, ratings.places[is_rated]),
        of_coders={
            coder: _shares(ratings, ratings.places[is_rated[:, number], number])
            for number, coder in enumerate(ratings.coders)
        },
        figures=figures,
        within={},
    )


def _rows_to_draw(ratings: Ratings, sums: RatingSums) -> tuple[str, RatingSums]:
    """What intervals are drawn from: documents, because units of one depend on one another, or
    units where the documents are unknown or too few to draw from."""
    documents = ratings.documents
    if documents is not None and len(np.unique(documents)) >= FEWEST_REVIEWS:
        return "documents", total(sums, documents)
    return "units", sums


def _shares(ratings: Ratings, places: NDArray[np.intp]) -> dict[str, float]:
    counts = np.bincount(places, minlength=len(ratings.values)) / max(1, len(places))
    return dict(zip(ratings.values, counts.tolist(), strict=True))


def _figure(
    name: str,
    coefficient: Coefficient,
    ratings: Ratings,
    sums: tuple[RatingSums, RatingSums],
    weights: Floats,
) -> AgreementFigure:
    everything, draws = sums
    if name == "kappa" and len(ratings.coders) != 2:
        return AgreementFigure(None, reason=TWO_CODERS)
    value = float(coefficient(everything, weights)[0])
    if not isfinite(value):
        return AgreementFigure(None, reason=SAME_VALUE)
    if name == "raw" and len(ratings.coders) == 2 and _is_nominal(weights):
        alike, paired = int(everything.alike[0]), int(everything.paired[0])
        return AgreementFigure(value, ConfidenceInterval(*wilson_interval(alike, paired)))
    return AgreementFigure(value, percentile_interval(coefficient(draws, weights)))


def _is_nominal(weights: Floats) -> bool:
    return bool(np.array_equal(weights, np.eye(len(weights))))


def _within_codes(
    codes: Sequence[Ratings], weights: Floats, pooled: CodeAgreement, *, fewest: int
) -> dict[str, AgreementFigure]:
    """Kappa with the chance of each code apart, and the mean of the codes' own kappas.

    Pooled kappa counts as agreement beyond chance that coders know which codes are common. Kappa
    within codes adds up, over codes, the agreement beyond the chance of that code, and what chance
    leaves; so a code counts by its units and by how much could be disagreed on.
    """
    if pooled.paired < fewest:
        return {}
    pairs = {ratings.coders for ratings in codes}
    parts_of = cohen_parts if len(pairs) == 1 and len(min(pairs)) == 2 else fleiss_parts
    everything, draws = [], []
    for place, ratings in enumerate(codes):
        if ratings.paired:
            sums = unit_sums(ratings, weights)
            drawn, rows = _rows_to_draw(ratings, sums)
            # The same documents are drawn for every code; single units are drawn for each apart.
            seed = SEED if drawn == "documents" else SEED + place
            everything.append((ratings.paired, *parts_of(total(sums), weights)))
            draws.append((ratings.paired, *parts_of(draw_sums(rows, seed=seed), weights)))
    own = [float(beyond_chance(*parts)[0]) for _, *parts in everything]
    value = float(_added_up(everything)[0])
    return {
        "kappa": AgreementFigure(value, percentile_interval(_added_up(draws)))
        if isfinite(value)
        else AgreementFigure(None, reason=SAME_VALUE),
        "mean": AgreementFigure(float(np.nanmean(own)))
        if any(map(isfinite, own))
        else AgreementFigure(None, reason=SAME_VALUE),
    }


def _added_up(parts: Sequence[tuple[int, Floats, Floats]]) -> Floats:
    """Agreement beyond chance in all codes together. parts: units, agreement and chance of each."""
    size = sum(units for units, _, _ in parts)
    # A draw of documents without a unit of a code has no agreement and no chance on it.
    observed = sum(units * np.nan_to_num(agreed) for units, agreed, _ in parts)
    chance = sum(units * np.nan_to_num(expected) for units, _, expected in parts)
    return beyond_chance(np.asarray(observed / size), np.asarray(chance / size))
