"""Apply for restricted data, with a limit for each network and address."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.crypto import salted_hmac

from waymark.accounts import audit
from waymark.accounts.permissions import Person
from waymark.core.errors import RuleError
from waymark.data_access import letters
from waymark.data_access.models import (
    AccessState,
    ApplicationEvent,
    DataApplication,
)
from waymark.data_access.queries import (
    dataset_choices,
)
from waymark.data_access.services.steps import check_months, mail_applicant
from waymark.data_access.terms import TERMS_VERSION

CHARACTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Characters of a reference, without those that are easily confused: 0 and O, 1 and I."""
DAY = timedelta(days=1)
MOST_WAITING = 200
MOST_OF_A_NETWORK = 10
MOST_OF_AN_ADDRESS = 3
"""Applications within 24 hours."""
LONGEST_PURPOSE = 5_000


class TooManyApplications(RuleError):
    """A limit of applications is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApplication:
    """What an applicant enters: see DataApplication. accepted: they accept the terms."""

    name: str
    organisation: str
    address: str
    purpose: str
    ethics: str
    dataset: str
    months: int
    accepted: bool


@audit.serialized
def apply_for_data(
    *, by: Person, asked: NewApplication, network: str, now: datetime
) -> DataApplication:
    """Store an application, and mail the private link. Anybody may apply.

    It waits for a decision once its address is confirmed there: see confirm_address.

    Raises TooManyApplications; RuleError for what is missing or not on offer.
    """
    _check_application(asked)
    _count_application(asked.address, network, now)
    application = DataApplication.objects.create(
        reference=_new_reference(now),
        token=secrets.token_urlsafe(32),
        name=asked.name.strip(),
        organisation=asked.organisation.strip(),
        address=asked.address.strip(),
        purpose=asked.purpose.strip(),
        ethics=asked.ethics.strip(),
        dataset=asked.dataset,
        months=asked.months,
        terms=TERMS_VERSION,
        received_at=now,
    )
    mail_applicant(application, "received", letters.received_email, now)
    audit.record_about(by, "receive data application", application, now)
    return application


def _check_application(asked: NewApplication) -> None:
    for name in ("name", "organisation", "address", "purpose", "ethics"):
        if not getattr(asked, name).strip():
            raise RuleError(f"enter your {name}")
    if len(asked.purpose) > LONGEST_PURPOSE:
        raise RuleError(f"describe the purpose in at most {LONGEST_PURPOSE:,} characters")
    if asked.dataset not in dataset_choices():
        raise RuleError("choose a dataset of the list")
    check_months(asked.months)
    if not asked.accepted:
        raise RuleError("accept the terms: without them we cannot give you the data")


def _count_application(address: str, network: str, now: datetime) -> None:
    ApplicationEvent.objects.filter(at__lte=now - DAY).delete()
    marks = {
        _mark("network", network): MOST_OF_A_NETWORK,
        _mark("address", address): MOST_OF_AN_ADDRESS,
    }
    full = any(
        ApplicationEvent.objects.filter(mark=mark).count() >= most for mark, most in marks.items()
    )
    waiting = DataApplication.objects.filter(state=AccessState.WAITING)
    # Older ones that nobody confirmed keep nobody out until they are deleted.
    waiting = waiting.filter(Q(confirmed_at__isnull=False) | Q(received_at__gt=now - DAY))
    if full or waiting.count() >= MOST_WAITING:
        raise TooManyApplications("we have received many applications today: try again tomorrow")
    ApplicationEvent.objects.bulk_create(ApplicationEvent(mark=mark, at=now) for mark in marks)


def _mark(kind: str, value: str) -> str:
    value = value.strip().casefold()
    return salted_hmac(f"data application {kind}", value, algorithm="sha256").hexdigest()


def _new_reference(now: datetime) -> str:
    return f"DA{now.year}-{''.join(secrets.choice(CHARACTERS) for _ in range(6))}"
