"""Send an email over SMTP."""

import smtplib
from contextlib import suppress
from email.utils import format_datetime, formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from waymark.core.errors import WaymarkError
from waymark.mail.flowed import flowed_text, joined_paragraphs
from waymark.mail.models import Letter

TIMEOUT_SECONDS = 20
"""Timeout for each answer of the mail server."""


class SendingFailed(WaymarkError):
    """The mail server did not accept an email. final: trying again is of no use."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


def can_send() -> bool:
    """Return True if a mail server is configured."""
    return bool(settings.MAIL_SERVER["host"])


def send_email(letter: Letter) -> None:
    """Send an email, with the same Message-ID each time. Raises SendingFailed."""
    reply_to = letter.reply_to or settings.CONTACT_EMAIL
    message = FlowedMessage(
        letter.subject,
        _printed_body(letter),
        formataddr((settings.SITE_NAME, settings.MAIL_FROM)),
        [letter.to],
        headers=_headers_of(letter),
        reply_to=[reply_to] if reply_to else None,
    )
    try:
        _hand_over(message)
    except smtplib.SMTPRecipientsRefused as refused:
        answers = refused.recipients.values()
        reason = "; ".join(_server_answer(code, text) for code, text in answers)
        raise SendingFailed(reason, final=all(code >= 500 for code, _ in answers)) from refused
    except smtplib.SMTPDataError as refused:
        # RFC 5321: 5xx answers are permanent, 4xx ones are not.
        reason = _server_answer(refused.smtp_code, refused.smtp_error)
        raise SendingFailed(reason, final=refused.smtp_code >= 500) from refused
    except smtplib.SMTPResponseException as refused:
        # Refused before the message itself (sign-in, sender): a setting that can be corrected.
        raise SendingFailed(
            _server_answer(refused.smtp_code, refused.smtp_error), final=False
        ) from refused
    except (smtplib.SMTPException, OSError) as error:
        raise SendingFailed(
            f"the mail server could not be reached ({error})", final=False
        ) from error
    except ValueError as error:  # an address that cannot be a header
        raise SendingFailed(f"the email address is not valid ({error})", final=True) from error


class FlowedMessage(EmailMessage):
    """Email of plain text whose lines each window wraps anew."""

    def message(self, **options: Any) -> Any:
        """The email with the parameter that says so."""
        message = super().message(**options)
        message.set_param("format", "flowed")
        return message


def _printed_body(letter: Letter) -> str:
    """Body of an email, with the site and its contact at the end where it does not name them."""
    body = joined_paragraphs(letter.body) if letter.automatic else letter.body
    contact = ", ".join(filter(None, (settings.CONTACT_EMAIL, settings.CONTACT_PHONE)))
    site = settings.SITE_ADDRESS
    # A link to a page begins with the address of the site, and is not the address.
    lines = [] if site in body.split() else [f"{settings.SITE_NAME}: {site}"]
    lines += [f"Contact: {contact}"] if contact and contact not in body else []
    if lines:
        body = "\n".join((body.rstrip(), "", "-- ", *lines, ""))
    return flowed_text(body)


def _headers_of(letter: Letter) -> dict[str, str]:
    """Headers besides sender, recipient and subject.

    Auto-Submitted keeps automatic replies from coming back.
    """
    headers = {
        "Message-ID": letter.message_id,
        "Date": format_datetime(letter.written_at),
    }
    if letter.automatic:
        answers = "auto-replied" if letter.in_reply_to else "auto-generated"
        headers |= {"Auto-Submitted": answers, "X-Auto-Response-Suppress": "All"}
    if letter.in_reply_to:
        headers |= {"In-Reply-To": letter.in_reply_to, "References": letter.in_reply_to}
    return headers


def _hand_over(message: EmailMessage) -> None:
    connection = EmailBackend(timeout=TIMEOUT_SECONDS, **settings.MAIL_SERVER)
    connection.open()
    try:
        connection.send_messages([message])
    finally:
        # The server has accepted the message or not by now: an error on closing changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            connection.close()


def _server_answer(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"
