"""The only writers of enquiries, one module for each subject."""

from waymark.enquiries.services.answering import (
    AFTER_ANSWER,
    LONGEST_ANSWER,
    PreparedAnswer,
    assign_enquiry,
    change_kind,
    close_enquiry,
    note_on_enquiry,
    prepare_answer,
    reopen_enquiry,
    send_answer,
)
from waymark.enquiries.services.asking import NewEnquiry, log_call, reply_on_page, take_enquiry
from waymark.enquiries.services.drafts import NewerDraft, drop_draft, store_draft
from waymark.enquiries.services.inbound import decide_email, take_email
from waymark.enquiries.services.limits import TooManyEnquiries

__all__ = [
    "AFTER_ANSWER",
    "LONGEST_ANSWER",
    "NewEnquiry",
    "NewerDraft",
    "PreparedAnswer",
    "TooManyEnquiries",
    "assign_enquiry",
    "change_kind",
    "close_enquiry",
    "decide_email",
    "drop_draft",
    "log_call",
    "note_on_enquiry",
    "prepare_answer",
    "reopen_enquiry",
    "reply_on_page",
    "send_answer",
    "store_draft",
    "take_email",
    "take_enquiry",
]
