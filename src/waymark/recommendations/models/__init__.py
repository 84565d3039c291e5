"""Models of recommendations: what was asked, of whom, and all that has happened since."""

from waymark.recommendations.models.contacts import BodyContact, ContactEvent, ContactLink
from waymark.recommendations.models.count_blocks import REVIEWS_IN_BLOCK, CountBlock
from waymark.recommendations.models.inquiries import (
    SCHEME_STATES,
    Inquiry,
    InquiryAddressee,
    InquiryRecommendation,
    InquiryScheme,
)
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
from waymark.recommendations.models.relations import Comparison, RecommendationRelation

__all__ = [
    "REVIEWS_IN_BLOCK",
    "SCHEME_STATES",
    "Addressee",
    "AddresseeAction",
    "Answer",
    "BodyContact",
    "Comparison",
    "ContactEvent",
    "ContactLink",
    "CountBlock",
    "EntryKind",
    "Inquiry",
    "InquiryAddressee",
    "InquiryRecommendation",
    "InquiryScheme",
    "LedgerEntry",
    "Progress",
    "ProgressImpact",
    "ProgressStatus",
    "Recommendation",
    "RecommendationRelation",
    "Source",
    "Standing",
]
