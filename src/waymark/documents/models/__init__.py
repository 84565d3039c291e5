"""Reviews, the reports about them, and the exact words of each report."""

from waymark.documents.models.findings import (
    AnonymityVerdict,
    HiddenText,
    HiddenTextVerdict,
    ListedWords,
    PossibleIdentifier,
    WordRule,
)
from waymark.documents.models.intake import Intake, IntakeState
from waymark.documents.models.readings import (
    AnchorMove,
    MoveDecision,
    MoveOutcome,
    Reading,
    ReadingPage,
    ReadingState,
    RejectedReading,
)
from waymark.documents.models.recognition import (
    QUEUED_STATES,
    UNREAD_STATES,
    PageRecognition,
    RecognitionState,
)
from waymark.documents.models.reviews import Original, Report, ReportKind, Review
from waymark.documents.models.texts import (
    SOURCES,
    Page,
    Passage,
    PassageKind,
    ReportText,
    TextAnchor,
)

__all__ = [
    "QUEUED_STATES",
    "SOURCES",
    "UNREAD_STATES",
    "AnchorMove",
    "AnonymityVerdict",
    "HiddenText",
    "HiddenTextVerdict",
    "Intake",
    "IntakeState",
    "ListedWords",
    "MoveDecision",
    "MoveOutcome",
    "Original",
    "Page",
    "PageRecognition",
    "Passage",
    "PassageKind",
    "PossibleIdentifier",
    "Reading",
    "ReadingPage",
    "ReadingState",
    "RecognitionState",
    "RejectedReading",
    "Report",
    "ReportKind",
    "ReportText",
    "Review",
    "TextAnchor",
    "WordRule",
]
