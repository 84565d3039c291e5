"""Services that write reports: their texts, the signatures on them and their editions."""

from waymark.publishing.queries.in_progress import NEEDS
from waymark.publishing.services.editions import (
    PreparedEdition,
    prepare_edition,
    publish_edition,
    remove_withdrawn,
    withdraw_edition,
    withdrawal_line,
)
from waymark.publishing.services.restricted import open_withheld, show_against_decision
from waymark.publishing.services.signing import sign_report
from waymark.publishing.services.texts import TextOvertaken, clean_text, save_text

__all__ = [
    "NEEDS",
    "PreparedEdition",
    "TextOvertaken",
    "clean_text",
    "open_withheld",
    "prepare_edition",
    "publish_edition",
    "remove_withdrawn",
    "save_text",
    "show_against_decision",
    "sign_report",
    "withdraw_edition",
    "withdrawal_line",
]
