"""Limits of the desk by the day: nobody can flood it, or somebody else's mailbox through it."""

from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from waymark.core.errors import RuleError
from waymark.enquiries.models import DeskEvent, Enquiry, EnquiryState

DAY = timedelta(days=1)
MOST_WAITING = 1_000
"""Enquiries without an answer: a flood must not fill the database."""
LIMITS = {"network": 10, "mailbox": 5, "receipt": 1, "reply": 20, "sender": 10}
"""Kind -> most of it within 24 hours: enquiries of a network or with an email address, receipts to
an address, replies to an enquiry, emails from an address."""


class TooManyEnquiries(RuleError):
    """A limit of the desk is reached."""

    def __init__(self) -> None:
        super().__init__(
            "we have received too many messages at once: call us instead, or try again tomorrow"
        )


def keyed_mark(kind: str, value: str) -> str:
    """Keyed hash of an address or network: comparable, and unreadable without the secret key."""
    return salted_hmac(f"enquiry {kind}", value.strip().casefold(), algorithm="sha256").hexdigest()


def is_reached(kind: str, value: str, now: datetime) -> bool:
    """True if no more of a kind is accepted from an address or network until later."""
    recent = DeskEvent.objects.filter(kind=kind, mark=keyed_mark(kind, value), at__gt=now - DAY)
    return recent.count() >= LIMITS[kind]


def count_event(kind: str, value: str, now: datetime) -> None:
    """Count one in the caller's transaction, and forget those of earlier days."""
    DeskEvent.objects.filter(at__lte=now - DAY).delete()
    DeskEvent.objects.create(kind=kind, mark=keyed_mark(kind, value), at=now)


def count_old_events(*, before: datetime) -> int:
    """Number of events before a time that are still counted."""
    return DeskEvent.objects.filter(at__lte=before).count()


def forget_old_events(*, before: datetime) -> int:
    """Forget events before a time; returns how many. The next event does it too."""
    return DeskEvent.objects.filter(at__lte=before).delete()[0]


def check_room(*, network: str, address: str, now: datetime) -> None:
    """Raise TooManyEnquiries if a limit is reached. address: "" for none."""
    if (
        is_reached("network", network, now)
        or (address and is_reached("mailbox", address, now))
        or Enquiry.objects.filter(state=EnquiryState.WAITING).count() >= MOST_WAITING
    ):
        raise TooManyEnquiries
