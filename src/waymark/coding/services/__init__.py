"""The only writers of codings, suggestions and the agreed layer, one module for each subject."""

from waymark.coding.services.codings import (
    assign_coder,
    decide_suggestion,
    finish_coding,
    merge_codings,
    move_codings,
    record_coding,
    reopen_coding,
    settle_codes,
    store_suggestions,
    withdraw_coding,
)
from waymark.coding.services.exchange import (
    change_project_import,
    close_project_import,
    drop_project_import,
    note_export,
    open_project_import,
)

__all__ = [
    "assign_coder",
    "change_project_import",
    "close_project_import",
    "decide_suggestion",
    "drop_project_import",
    "finish_coding",
    "merge_codings",
    "move_codings",
    "note_export",
    "open_project_import",
    "record_coding",
    "reopen_coding",
    "settle_codes",
    "store_suggestions",
    "withdraw_coding",
]
