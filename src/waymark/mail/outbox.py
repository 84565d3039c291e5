"""Write an email in the transaction of the event it reports. For the services of every stage."""

import secrets
from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from waymark.mail.email_text import EmailText, EmailThread
from waymark.mail.models import Letter

ALONE = EmailThread()


def write_letter(
    *,
    key: str,
    to: str,
    wording: EmailText,
    now: datetime,
    thread: EmailThread = ALONE,
) -> Letter:
    """Write an email in the caller's transaction; an existing key writes nothing.

    The caller checks the permission for the event. key: the subject of the event and what happened
    to it, such as "D2026-7KQ4M2 received"; letters_about() finds the emails by the subject.
    """
    # RFC 6761 reserves .invalid: a Message-ID needs a domain even before the site has a sender.
    domain = settings.MAIL_FROM.rpartition("@")[2] or "waymark.invalid"
    letter, _ = Letter.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "subject": wording.subject,
            "body": with_organisation(wording.body),
            "message_id": f"<{secrets.token_hex(16)}@{domain}>",
            "reply_to": thread.reply_to,
            "in_reply_to": thread.in_reply_to,
            "automatic": thread.automatic,
            "written_at": now,
        },
    )
    return letter


def with_organisation(body: str) -> str:
    """An email with the organisation that runs the site and its postal address, if set."""
    parts = filter(None, (settings.ORGANISATION, settings.ORGANISATION_ADDRESS))
    lines = ", ".join(parts)
    return f"{body.rstrip()}\n{lines}\n" if lines else body


def erase_letters(*, keys: Collection[str]) -> None:
    """Delete emails in the caller's transaction: the time for which their addresses are kept is
    over. One that was not sent by then is of no use.
    """
    Letter.objects.filter(key__in=keys).delete()
