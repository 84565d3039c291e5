"""Text of an email (no Django)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EmailText:
    """Subject and plain text of an email."""

    subject: str
    body: str
