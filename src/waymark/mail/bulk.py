"""Send many emails over one SMTP connection, each step known to the caller.

smtplib.sendmail() does not tell whether a failure came before or after the text was sent, which is
the difference between "send it again" and "nobody knows".
"""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from waymark.core.errors import WaymarkError
from waymark.mail.bounce_reasons import SmtpStep
from waymark.mail.smtp import TIMEOUT_SECONDS

CLOSING = 421
"""The mail server ends the session: nothing about the email."""
_PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")


class Delivery(StrEnum):
    """What the mail server did with an email.

    LATER: refused for now (4xx). REFUSED: for good (5xx). UNKNOWN: the connection ended after the
    text and before the answer.
    """

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """Result of one email. reply: the words of the mail server with their code."""

    delivery: Delivery
    reply: str
    step: SmtpStep = SmtpStep.UNKNOWN


class ServerUnavailable(WaymarkError):
    """The mail server cannot be used now; the email that was to be sent is as it was before."""


class BulkConnection:
    """An open connection to the mail server."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(
        self, *, sender: str, to: str, message: bytes, before_text: Callable[[], None]
    ) -> DeliveryResult:
        """Send one email. before_text: called when the server waits for the text.

        Raises ServerUnavailable if the connection or the sender was refused: the next email would
        fare the same.
        """
        try:
            refused = self._recipient_refused(sender, to)
        except (smtplib.SMTPException, OSError) as error:
            raise ServerUnavailable(f"the connection ended ({_one_line(error)})") from error
        if refused is not None:
            return refused
        before_text()
        try:
            code, reply = self._server.data(message)
        except smtplib.SMTPDataError as error:
            return self._refusal(error.smtp_code, error.smtp_error, SmtpStep.TEXT)
        except (smtplib.SMTPException, OSError) as error:
            words = f"the connection ended after the text was sent ({_one_line(error)})"
            return DeliveryResult(Delivery.UNKNOWN, words, SmtpStep.TEXT)
        if code == 250:
            return DeliveryResult(Delivery.SENT, _words(code, reply), SmtpStep.TEXT)
        return self._refusal(code, reply, SmtpStep.TEXT)

    def _recipient_refused(self, sender: str, to: str) -> DeliveryResult | None:
        code, reply = self._server.docmd("MAIL", f"FROM:{_path(sender)}")
        if code != 250:
            # Of the sender, not of this recipient: a setting, a limit, or the end of the session.
            raise ServerUnavailable(_words(code, reply))
        code, reply = self._server.docmd("RCPT", f"TO:{_path(to)}")
        if code in (250, 251):
            return None
        if code == CLOSING:
            raise ServerUnavailable(_words(code, reply))
        return self._refusal(code, reply, SmtpStep.RECIPIENT)

    def _refusal(self, code: int, reply: bytes | str, step: SmtpStep) -> DeliveryResult:
        with suppress(smtplib.SMTPException, OSError):
            # The next email notices a connection that ended.
            self._server.rset()
        delivery = Delivery.REFUSED if code >= 500 else Delivery.LATER
        return DeliveryResult(delivery, _words(code, reply), step)


@contextmanager
def open_connection(server: Mapping[str, Any]) -> Iterator[BulkConnection]:
    """Connect to the mail server of the settings, and say goodbye. Raises ServerUnavailable."""
    try:
        smtp = _connected(server)
    except (smtplib.SMTPException, OSError) as error:
        reason = f"the mail server could not be reached ({_one_line(error)})"
        raise ServerUnavailable(reason) from error
    try:
        yield BulkConnection(smtp)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()


def _connected(server: Mapping[str, Any]) -> smtplib.SMTP:
    host, port = server["host"], server["port"]
    if server["use_ssl"]:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=_tls())
    else:
        smtp = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        if server["use_tls"]:
            smtp.starttls(context=_tls())
        if server["username"]:
            smtp.login(server["username"], server["password"])
        smtp.ehlo_or_helo_if_needed()
    except BaseException:
        smtp.close()
        raise
    return smtp


@cache
def _tls() -> ssl.SSLContext:
    """The certificate must be that of the host, as Django asks for single emails.

    Made once: it reads all authorities that the system trusts.
    """
    return ssl.create_default_context()


def _path(address: str) -> str:
    """An address in the brackets of SMTP.

    smtplib parses each address anew, which takes a fifth of the time of sending an email.
    """
    return f"<{address}>" if _PLAIN.fullmatch(address) else smtplib.quoteaddr(address)


def _words(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {' '.join(text.split())}"[:500]


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
