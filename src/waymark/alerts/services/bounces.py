"""What failures mean for subscribers: only an address that does not exist is stopped.

Everything else is counted: soft failures in a row, until an email arrives again, and complaints,
both of which staff can see. A mail that is no failure of one of our emails changes nothing.
"""

import re
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.models import Bounce, BounceSource, Mailing, Subscriber
from waymark.alerts.queries.dispatches import mailing_of_return
from waymark.alerts.queries.subscribers import MANAGE
from waymark.alerts.services.subscriptions import stop_undeliverable
from waymark.mail.bounce_reasons import HARD, BounceKind, ServerReply, kind_of
from waymark.mail.bounces import BouncedRecipient, MailReport
from waymark.mail.bulk import DeliveryResult

REASONS = {
    BounceKind.USER_UNKNOWN: "The address does not exist: emails to it come back",
    BounceKind.HOST_UNKNOWN: "The domain of the address takes no email",
}
"""Kind -> why sending to the address was stopped, as staff and the person read it."""
_ADDRESS = re.compile(r"[^\s<>@:;,\"']{1,64}@[^\s<>@:;,\"']+")


@audit.serialized
def refused_by_server(*, mailing: Mailing, result: DeliveryResult, now: datetime) -> None:
    """Note that the mail server refused an email for good while it was being sent."""
    kind = kind_of(ServerReply(result.reply, step=result.step))
    _note(mailing, BounceSource.SERVER, kind, result.reply, "", now)


@audit.serialized
def bounced_email(*, recipient: str, sha256: str, report: MailReport, now: datetime) -> bool:
    """Note what an email that came back says; False if it is no bounce of one of our emails.

    recipient: the address it was sent to. sha256: of its bytes; the same one counts once. An email
    to a return address is about that mailing, whichever address its text names: forwarding hides
    the address that we know.
    """
    mailing = mailing_of_return(recipient)
    worst = _worst(report)
    if mailing is None or worst is None:
        return False
    if not Bounce.objects.filter(mailing=mailing, sha256=sha256).exists():
        _note(mailing, BounceSource.EMAIL, worst.kind, worst.reason, sha256, now)
    return True


def _worst(report: MailReport) -> BouncedRecipient | None:
    """The recipient that counts: one that does not exist before the others."""
    failures = [row for row in report.recipients if row.kind is not BounceKind.DELIVERED]
    return max(failures, key=lambda row: row.hard, default=None)


def _note(
    mailing: Mailing,
    source: BounceSource,
    kind: BounceKind,
    words: str,
    sha256: str,
    now: datetime,
) -> None:
    Bounce.objects.create(
        mailing=mailing,
        source=source,
        sha256=sha256,
        kind=kind,
        hard=kind in HARD,
        words=_ADDRESS.sub("(address)", " ".join(words.split()))[:300],
        at=now,
    )
    if kind in HARD:
        stop_undeliverable(subscriber=mailing.subscriber, reason=REASONS[kind], now=now)


@audit.serialized
def mark_seen(*, by: Actor, subscriber: Subscriber, now: datetime) -> int:
    """Take the failures of a subscriber off the list of those to look at; return how many."""
    require_permission(by, MANAGE)
    rows = Bounce.objects.filter(mailing__subscriber=subscriber, seen_at=None)
    number = rows.update(seen_at=now, seen_by=by)
    if number:
        audit.record_about(by, "see bounces", subscriber, now, bounces=number)
    return number
