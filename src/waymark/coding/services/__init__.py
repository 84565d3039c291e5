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
from waymark.coding.services.preferences import choose_keys, choose_settings
from waymark.coding.services.workbench import (
    CodingPlace,
    add_code,
    change_coding,
    mark_part,
    redo_act,
    remove_coding,
    undo_act,
    write_report_memo,
)

__all__ = [
    "CodingPlace",
    "add_code",
    "assign_coder",
    "change_coding",
    "choose_keys",
    "choose_settings",
    "decide_suggestion",
    "finish_coding",
    "mark_part",
    "merge_codings",
    "move_codings",
    "record_coding",
    "redo_act",
    "remove_coding",
    "reopen_coding",
    "settle_codes",
    "store_suggestions",
    "undo_act",
    "withdraw_coding",
    "write_report_memo",
]
