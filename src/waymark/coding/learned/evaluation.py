"""How well suggested codes agree with those that people gave: precision, recall, F1, recall at 3.

Micro F1 counts all decisions together, so frequent codes decide it; macro F1 is the mean of the
codes' own, so each counts alike. Recall at 3 is the mean share of a text's codes among its three
most probable ones, over the texts that have a code.

Example: codes a, b; two texts with {a} and {a, b}; suggested {a} and {a}. Precision of a is 1, its
recall 1; b has recall 0. Micro F1 is 2*2/(2+3) = 0.8; macro F1 is (1 + 0) / 2 = 0.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waymark.coding.learned.coded_text import CodedText
from waymark.coding.learned.text_model import TextModel

BEST = 3


@dataclass(frozen=True, slots=True)
class CodeScores:
    """Scores of a code. given, suggested, right: numbers of texts. None: nothing to divide by."""

    code: str
    given: int
    suggested: int
    right: int
    precision: float | None
    recall: float | None
    f1: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores over all codes. recall_at_3: None if no text has a code."""

    texts: int
    micro_f1: float
    macro_f1: float
    recall_at_3: float | None
    codes: tuple[CodeScores, ...]


def evaluate(model: TextModel, texts: Sequence[CodedText], codes: Sequence[str]) -> Evaluation:
    """Scores of a model on texts it was not trained on, over these codes, learned or not."""
    has_code = np.array([[code in row.codes for code in codes] for row in texts], dtype=bool)
    probabilities = np.zeros(has_code.shape, dtype=np.float32)
    columns = [codes.index(code) for code in model.codes if code in codes]
    columns_of_model = [number for number, code in enumerate(model.codes) if code in codes]
    probabilities[:, columns] = model.probabilities([row.text for row in texts])[
        :, columns_of_model
    ]
    return scores(has_code, probabilities >= model.threshold, probabilities, codes)


def scores(
    given: NDArray[np.bool_],
    suggested: NDArray[np.bool_],
    probabilities: NDArray[np.float32],
    codes: Sequence[str],
) -> Evaluation:
    """Scores of suggestions. Shape of all three: texts, codes."""
    right = given & suggested
    rows = tuple(
        _code_scores(code, int(one.sum()), int(two.sum()), int(both.sum()))
        for code, one, two, both in zip(codes, given.T, suggested.T, right.T, strict=True)
    )
    return Evaluation(
        texts=len(given),
        micro_f1=_f1(int(given.sum()), int(suggested.sum()), int(right.sum())),
        macro_f1=float(np.mean([row.f1 for row in rows])) if rows else 0.0,
        recall_at_3=_recall_of_best(given, probabilities),
        codes=rows,
    )


def _code_scores(code: str, given: int, suggested: int, right: int) -> CodeScores:
    return CodeScores(
        code=code,
        given=given,
        suggested=suggested,
        right=right,
        precision=right / suggested if suggested else None,
        recall=right / given if given else None,
        f1=_f1(given, suggested, right),
    )


def _f1(given: int, suggested: int, right: int) -> float:
    """Twice the right ones by all given and suggested; 0 where there are neither."""
    return 2 * right / (given + suggested) if given + suggested else 0.0


def _recall_of_best(given: NDArray[np.bool_], probabilities: NDArray[np.float32]) -> float | None:
    coded = given.any(axis=1)
    if not coded.any():
        return None
    # Stable, so that equal probabilities keep the order of the codes.
    best = np.argsort(-probabilities[coded], axis=1, kind="stable")[:, :BEST]
    hits = np.take_along_axis(given[coded], best, axis=1).sum(axis=1)
    return float(np.mean(hits / given[coded].sum(axis=1)))
