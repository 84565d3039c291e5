"""Tables of the Information Service."""

from waymark.enquiries.models.answers import PublishedAnswer
from waymark.enquiries.models.desk import (
    DeskErasure,
    DeskEvent,
    EmailToSort,
    SortDecision,
    SortReason,
)
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

__all__ = [
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
    "MessageCitation",
    "MessageSender",
    "PublishedAnswer",
    "SortDecision",
    "SortReason",
]
