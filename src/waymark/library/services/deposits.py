"""Deposits of boards: received, checked, filed, published or returned; a letter at each end."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils.crypto import salted_hmac

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, Person, require
from waymark.core.errors import RuleError
from waymark.documents.models import Review
from waymark.library import wording
from waymark.library.models import Deposit, DepositMade, DepositState, ReviewDetails
from waymark.library.services.letters import write_letter

DAY = timedelta(days=1)
MOST_A_DAY = 10
"""Deposits of one address of the network, and of one e-mail address, within a day."""
MOST_WAITING = 50
"""Deposits that nobody has looked at yet: each may hold many large files."""
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Signs of a reference: none that is taken for another when read aloud."""


class TooManyDeposits(RuleError):
    """No deposit can be taken now."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a board says of what it sends; see models.Deposit."""

    board: str
    contact_name: str
    contact_email: str
    title: str
    rights: str
    note: str = ""
    anonymous: bool = False
    embargo_until: date | None = None
    available_years: int = 5


def check_room(*, origin: str, mailbox: str, now: datetime) -> None:
    """Raises TooManyDeposits where a limit is reached. mailbox: "" where it is not known yet."""
    since = DepositMade.objects.filter(at__gt=now - DAY)
    if since.filter(origin=_keyed("origin", origin)).count() >= MOST_A_DAY or (
        mailbox and since.filter(mailbox=_keyed("mailbox", mailbox)).count() >= MOST_A_DAY
    ):
        raise TooManyDeposits(
            f"At most {MOST_A_DAY} deposits can be made in a day: go on tomorrow, or write to us"
        )
    if Deposit.objects.filter(state=DepositState.RECEIVED).count() >= MOST_WAITING:
        raise TooManyDeposits(
            "Too many deposits are waiting to be looked at: try again in a few days, or write to us"
        )


def _keyed(kind: str, said: str) -> str:
    return salted_hmac(f"deposit {kind}", said.strip().casefold(), algorithm="sha256").hexdigest()


def new_reference(now: datetime) -> str:
    """A reference that tells nothing and that nobody guesses, as "D2026-7KQ4M2"."""
    return f"D{now.year}-{''.join(secrets.choice(LETTERS) for _ in range(6))}"


@audit.in_turn
def take_deposit(
    *,
    by: Person,
    offer: Offer,
    reference: str,
    batch: str,
    files: int,
    origin: str,
    now: datetime,
) -> Deposit:
    """Write down a deposit, and the letter that says it has come in.

    Anybody may make one; staff alone see it. batch: of the files in the queue; origin: where the
    request came from. Raises TooManyDeposits.
    """
    DepositMade.objects.filter(at__lte=now - DAY).delete()
    check_room(origin=origin, mailbox=offer.contact_email, now=now)
    DepositMade.objects.create(
        origin=_keyed("origin", origin), mailbox=_keyed("mailbox", offer.contact_email), at=now
    )
    deposit = Deposit.objects.create(
        reference=reference,
        board=offer.board,
        contact_name=offer.contact_name,
        contact_email=offer.contact_email,
        title=offer.title,
        note=offer.note,
        rights=offer.rights,
        anonymous=offer.anonymous,
        embargo_until=offer.embargo_until,
        available_years=offer.available_years,
        batch=batch,
        received_at=now,
    )
    said = wording.received(
        reference, files=files, years=offer.available_years, site=settings.SITE_NAME
    )
    write_letter(key=f"{reference} received", to=offer.contact_email, said=said, now=now)
    _record(by, "receive deposit", deposit, now)
    return deposit


def _record(by: Actor, action: str, deposit: Deposit, now: datetime, **detail: str) -> None:
    """The audit names a deposit by its reference alone: a board may not want to be named."""
    audit.record(actor=by, action=action, subject=f"deposit {deposit.reference}", now=now, **detail)


def undecided(by: Actor, deposit: Deposit) -> Deposit:
    """The deposit as it stands now, to be changed. Raises RuleError where it is decided."""
    require(by, "handle deposits")
    there = Deposit.objects.select_for_update().get(pk=deposit.pk)
    if there.state in {DepositState.PUBLISHED, DepositState.RETURNED}:
        raise RuleError(f"{there.reference} is {there.get_state_display().lower()} already")
    return there


@audit.in_turn
def begin_check(*, by: Actor, deposit: Deposit, now: datetime) -> Deposit:
    """Somebody looks at it; once is enough."""
    there = undecided(by, deposit)
    if there.state == DepositState.RECEIVED:
        there.state = DepositState.IN_CHECK
        there.save(update_fields=["state"])
        _record(by, "check deposit", there, now)
    return there


@audit.in_turn
def note_filed(*, by: Actor, deposit: Deposit, review: Review, now: datetime) -> Deposit:
    """Its files are under this review; an anonymous one says so in the review's details."""
    there = begin_check(by=by, deposit=deposit, now=now)
    there.review = review
    there.save(update_fields=["review"])
    if there.anonymous:
        ReviewDetails.objects.update_or_create(review=review, defaults={"anonymous": True})
    _record(by, "file deposit", there, now, review=review.reference)
    return there


@audit.in_turn
def note_published(
    *, by: Actor, deposit: Deposit, opens: date | None, until: date | None, now: datetime
) -> Deposit:
    """It is in the library: write to the board. opens: the end of an embargo, None: at once."""
    there = undecided(by, deposit)
    if there.review is None:
        raise RuleError("say first which review it belongs to")
    said = wording.published(there.reference, opens=opens, until=until, site=settings.SITE_NAME)
    return _decided(by, there, DepositState.PUBLISHED, said, now)


@audit.in_turn
def note_returned(*, by: Actor, deposit: Deposit, reason: str, now: datetime) -> Deposit:
    """It is not taken: write to the board why. Raises RuleError without a reason."""
    there = undecided(by, deposit)
    if not reason.strip():
        raise RuleError("say why it is returned: the board gets these words")
    there.returned_because = reason.strip()
    said = wording.returned(there.reference, reason=reason.strip(), site=settings.SITE_NAME)
    return _decided(by, there, DepositState.RETURNED, said, now)


def _decided(
    by: Actor, there: Deposit, state: DepositState, said: wording.Wording, now: datetime
) -> Deposit:
    there.state, there.decided_at = state, now
    there.decided_by = by if isinstance(by, User) else None
    there.save(update_fields=["state", "decided_at", "decided_by", "returned_because"])
    write_letter(key=f"{there.reference} {state}", to=there.contact_email, said=said, now=now)
    _record(by, f"deposit {state}", there, now)
    return there
