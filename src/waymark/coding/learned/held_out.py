"""How well a model finds codes in documents that it was not trained on. Pure.

The documents are divided by chance into four parts. Each part is tried with a model that was
trained on the other three, so every document is tried once by a model that has not seen it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waymark.coding.learned.coded_text import CodedText
from waymark.coding.learned.evaluation import Evaluation, evaluate, scores
from waymark.coding.learned.text_model import FOLDS, folds_of, train
from waymark.core.errors import RuleError

SHARES = (0.25, 0.5, 1.0)
"""Shares of the documents after which the learning curve is measured."""


@dataclass(frozen=True, slots=True)
class LearningStep:
    """Point of a learning curve: scores after training on a number of documents."""

    documents: int
    texts: int
    micro_f1: float
    macro_f1: float


@dataclass(frozen=True, slots=True)
class HeldOutScores:
    """Scores on held-out documents. documents: number of all, each tried once."""

    documents: int
    evaluation: Evaluation
    curve: tuple[LearningStep, ...]


def held_out_scores(texts: Sequence[CodedText], codes: Collection[str]) -> HeldOutScores:
    """Scores of models on documents (groups) they were not trained on, and the learning curve.

    The curve is of the first part, tried after training on growing shares of the other documents.
    """
    names = sorted(codes)
    fold = folds_of(texts)
    has_code = np.array([[code in row.codes for code in names] for row in texts], dtype=bool)
    suggested = np.zeros(has_code.shape, dtype=bool)
    probabilities = np.zeros(has_code.shape, dtype=np.float32)
    for number in range(FOLDS):
        unseen = np.flatnonzero(fold == number)
        known = [row for row, of_row in zip(texts, fold, strict=True) if of_row != number]
        answers = _answers(known, [texts[int(at)] for at in unseen], names)
        if answers is not None:
            suggested[unseen], probabilities[unseen] = answers
    return HeldOutScores(
        documents=len({row.group for row in texts}),
        evaluation=scores(has_code, suggested, probabilities, names),
        curve=_learning_curve(texts, fold, names),
    )


def _answers(
    known: Sequence[CodedText], unseen: Sequence[CodedText], names: Sequence[str]
) -> tuple[NDArray[np.bool_], NDArray[np.float32]] | None:
    """What a model of the known texts suggests for the unseen, and how probable; None for no model.

    Shape of both: unseen texts, codes.
    """
    if not unseen:
        return None
    try:
        model = train(known, names)
    except RuleError:  # the other documents have no code often enough
        return None
    probabilities = np.zeros((len(unseen), len(names)), dtype=np.float32)
    columns = [names.index(code) for code in model.codes]
    probabilities[:, columns] = model.probabilities([row.text for row in unseen])
    return probabilities >= model.threshold, probabilities


def _learning_curve(
    texts: Sequence[CodedText], fold: NDArray[np.int64], names: Sequence[str]
) -> tuple[LearningStep, ...]:
    unseen = [row for row, number in zip(texts, fold, strict=True) if number == 0]
    rest = [row for row, number in zip(texts, fold, strict=True) if number != 0]
    groups = list(dict.fromkeys(row.group for row in rest))
    steps: list[LearningStep] = []
    for share in SHARES:
        chosen = set(groups[: max(1, round(len(groups) * share))])
        known = [row for row in rest if row.group in chosen]
        try:
            result = evaluate(train(known, names), unseen, names)
        except RuleError:
            continue
        steps.append(LearningStep(len(chosen), len(known), result.micro_f1, result.macro_f1))
    return tuple(steps)
