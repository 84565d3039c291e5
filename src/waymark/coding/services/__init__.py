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

__all__ = [
    "assign_coder",
    "decide_suggestion",
    "finish_coding",
    "merge_codings",
    "move_codings",
    "record_coding",
    "reopen_coding",
    "settle_codes",
    "store_suggestions",
    "withdraw_coding",
]
