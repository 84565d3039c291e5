"""A linear model for each code, trained on texts and the codes that people gave them.

A support vector machine separates the texts with a code from those without it. Its distance from
the border is calibrated by texts it was not trained on (Platt 1999): of the suggestions with
probability 0.7 about seven in ten are right. One threshold for all codes gives the highest F1 over
all of them on the same texts; one for each code would follow chance where examples are few.

Example: trained on "nobody visited" (visits) and "the file was lost" (records), each many times, it
gives "nobody came to visit" a high probability for visits.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy
from numpy.typing import NDArray

from waymark.coding.learned.coded_text import CodedText
from waymark.coding.learned.features import (
    learned_vectors,
    letter_features,
    vectors,
    word_features,
)
from waymark.core.errors import RuleError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

FEWEST_EXAMPLES = 3
"""Texts with a code, and as many without it, below which a code is not learned."""
FOLDS = 4
SEED = 20_260_101
PENALTY = 0.3
TOLERANCE = 0.001
ROUNDS = 10_000
THRESHOLDS = np.arange(0.2, 0.6, 0.01)
BATCH = 2_000
"""Texts whose features are in memory at a time."""


@dataclass(frozen=True, slots=True)
class TextModel:
    """Trained model.

    codes: those it learned, in the order of the rows of weights (codes, features), borders, slopes
    and shifts. examples: number of texts with each code. not_learned: codes with too few.
    threshold: probability from which a code is suggested.
    """

    codes: tuple[str, ...]
    examples: tuple[int, ...]
    not_learned: tuple[str, ...]
    texts: int
    words: "TfidfVectorizer"
    letters: "TfidfVectorizer"
    weights: NDArray[np.float32]
    borders: NDArray[np.float32]
    slopes: NDArray[np.float32]
    shifts: NDArray[np.float32]
    threshold: float

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Probability of each code for each text. Shape: texts, codes."""
        rows = np.zeros((len(texts), len(self.codes)), dtype=np.float32)
        for start in range(0, len(texts), BATCH):
            features = vectors(texts[start : start + BATCH], self.words, self.letters)
            distances = features @ self.weights.T + self.borders
            rows[start : start + BATCH] = probability(distances, self.slopes, self.shifts)
        return rows


def train(texts: Sequence[CodedText], codes: Collection[str]) -> TextModel:
    """A model of the codes for which there are enough examples. The same texts give the same model.

    Raises RuleError if no code has enough of them.
    """
    learned, not_learned = _divide(texts, codes)
    words, letters = word_features(len(texts)), letter_features(len(texts))
    features = learned_vectors([row.text for row in texts], words, letters)
    has_code = np.array([[code in row.codes for code in learned] for row in texts])
    weights, borders = _separate(features, has_code)
    distances = _unseen_distances(features, has_code, folds_of(texts))
    slopes, shifts = _calibrate(distances, has_code)
    return TextModel(
        codes=learned,
        examples=tuple(int(number) for number in has_code.sum(axis=0)),
        not_learned=not_learned,
        texts=len(texts),
        words=words,
        letters=letters,
        weights=weights,
        borders=borders,
        slopes=slopes,
        shifts=shifts,
        threshold=_threshold(probability(distances, slopes, shifts), has_code),
    )


def probability(
    distances: NDArray[Any], slopes: NDArray[Any], shifts: NDArray[Any]
) -> NDArray[np.float32]:
    """Calibrated probability of distances from the borders. Shape: texts, codes."""
    rows: NDArray[np.float32] = scipy.special.expit(distances * slopes + shifts)
    return rows.astype(np.float32)


def _divide(
    texts: Sequence[CodedText], codes: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes with enough examples, and the others, each sorted."""
    examples = {code: sum(code in row.codes for row in texts) for code in codes}
    enough = {
        code
        for code, number in examples.items()
        if FEWEST_EXAMPLES <= number <= len(texts) - FEWEST_EXAMPLES
    }
    if not enough:
        raise RuleError(
            f"no code has {FEWEST_EXAMPLES} texts with it and {FEWEST_EXAMPLES} without it: "
            "nothing can be learned from these texts"
        )
    return tuple(sorted(enough)), tuple(sorted(set(codes) - enough))


def _separate(
    features: "csr_matrix", given: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (codes, features) and borders of the codes."""
    from sklearn.svm import LinearSVC

    weights = np.zeros((given.shape[1], features.shape[1]), dtype=np.float32)
    borders = np.zeros(given.shape[1], dtype=np.float32)
    for number, column in enumerate(given.T):
        # Balanced: a code with few examples would else be given to no text.
        machine = LinearSVC(
            C=PENALTY, class_weight="balanced", tol=TOLERANCE, max_iter=ROUNDS, random_state=SEED
        )
        machine.fit(features, column)
        weights[number], borders[number] = machine.coef_[0], machine.intercept_[0]
    return weights, borders


def folds_of(texts: Sequence[CodedText]) -> NDArray[np.int64]:
    """Number of the part in which each text is checked: a group is in one part."""
    draws = np.random.default_rng(SEED)
    groups = [row.group or f"text {number}" for number, row in enumerate(texts)]
    names = sorted(set(groups))
    part = dict(zip(names, draws.permutation(len(names)) % FOLDS, strict=True))
    return np.array([part[group] for group in groups])


def _unseen_distances(
    features: "csr_matrix", given: NDArray[np.bool_], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Distance of each text from the borders of models that were trained without its part."""
    distances = np.zeros(given.shape)
    for fold in np.unique(folds):
        seen, unseen = folds != fold, folds == fold
        # A code whose examples are all in one part stays at the border there.
        possible = np.flatnonzero(given[seen].any(axis=0) & ~given[seen].all(axis=0))
        if len(possible):
            weights, borders = _separate(features[seen], given[seen][:, possible])
            distances[np.ix_(unseen, possible)] = features[unseen] @ weights.T + borders
    return distances


def _calibrate(
    distances: NDArray[np.float64], given: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Slope and shift of the logistic curve of each code."""
    from sklearn.linear_model import LogisticRegression

    slopes = np.zeros(given.shape[1], dtype=np.float32)
    shifts = np.zeros(given.shape[1], dtype=np.float32)
    for number, column in enumerate(given.T):
        curve = LogisticRegression(C=1_000.0, random_state=SEED)
        curve.fit(distances[:, [number]], column)
        slopes[number], shifts[number] = curve.coef_[0, 0], curve.intercept_[0]
    return slopes, shifts


def _threshold(probabilities: NDArray[np.float32], given: NDArray[np.bool_]) -> float:
    """The threshold with the highest F1 over all codes; the middle one of equals."""
    right = [int((given & (probabilities >= line)).sum()) for line in THRESHOLDS]
    suggested = [int((probabilities >= line).sum()) for line in THRESHOLDS]
    total = int(given.sum())
    f1 = [2 * hits / (number + total) for hits, number in zip(right, suggested, strict=True)]
    best = THRESHOLDS[np.array(f1) == max(f1)]
    return float(best[len(best) // 2])
