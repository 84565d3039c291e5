"""Models of codings: suggestions, assignments, codings, the agreed layer, acts in the workbench."""

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
    SuggestionState,
)

__all__ = [
    "ActionKind",
    "AgreedCode",
    "Assignment",
    "CodeKey",
    "CoderSettings",
    "Coding",
    "CodingAction",
    "ReadPart",
    "ReportMemo",
    "Suggestion",
    "SuggestionState",
    "VeilChoice",
]
