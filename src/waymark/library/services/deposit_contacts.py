"""Erase who sent a deposit, some time after the decision about it."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from waymark.accounts import audit
from waymark.library.models import Deposit, DepositState
from waymark.mail.models import Letter
from waymark.mail.outbox import erase_letters

MOST_AT_ONCE = 50


def returned_before(before: datetime) -> QuerySet[Deposit]:
    """Deposits returned before a time that still have a contact."""
    return _decided(DepositState.RETURNED, before)


def published_before(before: datetime) -> QuerySet[Deposit]:
    """Deposits published before a time that still have a contact."""
    return _decided(DepositState.PUBLISHED, before)


def _decided(state: DepositState, before: datetime) -> QuerySet[Deposit]:
    rows = Deposit.objects.filter(state=state, decided_at__lte=before)
    return rows.exclude(contact_email="", contact_name="")


@audit.serialized
def erase_returned(*, before: datetime, now: datetime) -> int:
    """Erase the contacts of some deposits returned before a time; returns how many."""
    return _erase(returned_before(before).select_for_update(of=("self",))[:MOST_AT_ONCE], now)


@audit.serialized
def erase_published(*, before: datetime, now: datetime) -> int:
    """Erase the contacts of some deposits published before a time; returns how many."""
    return _erase(published_before(before).select_for_update(of=("self",))[:MOST_AT_ONCE], now)


def _erase(deposits: Iterable[Deposit], now: datetime) -> int:
    number = 0
    for deposit in deposits:
        letters = Letter.objects.filter(key__startswith=f"{deposit.reference} ")
        erase_letters(keys=list(letters.values_list("key", flat=True)))
        deposit.contact_name = deposit.contact_email = ""
        deposit.save(update_fields=["contact_name", "contact_email"])
        audit.record_about(None, "erase contact", deposit, now)
        number += 1
    return number
