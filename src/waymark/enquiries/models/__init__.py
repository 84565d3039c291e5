"""Tables of the Information Service."""

from waymark.enquiries.models.answers import PublishedAnswer
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
from waymark.enquiries.models.gaps import GapRequest, GapState, LibraryGap
from waymark.enquiries.models.requests import (
    Consultancy,
    ConsultancyHours,
    CopyRequest,
    FeeAgreement,
    WantedForm,
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
    "LineRun",
    "LiteratureSearch",
    "MessageCitation",
    "MessageSender",
    "PublishedAnswer",
    "SearchLine",
    "SearchResult",
    "SearchSource",
    "SortDecision",
    "SortReason",
    "WantedForm",
]
