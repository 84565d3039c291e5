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
from waymark.enquiries.services.search_results import (
    MOST_RESULTS,
    USUAL_RESULTS,
    TypedNote,
    add_publication,
    choose_record,
    remove_result,
    save_notes,
)
from waymark.enquiries.services.searches import (
    OUR_LIBRARY,
    SearchDescription,
    copy_search,
    describe_search,
    finish_search,
    reopen_search,
    start_search,
)
from waymark.enquiries.services.strategies import (
    TypedLine,
    add_source,
    remove_source,
    run_source,
    save_lines,
    typed_lines,
)

__all__ = [
    "AFTER_ANSWER",
    "LONGEST_ANSWER",
    "MOST_RESULTS",
    "OUR_LIBRARY",
    "USUAL_RESULTS",
    "NewEnquiry",
    "NewerDraft",
    "PreparedAnswer",
    "SearchDescription",
    "TooManyEnquiries",
    "TypedLine",
    "TypedNote",
    "add_publication",
    "add_source",
    "assign_enquiry",
    "change_kind",
    "choose_record",
    "close_enquiry",
    "copy_search",
    "decide_email",
    "describe_search",
    "drop_draft",
    "finish_search",
    "log_call",
    "note_on_enquiry",
    "prepare_answer",
    "remove_result",
    "remove_source",
    "reopen_enquiry",
    "reopen_search",
    "reply_on_page",
    "run_source",
    "save_lines",
    "save_notes",
    "send_answer",
    "start_search",
    "store_draft",
    "take_email",
    "take_enquiry",
    "typed_lines",
]
