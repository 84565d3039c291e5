"""The linear model as a suggester: passages in, codes with probabilities out. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from waymark.coding.learned.text_model import TextModel
from waymark.coding.suggest import PassageText, SuggestedCode
from waymark.core.spans import Span

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_WORDS = 3
"""Words of a passage that are shown as the reason for a suggestion."""


class LinearSuggester:
    """Suggests the codes of a trained model for whole passages. name: with its version."""

    def __init__(self, name: str, model: TextModel) -> None:
        self.name = name
        self.dropped = 0
        self._model = model
        self._terms = model.words.get_feature_names_out()

    def suggest(self, passages: Sequence[PassageText], nation: str = "") -> list[SuggestedCode]:
        """Codes at least as probable as the model's threshold, in reading order."""
        passages = [passage for passage in passages if passage.text]
        if not passages:
            return []
        texts = [passage.text for passage in passages]
        probabilities = self._model.probabilities(texts)
        rows = self._model.words.transform(texts)
        suggestions = []
        for at, column in zip(*(probabilities >= self._model.threshold).nonzero(), strict=True):
            passage = passages[at]
            suggestions.append(
                SuggestedCode(
                    span=Span(passage.start, passage.start + len(passage.text)),
                    exact=passage.text,
                    code=self._model.codes[column],
                    cue=", ".join(self._words_for(rows, at, column))[:200],
                    score=round(float(probabilities[at, column]), 3),
                )
            )
        return suggestions

    def _words_for(self, rows: "csr_matrix", at: int, column: int) -> list[str]:
        """The words or pairs of words of a text that speak most for a code, the strongest first.

        rows: of words alone; at: the text's.
        """
        inside = slice(rows.indptr[at], rows.indptr[at + 1])
        terms = rows.indices[inside]
        parts = self._model.weights[column, terms] * rows.data[inside]
        best = np.argsort(-parts, kind="stable")[:MOST_WORDS]
        return [str(self._terms[terms[index]]) for index in best if parts[index] > 0]
