"""Text of an email, and the thread that it belongs to (no Django)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EmailText:
    """Subject and plain text of an email."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class EmailThread:
    """Thread of an email. reply_to: where replies go, "" for the sender. in_reply_to: Message-ID of
    the email that it answers. automatic: no person wrote it, so that no program replies to it.
    """

    reply_to: str = ""
    in_reply_to: str = ""
    automatic: bool = True
