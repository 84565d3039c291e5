"""Models of codings: suggestions, assignments, codings and the agreed layer."""

from waymark.coding.models.codings import (
    AgreedCode,
    Assignment,
    Coding,
    Suggestion,
    SuggestionState,
)
from waymark.coding.models.exchange import ProjectImport, ProjectImportState

__all__ = [
    "AgreedCode",
    "Assignment",
    "Coding",
    "ProjectImport",
    "ProjectImportState",
    "Suggestion",
    "SuggestionState",
]
