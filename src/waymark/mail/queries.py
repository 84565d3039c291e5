"""Emails that staff may see."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import require_found
from waymark.mail.models import InboundMail, InboundMailKind, InboundMailState, Letter

MANAGE = "manage emails"


@dataclass(frozen=True, slots=True)
class UnsentEmails:
    """Unsent emails. failed: those that are not tried again automatically."""

    waiting: tuple[Letter, ...]
    failed: tuple[Letter, ...]


def unsent_emails(person: Actor) -> UnsentEmails:
    """The emails that are not sent, the oldest first. Raises NotPermitted."""
    rows = list(unsent_rows(person).order_by("written_at", "pk"))
    failed = [letter for letter in rows if letter.failed and letter.lease_until is None]
    return UnsentEmails(tuple(letter for letter in rows if letter not in failed), tuple(failed))


def unsent_rows(person: Actor) -> QuerySet[Letter]:
    """The emails that are not sent. Raises NotPermitted."""
    require_permission(person, MANAGE)
    return Letter.objects.filter(sent_at=None)


@dataclass(frozen=True, slots=True)
class EmailCounts:
    """Numbers of unsent emails. failed: given up; late: written more than a day ago, not given up;
    waiting: all that are not given up."""

    waiting: int
    failed: int
    late: int


def email_counts(now: datetime) -> EmailCounts:
    """Numbers of unsent emails, for those who watch the site."""
    failed = Q(lease_until=None) & ~Q(failed="")
    late = ~failed & Q(written_at__lt=now - timedelta(days=1))
    counts = Letter.objects.filter(sent_at=None).aggregate(
        all_waiting=Count("pk", filter=~failed),
        all_failed=Count("pk", filter=failed),
        all_late=Count("pk", filter=late),
    )
    return EmailCounts(counts["all_waiting"], counts["all_failed"], counts["all_late"])


def letters_about(subject: str, person: Actor) -> list[Letter]:
    """The emails about one subject, the oldest first. Raises NotPermitted."""
    require_permission(person, MANAGE)
    return list(Letter.objects.filter(key__startswith=f"{subject} "))


def letter_for(number: int, person: Actor) -> Letter:
    """An email by its number. Raises NotPermitted, NotFound."""
    require_permission(person, MANAGE)
    return require_found(Letter.objects.filter(pk=number).first(), f"there is no email {number}")


def listed_inbound(person: Actor) -> QuerySet[InboundMail]:
    """All emails that arrived. Raises NotPermitted."""
    require_permission(person, MANAGE)
    return InboundMail.objects.all()


def next_unknown_mail() -> InboundMail | None:
    """The email that has waited longest to be looked at, None if there is none."""
    return InboundMail.objects.filter(
        kind=InboundMailKind.UNKNOWN, state=InboundMailState.WAITING
    ).first()


def next_bounce() -> InboundMail | None:
    """The oldest email to a return address of a mailing that waits; None if there is none."""
    return InboundMail.objects.filter(
        state=InboundMailState.WAITING, kind=InboundMailKind.BOUNCE
    ).first()


def inbound_for(number: int, person: Actor) -> InboundMail:
    """An email that arrived. Raises NotPermitted, NotFound."""
    require_permission(person, MANAGE)
    return require_found(
        InboundMail.objects.filter(pk=number).first(), f"there is no mail {number}"
    )
