"""Questions of a case profile as the page shows them: what is stored, refused, chosen, proposed."""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.documents.queries.reader import CitedPlace
from waymark.pipeline.coding.value_proposals import WordsForValue
from waymark.profiles.case_profile import ProfileQuestion, QuestionGroup


@dataclass(frozen=True, slots=True)
class RefusedAnswer:
    """An answer that was not saved, as it was entered. values: all that were chosen."""

    variable: str
    message: str
    values: tuple[str, ...]
    passages: str
    memo: str


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question with what its form contains: what was refused, else what is stored.

    proposals: None unless the coder asked for them. They choose no answer.
    """

    row: ProfileQuestion
    values: tuple[str, ...]
    passages: str
    memo: str
    message: str
    proposals: Sequence[WordsForValue] | None = None

    @property
    def open(self) -> bool:
        """True if its form is open at first."""
        return bool(self.message) or self.row.answer is None or self.proposals is not None


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """Questions under one heading."""

    group: QuestionGroup
    questions: list[ShownQuestion]


@dataclass(frozen=True, slots=True)
class ChosenPassages:
    """Passages in the address: for the question of a variable, or for all if it is ""."""

    places: tuple[CitedPlace, ...]
    variable: str

    def keys_for(self, row: ProfileQuestion) -> list[str]:
        """Citation keys to fill in below a question."""
        own = self.variable in ("", row.variable.variable)
        return [place.key for place in self.places] if own else []


def shown_question(
    row: ProfileQuestion,
    refused: RefusedAnswer | None,
    chosen: ChosenPassages,
    proposals: Sequence[WordsForValue] | None,
) -> ShownQuestion:
    if refused is not None and refused.variable == row.variable.variable:
        return ShownQuestion(row, refused.values, refused.passages, refused.memo, refused.message)
    keys = dict.fromkeys([*row.keys, *chosen.keys_for(row)])
    memo = row.answer.memo if row.answer else ""
    return ShownQuestion(row, tuple(row.chosen), "\n".join(keys), memo, "", proposals)
