"""Services that write reports: their texts, the signatures on them and their editions."""

from waymark.publishing.queries.in_progress import NEEDS
from waymark.publishing.services.carrying import carry_over_texts, confirm_texts
from waymark.publishing.services.edition_files import editions_without_files, make_files
from waymark.publishing.services.edition_notes import announce_next_edition, note_edition
from waymark.publishing.services.editions import (
    PreparedOverview,
    prepare_edition,
    publish_edition,
    store_missing_uses,
)
from waymark.publishing.services.manuscripts import (
    PreparedEdition,
    TextOvertaken,
    clean_text,
    publish_prepared,
    remove_withdrawn,
    save_version,
    sign_content,
    withdraw_edition,
    withdrawal_line,
)
from waymark.publishing.services.restricted import open_withheld, show_against_decision
from waymark.publishing.services.signing import sign_report
from waymark.publishing.services.texts import (
    NewerUnsavedText,
    drop_unsaved_text,
    save_text,
    store_unsaved_text,
)

__all__ = [
    "NEEDS",
    "NewerUnsavedText",
    "PreparedEdition",
    "PreparedOverview",
    "TextOvertaken",
    "announce_next_edition",
    "carry_over_texts",
    "clean_text",
    "confirm_texts",
    "drop_unsaved_text",
    "editions_without_files",
    "make_files",
    "note_edition",
    "open_withheld",
    "prepare_edition",
    "publish_edition",
    "publish_prepared",
    "remove_withdrawn",
    "save_text",
    "save_version",
    "show_against_decision",
    "sign_content",
    "sign_report",
    "store_missing_uses",
    "store_unsaved_text",
    "withdraw_edition",
    "withdrawal_line",
]
