"""Models of codings: suggestions, programs, assignments, rounds, the agreed layer, acts."""

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
from waymark.coding.models.machines import (
    MachineCoder,
    MachineKind,
    MachineState,
    PassageSample,
    SampledPassage,
    SuggestionBlock,
    SuggestionRun,
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
    "MachineCoder",
    "MachineKind",
    "MachineState",
    "PassageSample",
    "ProjectImport",
    "ProjectImportState",
    "ReadPart",
    "ReportMemo",
    "ReturnedCoding",
    "SampledPassage",
    "Suggestion",
    "SuggestionBlock",
    "SuggestionDecision",
    "SuggestionRule",
    "SuggestionRun",
    "SuggestionState",
    "VeilChoice",
]
