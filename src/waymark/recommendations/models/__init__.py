"""Models of recommendations: what was asked, of whom, and all that has happened since."""

from waymark.recommendations.models.contacts import BodyContact, ContactEvent, ContactLink
from waymark.recommendations.models.ledger import (
    Addressee,
    AddresseeAction,
    Answer,
    EntryKind,
    LedgerEntry,
    Source,
    Standing,
)
from waymark.recommendations.models.recommendations import (
    Progress,
    ProgressImpact,
    ProgressStatus,
    Recommendation,
)

__all__ = [
    "Addressee",
    "AddresseeAction",
    "Answer",
    "BodyContact",
    "ContactEvent",
    "ContactLink",
    "EntryKind",
    "LedgerEntry",
    "Progress",
    "ProgressImpact",
    "ProgressStatus",
    "Recommendation",
    "Source",
    "Standing",
]
