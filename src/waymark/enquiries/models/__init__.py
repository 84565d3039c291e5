"""Tables of the Information Service."""

from waymark.enquiries.models.desk import (
    DeskErasure,
    DeskEvent,
    EmailToSort,
    SortDecision,
    SortReason,
)
from waymark.enquiries.models.drafts import AnswerDraft
from waymark.enquiries.models.enquiries import (
    CitedKind,
    Enquiry,
    EnquiryAttachment,
    EnquiryChannel,
    EnquiryKind,
    EnquiryMessage,
    EnquiryNote,
    EnquiryState,
    MessageCitation,
    MessageSender,
)
from waymark.enquiries.models.searches import (
    LineRun,
    LiteratureSearch,
    SearchLine,
    SearchResult,
    SearchSource,
)

__all__ = [
    "AnswerDraft",
    "CitedKind",
    "DeskErasure",
    "DeskEvent",
    "EmailToSort",
    "Enquiry",
    "EnquiryAttachment",
    "EnquiryChannel",
    "EnquiryKind",
    "EnquiryMessage",
    "EnquiryNote",
    "EnquiryState",
    "LineRun",
    "LiteratureSearch",
    "MessageCitation",
    "MessageSender",
    "SearchLine",
    "SearchResult",
    "SearchSource",
    "SortDecision",
    "SortReason",
]
