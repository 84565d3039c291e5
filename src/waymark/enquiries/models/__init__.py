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
from waymark.enquiries.models.gaps import GapRequest, GapState, LibraryGap
from waymark.enquiries.models.requests import (
    Consultancy,
    ConsultancyHours,
    CopyRequest,
    FeeAgreement,
    WantedForm,
)

__all__ = [
    "CitedKind",
    "Consultancy",
    "ConsultancyHours",
    "CopyRequest",
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
    "FeeAgreement",
    "GapRequest",
    "GapState",
    "LibraryGap",
    "MessageCitation",
    "MessageSender",
    "PublishedAnswer",
    "SortDecision",
    "SortReason",
    "WantedForm",
]
