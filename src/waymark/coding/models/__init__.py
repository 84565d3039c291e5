"""Models of codings: suggestions, assignments, rounds, codings, the agreed layer, acts."""

from waymark.coding.models.actions import (
    ActionKind,
    CodeKey,
    CoderSettings,
    CodingAction,
    ReadPart,
    ReportMemo,
    VeilChoice,
)
from waymark.coding.models.codings import (
    AgreedCode,
    Assignment,
    Coding,
    Suggestion,
    SuggestionDecision,
    SuggestionState,
)
from waymark.coding.models.exchange import ProjectImport, ProjectImportState
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
    "ActionKind",
    "AgreedCode",
    "Assignment",
    "CodeKey",
    "CoderSettings",
    "Coding",
    "CodingAction",
    "CodingRound",
    "DisagreementDecision",
    "DisagreementKind",
    "ProjectImport",
    "ProjectImportState",
    "ReadPart",
    "ReportMemo",
    "ReturnedCoding",
    "Suggestion",
    "SuggestionDecision",
    "SuggestionRule",
    "SuggestionState",
    "VeilChoice",
]
