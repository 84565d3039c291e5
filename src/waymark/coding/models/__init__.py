"""Models of codings: suggestions, assignments, codings and the agreed layer."""

from waymark.coding.models.codings import (
    AgreedCode,
    Assignment,
    Coding,
    Suggestion,
    SuggestionState,
)

__all__ = [
    "AgreedCode",
    "Assignment",
    "Coding",
    "Suggestion",
    "SuggestionState",
]
