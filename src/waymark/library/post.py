"""Handing a letter to the mail server over SMTP."""

import smtplib
from contextlib import suppress
from email.utils import format_datetime, formataddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from waymark.core.errors import WaymarkError
from waymark.library.models import Letter

SECONDS = 20
"""How long the mail server may take for each answer."""


class Unsent(WaymarkError):
    """The mail server did not take a letter. final: it would not take it another time either."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


def can_send() -> bool:
    """Whether a mail server is set."""
    return bool(settings.MAIL_SERVER["host"])


def post(letter: Letter) -> None:
    """Send a letter, the same one each time. Raises Unsent.

    Auto-Submitted keeps automatic answers from coming back.
    """
    message = EmailMessage(
        letter.subject,
        letter.body,
        formataddr((settings.SITE_NAME, settings.MAIL_FROM)),
        [letter.to],
        headers={
            "Message-ID": letter.message_id,
            "Date": format_datetime(letter.written_at),
            "Auto-Submitted": "auto-generated",
        },
    )
    line = EmailBackend(timeout=SECONDS, **settings.MAIL_SERVER)
    try:
        line.open()
        try:
            line.send_messages([message])
        finally:
            # It is sent or not by now: a server that says goodbye badly changes nothing.
            with suppress(smtplib.SMTPException, OSError):
                line.close()
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        said = "; ".join(_said(code, text) for code, text in refused.recipients.values())
        raise Unsent(said, final=all(code >= 500 for code in codes)) from refused
    except smtplib.SMTPDataError as refused:
        said = _said(refused.smtp_code, refused.smtp_error)
        raise Unsent(said, final=refused.smtp_code >= 500) from refused
    except smtplib.SMTPResponseException as refused:
        raise Unsent(_said(refused.smtp_code, refused.smtp_error), final=False) from refused
    except (smtplib.SMTPException, OSError) as error:
        raise Unsent(f"the mail server could not be reached ({error})", final=False) from error
    except ValueError as error:  # an address that cannot be written in a letter
        raise Unsent(f"the address cannot be written to ({error})", final=True) from error


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"
