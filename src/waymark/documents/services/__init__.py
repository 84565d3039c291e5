"""The only writers of reviews, originals, reports and intakes.

An original is on the disk before the row that names it, and a report's rows are written in one
transaction: a killed process leaves at most a file that the same step finds when it is repeated.
"""

from waymark.documents.services.filing import (
    enter_review,
    erase_original,
    move_reports,
    name_report,
)
from waymark.documents.services.hidden_text import (
    answer_hidden_text,
    reason_held_back,
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
from waymark.documents.services.reports import store_report
from waymark.documents.services.reviews import (
    add_review,
    change_review,
    set_report_state,
    set_review_state,
)

__all__ = [
    "LEASE",
    "StagedFile",
    "add_review",
    "answer_hidden_text",
    "bring_back",
    "change_review",
    "enter_review",
    "erase_original",
    "finish_intake",
    "lease_intake",
    "move_aside",
    "move_reports",
    "name_report",
    "postpone_intake",
    "queue_deposit",
    "reason_held_back",
    "receive_upload",
    "record_check",
    "refuse_intake",
    "set_report_state",
    "set_review_state",
    "stage_file",
    "store_report",
    "sweep_leftovers",
    "unanswered_findings",
]
