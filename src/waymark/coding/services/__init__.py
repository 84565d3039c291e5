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
from waymark.coding.services.rounds import (
    RoundOptions,
    change_reasons,
    note_return,
    start_round,
    store_decision,
    undo_decision,
)

__all__ = [
    "RoundOptions",
    "assign_coder",
    "change_reasons",
    "decide_suggestion",
    "finish_coding",
    "merge_codings",
    "move_codings",
    "note_return",
    "record_coding",
    "reopen_coding",
    "settle_codes",
    "start_round",
    "store_decision",
    "store_suggestions",
    "undo_decision",
    "withdraw_coding",
]
