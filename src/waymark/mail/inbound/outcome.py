"""The bytes of emails that arrived, and what became of each. For the services of every stage."""

from pathlib import Path

from django.conf import settings

from waymark.core.errors import FileRefused
from waymark.mail.models import InboundMail, InboundMailKind, InboundMailState


def raw_folder() -> Path:
    """Folder of the bytes of emails. It is part of each backup."""
    return Path(settings.DATA) / "inbound-mail"


def raw_path(sha256: str) -> Path:
    """File of the bytes of an email."""
    return raw_folder() / sha256[:2] / f"{sha256}.eml"


def raw_bytes(mail: InboundMail) -> bytes:
    """The bytes of an email. Raises FileRefused if they are not there."""
    try:
        return raw_path(mail.sha256).read_bytes()
    except OSError as error:
        raise FileRefused(
            str(mail), "its file is not in the data folder", "Restore it from a backup"
        ) from error


def note_outcome(
    mail: InboundMail, kind: InboundMailKind, state: InboundMailState, reason: str = ""
) -> None:
    """Store what an email is and what happened to it, in the caller's transaction."""
    mail.kind, mail.state, mail.reason = kind, state, reason[:500]
    mail.save(update_fields=["kind", "state", "reason"])


def own_addresses() -> frozenset[str]:
    """Addresses of this site, in lower case."""
    addresses = (settings.MAIL_FROM, settings.CONTACT_EMAIL, settings.COMPLAINTS_EMAIL)
    return frozenset(address.casefold() for address in addresses if address)


def erase_raw(mail: InboundMail) -> None:
    """Delete the bytes and the recipient of an email, in the caller's transaction.

    The row stays while its source may have the email, so that it does not come again.
    """
    raw_path(mail.sha256).unlink(missing_ok=True)
    mail.has_raw, mail.recipient, mail.reason = False, "", ""
    mail.save(update_fields=["has_raw", "recipient", "reason"])
