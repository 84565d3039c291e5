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
from waymark.coding.services.preferences import choose_keys, choose_settings
from waymark.coding.services.rounds import (
    RoundOptions,
    change_reasons,
    note_return,
    start_round,
    store_decision,
    undo_decision,
)
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
    "RoundOptions",
    "add_code",
    "assign_coder",
    "change_coding",
    "change_project_import",
    "change_reasons",
    "choose_keys",
    "choose_settings",
    "close_project_import",
    "decide_suggestion",
    "drop_project_import",
    "finish_coding",
    "mark_part",
    "merge_codings",
    "move_codings",
    "note_export",
    "note_return",
    "open_project_import",
    "record_coding",
    "redo_act",
    "remove_coding",
    "reopen_coding",
    "settle_codes",
    "start_round",
    "store_decision",
    "store_suggestions",
    "undo_act",
    "undo_decision",
    "withdraw_coding",
    "write_report_memo",
]
