"""Deposits: received, checked, filed, published or returned, with an email at each end."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from ipaddress import IPv6Network, ip_network

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, Person, has_permission, require_permission
from waymark.core.errors import NotFound, RuleError, require_found
from waymark.documents.models import Review
from waymark.library.deposits import email_templates
from waymark.library.models import Deposit, DepositMade, DepositState, ReviewDetails
from waymark.mail.email_text import EmailText
from waymark.mail.outbox import write_letter
from waymark.mail.smtp import can_send

HANDLE_DEPOSITS = "handle deposits"
DAY = timedelta(days=1)
MAX_A_DAY = 10
"""Deposits from one network address, and with one email address, within 24 hours."""
MAX_OF_A_SITE = 30
"""Deposits of one IPv6 site (48 bits) that are not confirmed: it has 65,536 networks."""
MAX_WAITING, MAX_TO_CONFIRM = 200, 200
"""Unchecked deposits, confirmed and not: each may contain many large files."""
CONFIRM_DAYS = 7
"""Days in which a deposit has to be confirmed."""
SITE_BITS = 48
CONFIRM_SALT = "confirm deposit"
REFERENCE_CHARACTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Characters of a reference, without those that are easily confused: 0 and O, 1 and I."""


class TooManyDeposits(RuleError):
    """A limit of deposits is reached."""


@dataclass(frozen=True, slots=True)
class DepositOffer:
    """A board's entries in the deposit form; models.Deposit explains them."""

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
    """Raise TooManyDeposits if a limit is reached. mailbox: "" if it is not known yet."""
    # Two limits: one sender with many addresses, and many senders that flood one mailbox.
    recent = DepositMade.objects.filter(at__gt=now - DAY)
    from_here = DepositMade.objects.filter(origin=_keyed_hash("origin", origin))
    if from_here.filter(at__gt=now - DAY).count() >= MAX_A_DAY or (
        mailbox and recent.filter(mailbox=_keyed_hash("mailbox", mailbox)).count() >= MAX_A_DAY
    ):
        raise TooManyDeposits(
            f"You can make {MAX_A_DAY} deposits a day: continue tomorrow, or contact us"
        )
    # Of one network, one site and of all: nobody without a mailbox can close the form for others.
    unconfirmed_here = from_here.filter(reference__in=_unconfirmed_references()).count()
    if unconfirmed_here >= MAX_A_DAY or _unconfirmed_of_site(origin) >= MAX_OF_A_SITE:
        raise TooManyDeposits(
            f"{MAX_A_DAY} or more deposits of your network are not confirmed yet: confirm them by "
            "the links in our emails, or contact us"
        )
    waiting = Deposit.objects.filter(state=DepositState.RECEIVED).count()
    unconfirmed = Deposit.objects.filter(state=DepositState.TO_CONFIRM).count()
    if waiting >= MAX_WAITING or unconfirmed >= MAX_TO_CONFIRM:
        raise TooManyDeposits(
            "We have too many unchecked deposits: try again in a few days, or contact us"
        )


def _site_of(origin: str) -> str:
    """The IPv6 site of a network, such as "2001:db8:1::/48"; "" for any other."""
    try:
        network = ip_network(origin)
    except ValueError:
        return ""
    if isinstance(network, IPv6Network) and network.prefixlen >= SITE_BITS:
        return str(network.supernet(new_prefix=SITE_BITS))
    return ""


def _unconfirmed_of_site(origin: str) -> int:
    site = _site_of(origin)
    if not site:
        return 0
    made = DepositMade.objects.filter(origin=_keyed_hash("site", site))
    return made.filter(reference__in=_unconfirmed_references()).count()


def _unconfirmed_references() -> QuerySet[Deposit, str]:
    rows = Deposit.objects.order_by().filter(state=DepositState.TO_CONFIRM)
    return rows.values_list("reference", flat=True)


def _keyed_hash(kind: str, address: str) -> str:
    """Keyed hash of an address: comparable, but not readable without the site's secret key."""
    return salted_hmac(
        f"deposit {kind}", address.strip().casefold(), algorithm="sha256"
    ).hexdigest()


def content_mark(offer: DepositOffer, files: Iterable[str]) -> str:
    """Keyed hash of all that a board sent. files: SHA-256 of each."""
    entries = {**asdict(offer), "contact_email": offer.contact_email.strip().casefold()}
    return _keyed_hash("content", json.dumps([entries, sorted(files)], default=str))


def deposit_sent_before(content: str, now: datetime) -> Deposit | None:
    """The undecided deposit of the same content by the same sender within a day.

    With another entry, such as the wish not to be named, it is another deposit: nothing that
    somebody corrected is lost.
    """
    made = DepositMade.objects.filter(content=content, at__gt=now - DAY).exclude(reference="")
    undecided = (DepositState.TO_CONFIRM, DepositState.RECEIVED, DepositState.IN_CHECK)
    return Deposit.objects.filter(
        reference__in=made.values("reference"), state__in=undecided
    ).first()


def new_reference(now: datetime, letter: str = "D") -> str:
    """A random reference that reveals nothing and cannot be guessed, such as "D2026-7KQ4M2".

    letter: D for a deposit, C for a concern.
    """
    return f"{letter}{now.year}-{''.join(secrets.choice(REFERENCE_CHARACTERS) for _ in range(6))}"


@audit.serialized
def take_deposit(
    *,
    by: Person,
    offer: DepositOffer,
    reference: str,
    batch: str,
    files: int,
    origin: str,
    content: str,
    now: datetime,
) -> Deposit:
    """Store a deposit, and the email by which its sender confirms it.

    Anybody may deposit; only staff see it. batch: of the files in the queue; origin: network
    of the request; content: see content_mark(). Without a mail server the email is a receipt, and
    staff see that nobody has confirmed the deposit. Staff who deposit need not confirm. Raises
    TooManyDeposits.
    """
    old = DepositMade.objects.filter(at__lte=now - DAY)
    old.exclude(reference__in=_unconfirmed_references()).delete()
    check_room(origin=origin, mailbox=offer.contact_email, now=now)
    DepositMade.objects.create(
        origin=_keyed_hash("origin", origin),
        mailbox=_keyed_hash("mailbox", offer.contact_email),
        at=now,
        content=content,
        reference=reference,
    )
    if site := _site_of(origin):
        # A row of its own: the network and its site are counted apart.
        DepositMade.objects.create(
            origin=_keyed_hash("site", site), mailbox="", at=now, reference=reference
        )
    # The offer's fields have the names of the model's.
    known = has_permission(by, HANDLE_DEPOSITS)
    deposit = Deposit.objects.create(
        reference=reference,
        batch=batch,
        received_at=now,
        state=DepositState.RECEIVED if known else DepositState.TO_CONFIRM,
        **asdict(offer),
    )
    if needs_confirmation(by):
        wording = email_templates.confirmation_email(
            reference,
            files=files,
            link=f"{settings.SITE_ADDRESS}/deposit/confirm/{confirmation_token(deposit)}/",
            days=CONFIRM_DAYS,
            site=settings.SITE_NAME,
        )
        write_letter(key=f"{reference} confirm", to=offer.contact_email, wording=wording, now=now)
    else:
        _write_receipt(deposit, files, now)
    audit.record_about(by, "receive deposit", deposit, now)
    return deposit


def needs_confirmation(by: Person) -> bool:
    """True if the sender of a deposit is asked to confirm it: no staff, and there is mail."""
    return can_send() and not has_permission(by, HANDLE_DEPOSITS)


def confirmation_token(deposit: Deposit) -> str:
    """Token of the link by which a deposit is confirmed: only its mailbox gets it."""
    return signing.dumps(deposit.reference, salt=CONFIRM_SALT)


def deposit_of_token(token: str) -> Deposit:
    """The deposit of the link in an email. Raises NotFound."""
    try:
        reference = signing.loads(token, salt=CONFIRM_SALT)
    except signing.BadSignature as error:
        raise NotFound("this is no link of a deposit") from error
    return require_found(
        Deposit.objects.filter(reference=reference).first(), "the deposit is no longer here"
    )


@audit.serialized
def confirm_deposit(*, token: str, files: int, now: datetime) -> Deposit:
    """Confirm a deposit by the link in its email; a second time changes nothing.

    Its mailbox is proven, so it counts, and its receipt is sent. files: their number. Raises
    NotFound.
    """
    deposit = Deposit.objects.select_for_update(of=("self",)).get(pk=deposit_of_token(token).pk)
    if deposit.confirmed_at is not None:
        return deposit
    deposit.confirmed_at = now
    if deposit.state == DepositState.TO_CONFIRM:
        deposit.state = DepositState.RECEIVED
        _write_receipt(deposit, files, now)
    deposit.save(update_fields=["confirmed_at", "state"])
    audit.record_about(None, "confirm deposit", deposit, now)
    return deposit


def _write_receipt(deposit: Deposit, files: int, now: datetime) -> None:
    wording = email_templates.receipt_email(
        deposit.reference, files=files, years=deposit.available_years, site=settings.SITE_NAME
    )
    key = f"{deposit.reference} received"
    write_letter(key=key, to=deposit.contact_email, wording=wording, now=now)


@audit.serialized
def drop_unconfirmed(*, by: Actor, deposit: Deposit, now: datetime) -> None:
    """Delete a deposit that nobody confirmed, with the contact that a stranger entered."""
    require_permission(by, HANDLE_DEPOSITS)
    current = Deposit.objects.select_for_update(of=("self",)).get(pk=deposit.pk)
    if current.state == DepositState.TO_CONFIRM:
        audit.record_about(by, "drop unconfirmed deposit", current, now)
        current.delete()


def lock_undecided(by: Actor, deposit: Deposit) -> Deposit:
    """The current row of a deposit, locked for a change. Raises RuleError if it is decided."""
    require_permission(by, HANDLE_DEPOSITS)
    # Read again under the lock: someone else may have decided since the page was shown.
    current = Deposit.objects.select_for_update(of=("self",)).get(pk=deposit.pk)
    if current.state in {DepositState.PUBLISHED, DepositState.RETURNED}:
        raise RuleError(f"{current.reference} is already {current.get_state_display().lower()}")
    return current


@audit.serialized
def begin_check(*, by: Actor, deposit: Deposit, now: datetime) -> Deposit:
    """Mark a deposit as being checked; nothing changes if it is already."""
    current = lock_undecided(by, deposit)
    if current.state in {DepositState.TO_CONFIRM, DepositState.RECEIVED}:
        current.state = DepositState.IN_CHECK
        current.save(update_fields=["state"])
        audit.record_about(by, "check deposit", current, now)
    return current


@audit.serialized
def note_filed(*, by: Actor, deposit: Deposit, review: Review, now: datetime) -> Deposit:
    """Record the review that a deposit's files belong to; mark it anonymous if the deposit is."""
    current = begin_check(by=by, deposit=deposit, now=now)
    current.review = review
    current.save(update_fields=["review"])
    if current.anonymous:
        ReviewDetails.objects.update_or_create(review=review, defaults={"anonymous": True})
    audit.record_about(by, "file deposit", current, now, review=review.reference)
    return current


@audit.serialized
def note_published(
    *, by: Actor, deposit: Deposit, opens: date | None, until: date | None, now: datetime
) -> Deposit:
    """Record that a deposit is published, and email the board.

    opens: the end of an embargo, None: public now; until: the first day without the file.
    """
    current = lock_undecided(by, deposit)
    if current.review is None:
        raise RuleError("choose the review that this deposit belongs to first")
    email = email_templates.published_email(
        current.reference, opens=opens, until=until, site=settings.SITE_NAME
    )
    return _decide_and_email(by, current, DepositState.PUBLISHED, email, now)


@audit.serialized
def note_returned(*, by: Actor, deposit: Deposit, reason: str, now: datetime) -> Deposit:
    """Return a deposit and email the board the reason. Raises RuleError without a reason.

    Nobody is written to about a deposit that was not confirmed: its address may be a stranger's.
    """
    current = lock_undecided(by, deposit)
    if not reason.strip():
        raise RuleError("enter why you are returning it: we send your words to the board")
    current.returned_because = reason.strip()
    email = email_templates.returned_email(
        current.reference, reason=reason.strip(), site=settings.SITE_NAME
    )
    unproven = current.state == DepositState.TO_CONFIRM
    return _decide_and_email(by, current, DepositState.RETURNED, None if unproven else email, now)


@audit.serialized
def tell_withdrawn(*, by: Actor, deposits: Iterable[Deposit], now: datetime) -> None:
    """Email the board of each published deposit that what it sent is withdrawn.

    A review that is withdrawn together with its files gives one email. Raises NotPermitted.
    """
    require_permission(by, "publish reports")
    for deposit in deposits:
        if not deposit.contact_email:
            continue  # erased by the retention schedule
        write_letter(
            key=f"{deposit.reference} withdrawn {now:%Y%m%d%H%M}",
            to=deposit.contact_email,
            wording=email_templates.withdrawn_email(deposit.reference, site=settings.SITE_NAME),
            now=now,
        )
        audit.record_about(by, "tell withdrawal", deposit, now)


def _decide_and_email(
    by: Actor, current: Deposit, state: DepositState, email: EmailText | None, now: datetime
) -> Deposit:
    current.state, current.decided_at = state, now
    current.decided_by = by if isinstance(by, User) else None
    current.save(update_fields=["state", "decided_at", "decided_by", "returned_because"])
    if email is not None:
        key = f"{current.reference} {state}"
        write_letter(key=key, to=current.contact_email, wording=email, now=now)
    audit.record_about(by, f"deposit {state}", current, now)
    return current
