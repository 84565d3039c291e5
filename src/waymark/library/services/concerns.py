"""Concerns: received from anyone, decided by staff, and erased when their time is over."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, Person, require_permission
from waymark.accounts.queries import addresses_of_those_who
from waymark.core.errors import RuleError
from waymark.library.deposits import concern_emails
from waymark.library.models import Concern, ConcernDecision
from waymark.library.services.deposits import new_reference
from waymark.mail.outbox import erase_letters, write_letter

ANSWER_CONCERNS = "publish reports"
"""Whoever answers a concern must be able to hide the page, so it is the same permission."""
DAY = timedelta(days=1)
MAX_A_DAY = 10
"""Concerns from one network address within 24 hours."""
MAX_A_MAILBOX = 5
"""Concerns with one email address within 24 hours: nobody can flood a stranger's mailbox."""
MAX_WAITING = 1_000
"""Concerns without a decision: a flood must not fill the database."""
KEPT_DAYS = 90
"""Days after the decision on which text and email address are erased."""
MOST_AT_ONCE = 50


class TooManyConcerns(RuleError):
    """A limit of concerns is reached."""


@dataclass(frozen=True, slots=True)
class ReportedConcern:
    """What a visitor entered in the form, and what the page is of; models.Concern explains them."""

    page: str
    kind: str
    text: str
    email: str = ""
    item_kind: str = ""
    item_key: str = ""


def _origin_hash(address: str) -> str:
    """Keyed hash of a network address: not readable without the site's secret key."""
    return salted_hmac("concern origin", address, algorithm="sha256").hexdigest()


def _check_room(origin: str, email: str, now: datetime) -> None:
    """Raise TooManyConcerns if a limit is reached."""
    recent = Concern.objects.filter(received_at__gt=now - DAY)
    if (
        recent.filter(origin=origin).count() >= MAX_A_DAY
        or (email and recent.filter(email__iexact=email).count() >= MAX_A_MAILBOX)
        or Concern.objects.filter(decided_at=None).count() >= MAX_WAITING
    ):
        raise TooManyConcerns(
            "we have received too many concerns at once: email or call us instead, or try again "
            "tomorrow"
        )


@audit.serialized
def take_concern(*, by: Person, concern: ReportedConcern, origin: str, now: datetime) -> Concern:
    """Store a concern with the emails to those who answer it and to the person who reported it.

    Anyone may report a concern; only staff see it. origin: network address of the request. Raises
    TooManyConcerns.
    """
    origin_hash = _origin_hash(origin)
    _check_room(origin_hash, concern.email, now)
    row = Concern.objects.create(
        reference=new_reference(now, "C"), origin=origin_hash, received_at=now, **asdict(concern)
    )
    site, contact = settings.SITE_NAME, settings.CONTACT_EMAIL
    # Without a person who has an address, at least the service is told.
    addresses = addresses_of_those_who(ANSWER_CONCERNS) or [contact] * bool(contact)
    for number, address in enumerate(addresses, start=1):
        wording = concern_emails.concern_to_answer_email(row.reference, site=site)
        write_letter(
            key=f"{row.reference} to answer {number}", to=address, wording=wording, now=now
        )
    if row.email:
        wording = concern_emails.concern_received_email(row.reference, days=KEPT_DAYS, site=site)
        write_letter(key=f"{row.reference} received", to=row.email, wording=wording, now=now)
    audit.record_about(by, "receive concern", row, now, kind=row.kind)
    return row


def lock_open_concern(by: Actor, concern: Concern) -> Concern:
    """The current row of a concern, locked for a change. Raises RuleError if it is decided."""
    require_permission(by, ANSWER_CONCERNS)
    current = Concern.objects.select_for_update(of=("self",)).get(pk=concern.pk)
    if current.decided_at is not None:
        raise RuleError(
            f"{current.reference} has been decided since: {current.get_decision_display().lower()}"
        )
    return current


@audit.serialized
def note_hidden(*, by: Actor, concern: Concern, now: datetime) -> None:
    """Record that the item of a concern was hidden because of it."""
    current = lock_open_concern(by, concern)
    current.hidden_at = now
    current.save(update_fields=["hidden_at"])
    audit.record_about(by, "hide for concern", current, now)


@audit.serialized
def note_decision(
    *, by: Actor, concern: Concern, decision: ConcernDecision, reason: str, now: datetime
) -> None:
    """Record the decision on a concern and email the person who reported it.

    Raises RuleError without a reason, and if the concern is decided.
    """
    current = lock_open_concern(by, concern)
    if not reason.strip():
        raise RuleError("enter the reason for your decision")
    current.decision, current.reason, current.decided_at = decision, reason.strip(), now
    current.decided_by = by if isinstance(by, User) else None
    current.save(update_fields=["decision", "reason", "decided_at", "decided_by"])
    if current.email:
        wording = concern_emails.concern_decided_email(
            current.reference, decision=decision, site=settings.SITE_NAME
        )
        write_letter(key=_decided_key(current), to=current.email, wording=wording, now=now)
    audit.record_about(by, "decide concern", current, now, decision=str(decision))


def _decided_key(concern: Concern) -> str:
    return f"{concern.reference} decided"


def erase_due(*, now: datetime) -> int:
    """Erase what personal data of concerns are kept no longer; returns the number of concerns.

    After a day the hash of the network address; KEPT_DAYS after the decision the text, the reason,
    the email address and the emails to it. Kind, page, decision and dates stay.
    """
    if not (_old_origins(now).exists() or _old_concerns(now).exists()):
        return 0
    return _erase(now)


def count_due(*, now: datetime) -> int:
    """Number of concerns that erase_due() changes now."""
    return _old_origins(now).count() + _old_concerns(now).count()


def _old_origins(now: datetime) -> QuerySet[Concern]:
    return Concern.objects.filter(received_at__lte=now - DAY).exclude(origin="")


def _old_concerns(now: datetime) -> QuerySet[Concern]:
    until = now - timedelta(days=KEPT_DAYS)
    return Concern.objects.filter(decided_at__lte=until, erased_at=None)


@audit.serialized
def _erase(now: datetime) -> int:
    number = _old_origins(now).update(origin="")
    for concern in _old_concerns(now)[:MOST_AT_ONCE]:
        erase_letters(keys=[f"{concern.reference} received", _decided_key(concern)])
        concern.text = concern.reason = concern.email = ""
        concern.erased_at = now
        concern.save(update_fields=["text", "reason", "email", "erased_at"])
        audit.record_about(None, "erase concern", concern, now)
        number += 1
    return number
