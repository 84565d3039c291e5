"""The linear model as a suggester: passages in, codes with probabilities out. Pure."""

from collections.abc import Sequence

from waymark.coding.learned.text_model import TextModel
from waymark.coding.suggest import PassageText, SuggestedCode
from waymark.core.spans import Span

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
        if not passages:
            return []
        probabilities = self._model.probabilities([passage.text for passage in passages])
        suggestions = []
        for at, column in zip(*(probabilities >= self._model.threshold).nonzero(), strict=True):
            passage = passages[at]
            suggestions.append(
                SuggestedCode(
                    span=Span(passage.start, passage.start + len(passage.text)),
                    exact=passage.text,
                    code=self._model.codes[column],
                    cue=", ".join(self._words_for(passage.text, column))[:200],
                    score=round(float(probabilities[at, column]), 3),
                )
            )
        return suggestions

    def _words_for(self, text: str, column: int) -> list[str]:
        """The words or pairs of words of a text that speak most for a code, the strongest first."""
        row = self._model.words.transform([text])
        weights = self._model.weights[column]
        parts = sorted(
            (
                (float(weights[index] * value), str(self._terms[index]))
                for index, value in zip(row.indices, row.data, strict=True)
            ),
            reverse=True,
        )
        return [term for part, term in parts[:MOST_WORDS] if part > 0]
