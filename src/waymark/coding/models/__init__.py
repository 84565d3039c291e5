"""Models of codings: suggestions, assignments, rounds, codings and the agreed layer."""

from waymark.coding.models.codings import (
    AgreedCode,
    Assignment,
    Coding,
    Suggestion,
    SuggestionDecision,
    SuggestionState,
)
from waymark.coding.models.rounds import (
    REASONS,
    CodingRound,
    DisagreementDecision,
    DisagreementKind,
    ReturnedCoding,
    SuggestionRule,
)

__all__ = [
    "REASONS",
    "AgreedCode",
    "Assignment",
    "Coding",
    "CodingRound",
    "DisagreementDecision",
    "DisagreementKind",
    "ReturnedCoding",
    "Suggestion",
    "SuggestionDecision",
    "SuggestionRule",
    "SuggestionState",
]
