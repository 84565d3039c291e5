"""The only writers of reviews, originals, reports and intakes.

An original is on the disk before the row that names it, and a report's rows are written in one
transaction: a killed process leaves at most a file that the same step finds when it is repeated.
"""

from waymark.documents.services.anonymity import (
    AlertChanges,
    answer_alerts,
    find_in_reading,
    has_new_identifiers,
    list_words,
    open_alerts,
    reason_not_anonymous,
    reasons_not_anonymous,
    refresh_alerts,
    unlist_words,
)
from waymark.documents.services.filing import (
    enter_review,
    erase_original,
    move_reports,
    name_report,
)
from waymark.documents.services.hidden_text import (
    answer_hidden_text,
    answer_properties,
    reason_held_back,
    reasons_held_back,
    record_check,
    unanswered_findings,
)
from waymark.documents.services.intake import (
    LEASE,
    StagedFile,
    finish_intake,
    lease_intake,
    postpone_intake,
    queue_deposit,
    receive_upload,
    refuse_intake,
    stage_file,
    sweep_leftovers,
)
from waymark.documents.services.quarantine import bring_back, move_aside
from waymark.documents.services.readiness import open_reasons, reason_not_ready, require_ready
from waymark.documents.services.readings import (
    accept_reading,
    decide_move,
    propose_reading,
    reject_reading,
    replace_reading,
)
from waymark.documents.services.recognition import (
    choose_pages,
    fail_page,
    fail_reading,
    finish_page,
    lease_page,
    mark_in_text,
    queue_unread,
    reason_unread,
    recognised_pages,
    release_pages,
    reports_behind,
    return_page,
)
from waymark.documents.services.reports import store_report
from waymark.documents.services.reviews import (
    add_review,
    change_review,
    set_report_state,
    set_review_state,
)

__all__ = [
    "LEASE",
    "AlertChanges",
    "StagedFile",
    "accept_reading",
    "add_review",
    "answer_alerts",
    "answer_hidden_text",
    "answer_properties",
    "bring_back",
    "change_review",
    "choose_pages",
    "decide_move",
    "enter_review",
    "erase_original",
    "fail_page",
    "fail_reading",
    "find_in_reading",
    "finish_intake",
    "finish_page",
    "has_new_identifiers",
    "lease_intake",
    "lease_page",
    "list_words",
    "mark_in_text",
    "move_aside",
    "move_reports",
    "name_report",
    "open_alerts",
    "open_reasons",
    "postpone_intake",
    "propose_reading",
    "queue_deposit",
    "queue_unread",
    "reason_held_back",
    "reason_not_anonymous",
    "reason_not_ready",
    "reason_unread",
    "reasons_held_back",
    "reasons_not_anonymous",
    "receive_upload",
    "recognised_pages",
    "record_check",
    "refresh_alerts",
    "refuse_intake",
    "reject_reading",
    "release_pages",
    "replace_reading",
    "reports_behind",
    "require_ready",
    "return_page",
    "set_report_state",
    "set_review_state",
    "stage_file",
    "store_report",
    "sweep_leftovers",
    "unanswered_findings",
    "unlist_words",
]
