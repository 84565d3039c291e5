"""The only writers of reviews, originals, reports and intakes.

An original is on the disk before the row that names it, and a report's rows are written in one
transaction: a process killed anywhere leaves nothing half done, at most a file that sweep() takes.
"""

from waymark.documents.services.intake import (
    LEASE,
    finish_intake,
    lease_intake,
    receive_upload,
    refuse_intake,
    sweep,
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
    "add_review",
    "change_review",
    "finish_intake",
    "lease_intake",
    "receive_upload",
    "refuse_intake",
    "set_report_state",
    "set_review_state",
    "store_report",
    "sweep",
]
