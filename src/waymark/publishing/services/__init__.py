"""Writing what is given out: the texts of a report, signatures on it, editions."""

from waymark.publishing.services.editions import (
    folder,
    publish_overview,
    remove_withdrawn,
    withdraw,
    withdrawal_line,
)
from waymark.publishing.services.restricted import open_withheld
from waymark.publishing.services.signing import NEEDS, sign_report
from waymark.publishing.services.texts import Overtaken, clean, save_text

__all__ = [
    "NEEDS",
    "Overtaken",
    "clean",
    "folder",
    "open_withheld",
    "publish_overview",
    "remove_withdrawn",
    "save_text",
    "sign_report",
    "withdraw",
    "withdrawal_line",
]
