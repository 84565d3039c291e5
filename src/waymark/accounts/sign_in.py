"""Sign in and out: one answer to every failed attempt, and pauses after several of them.

Pauses slow down whoever guesses, and lock nobody out. Failures count for the name and the origin
of an attempt: the device, if this account has signed in on it before, else the network. Many
failures from elsewhere make unknown origins wait, but no device or network from which the account
has signed in before. An attempt is stored before its password is checked, so that simultaneous
attempts count each other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from waymark.accounts import audit
from waymark.accounts.models import FailedSignIn, KnownNetwork, User
from waymark.accounts.second_factor import has_factor
from waymark.core.errors import RuleError
from waymark.core.wording import counted

HERE_LIMIT = 5
"""Failures of one name from one origin within COUNTED before both have to wait."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15))
"""Pause after the failure that reaches HERE_LIMIT, and after each further one."""
LONGEST_IF_KNOWN = timedelta(minutes=5)
COUNTED = timedelta(hours=1)
ELSEWHERE = timedelta(minutes=15)
"""Time for which failures count that unknown origins share."""
ACCOUNT_LIMIT = 50
"""Failures of one name from all origins within ELSEWHERE."""
CODE_LIMIT = 10
"""Wrong codes of one account from all origins within COUNTED. Lower, as a code has six digits: so
many in each hour of a day guess one with a chance of 0.07%. Who has to wait knows the password."""
NETWORK_LIMIT = 50
"""Failures of all names from one network within ELSEWHERE: high, because an office shares one."""
NETWORK_KNOWN = timedelta(days=90)
MOST_NETWORKS = 20

WRONG = "The account name or password is incorrect. Check both and try again."
FIRST_OVER = (
    "This password was for your first sign-in and is no longer valid. "
    "Ask the person who manages accounts for a new one."
)


class TooManyAttempts(RuleError):
    """Nothing is checked for a while; the message says for how long."""


@dataclass(frozen=True, slots=True)
class Device:
    """A browser in which accounts have signed in before. accounts: primary keys."""

    mark: str
    accounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StrangersLimit:
    """Failures of one account within a time, after which unknown origins wait for that time."""

    failures: int
    within: timedelta


OF_PASSWORDS = StrangersLimit(ACCOUNT_LIMIT, ELSEWHERE)
OF_CODES = StrangersLimit(CODE_LIMIT, COUNTED)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Outcome of an attempt: the person, or a message.

    paused: True if nothing was checked because of too many failures. code_for: whose password was
    right and who must use a second factor before they are signed in.
    """

    person: User | None
    message: str = ""
    paused: bool = False
    code_for: User | None = None


def try_sign_in(
    *, name: str, password: str, network: str, now: datetime, device: Device | None = None
) -> SignIn:
    """Check a name and a password; count failures; audit the outcome for known accounts.

    network: of the client, /64 of IPv6. An unknown name, a wrong password and a closed account get
    the same answer.
    """
    known = User.objects.filter(username__iexact=name.strip()).first()
    # Of the account in its own spelling: PostgreSQL finds "admin" under more spellings than Python.
    account = mark_of("account", (known.username if known else name.strip()).casefold())
    attempt = record_attempt(account, known, network, device, now)
    if isinstance(attempt, timedelta):
        return SignIn(None, wait_message(attempt), paused=True)
    # For an unknown name Django still hashes the password, so that response times do not reveal
    # which accounts exist.
    person = authenticate(username=_spelling_of(name), password=password)
    if not isinstance(person, User):
        _note_failure(name, now)
        return SignIn(None, WRONG)
    if person.first_password_until is not None and now >= person.first_password_until:
        return SignIn(None, FIRST_OVER)
    if has_factor(person):
        forget_attempts(attempt)
        return SignIn(None, code_for=person)
    note_success(person, attempt, network, now)
    return SignIn(person)


def note_sign_out(*, person: User, now: datetime) -> None:
    """Record in the audit log that a person signed out."""
    audit.record_about(person, "sign out", person, now)


def wait_message(pause: timedelta) -> str:
    """What a person is told who has to wait."""
    minutes = max(1, -(-int(pause.total_seconds()) // 60))
    return f"There have been too many attempts. Wait {counted(minutes, 'minute')} and try again."


def failures_of(person: User) -> QuerySet[FailedSignIn]:
    """Failed attempts with the name of an account."""
    return FailedSignIn.objects.filter(account=mark_of("account", person.username.casefold()))


def _spelling_of(name: str) -> str:
    """Name of the account in its own spelling; the typed name if there is no such account."""
    names = User.objects.filter(username__iexact=name.strip()).values_list("username", flat=True)
    return names.first() or name


def mark_of(kind: str, value: str) -> str:
    """Keyed hash under which attempts are counted."""
    return salted_hmac(f"sign-in {kind}", value, algorithm="sha256").hexdigest()


@audit.serialized
def record_attempt(
    account: str,
    known: User | None,
    network: str,
    device: Device | None,
    now: datetime,
    *,
    of_strangers: StrangersLimit = OF_PASSWORDS,
) -> FailedSignIn | timedelta:
    """Store the attempt as failed until it succeeds; return the pause if a limit is reached."""
    # Old attempts are deleted first: they no longer count and must not be kept.
    FailedSignIn.objects.filter(at__lte=now - COUNTED).delete()
    origin = mark_of("address", network)
    known_device = device is not None and known is not None and known.pk in device.accounts
    trusted = known_device or (known is not None and knows_network(known, network, now))
    # The person at a known device does not wait for who guesses elsewhere in the same office.
    if device is not None and known_device:
        origin = mark_of("device", device.mark)
    attempt = FailedSignIn(account=account, address=origin, at=now)
    pause = pause_of(attempt, now, longest=LONGEST_IF_KNOWN if trusted else PAUSES[-1])
    if pause is None and not trusted:
        pause = _pause_of_strangers(attempt, now, of_strangers)
    if pause is not None:
        return pause
    attempt.save()
    return attempt


def knows_network(person: User, network: str, now: datetime) -> bool:
    """True if the person has signed in from this network lately."""
    mark = mark_of("address", network)
    return person.networks.filter(mark=mark, seen_at__gt=now - NETWORK_KNOWN).exists()


def pause_of(attempt: FailedSignIn, now: datetime, longest: timedelta) -> timedelta | None:
    """How long this name has to wait at this origin; None if it need not."""
    own = FailedSignIn.objects.filter(account=attempt.account, address=attempt.address)
    failures = list(own.filter(at__gt=now - COUNTED).order_by("at").values_list("at", flat=True))
    if len(failures) < HERE_LIMIT:
        return None
    pause = min(PAUSES[min(len(failures) - HERE_LIMIT, len(PAUSES) - 1)], longest)
    left = failures[-1] + pause - now
    return left if left > timedelta() else None


def _pause_of_strangers(
    attempt: FailedSignIn, now: datetime, limit: StrangersLimit
) -> timedelta | None:
    """The same for limits that unknown origins share: many origins that guess one account, one
    network that tries a common password on many accounts.
    """
    of_account = FailedSignIn.objects.filter(account=attempt.account, at__gt=now - limit.within)
    if of_account.count() >= limit.failures:
        return limit.within
    of_network = FailedSignIn.objects.filter(address=attempt.address, at__gt=now - ELSEWHERE)
    return ELSEWHERE if of_network.count() >= NETWORK_LIMIT else None


@audit.serialized
def forget_attempts(attempt: FailedSignIn) -> None:
    """Delete the attempts of a name from an origin after one that succeeded."""
    FailedSignIn.objects.filter(account=attempt.account, address=attempt.address).delete()


@audit.serialized
def note_success(person: User, attempt: FailedSignIn, network: str, now: datetime) -> None:
    """Audit that a person has signed in, and remember the network."""
    FailedSignIn.objects.filter(account=attempt.account, address=attempt.address).delete()
    remember_network(person, network, now)
    audit.record_about(person, "sign in", person, now)


def remember_network(person: User, network: str, now: datetime) -> None:
    """Note from where an account has signed in, in the caller's transaction."""
    KnownNetwork.objects.filter(person=person, seen_at__lte=now - NETWORK_KNOWN).delete()
    KnownNetwork.objects.update_or_create(
        person=person, mark=mark_of("address", network), defaults={"seen_at": now}
    )
    latest = person.networks.order_by("-seen_at").values_list("pk", flat=True)[:MOST_NETWORKS]
    person.networks.exclude(pk__in=list(latest)).delete()


def _note_failure(name: str, now: datetime) -> None:
    known = User.objects.filter(username__iexact=name.strip()).first()
    if known is not None:
        audit.record_about(AnonymousUser(), "failed sign-in", known, now)
