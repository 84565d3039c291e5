"""Steps of several services, in their transaction."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from waymark.core.errors import NotFound, RuleError
from waymark.data_access.models import (
    AccessState,
    DataApplication,
)
from waymark.data_access.queries import (
    NONE,
)
from waymark.data_access.terms import MOST_MONTHS
from waymark.mail.email_text import EmailText
from waymark.mail.outbox import write_letter

LONGEST_REASON = 1_000


def mail_applicant(
    application: DataApplication,
    what: str,
    text: Callable[..., EmailText],
    now: datetime,
    **more: object,
) -> None:
    """Write an email once for each reference and `what`."""
    place = reverse("data-application", args=[application.reference, application.token])
    wording = text(
        application.reference,
        link=f"{settings.SITE_ADDRESS}{place}",
        site=settings.SITE_NAME,
        **more,
    )
    key = f"{application.reference} {what}"
    write_letter(key=key, to=application.address, wording=wording, now=now)


def locked_application(application: DataApplication) -> DataApplication:
    """The application with its row locked. Raises NotFound once it is erased."""
    row = DataApplication.objects.select_for_update(of=("self",)).filter(pk=application.pk).first()
    if row is None or row.erased_at is not None:
        raise NotFound(NONE)
    return row


def check_months(months: int) -> None:
    """Raise RuleError for a period that is too long."""
    if not 1 <= months <= MOST_MONTHS:
        raise RuleError(f"ask for 1 to {MOST_MONTHS} months")


def checked_reason(reason: str) -> str:
    """The reason on one line. Raises RuleError if it is empty or too long."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise RuleError(f"enter a reason of at most {LONGEST_REASON:,} characters")
    return reason


def end_access(row: DataApplication, state: AccessState, now: datetime, reason: str = "") -> None:
    """End an access, with what still waits for a decision."""
    row.approvals.filter(confirmed_at=None, dropped_at=None).update(dropped_at=now)
    row.state, row.ended_at, row.reason = state, now, reason
    row.waiting_since, row.extension, row.extension_months = None, "", None
    row.save()
