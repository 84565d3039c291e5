"""Sign in and out: one answer to every failed attempt, and a pause after many of them.

An attempt is stored before its password is checked, so that simultaneous attempts count each other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.utils.crypto import salted_hmac

from waymark.accounts import audit
from waymark.accounts.models import FailedSignIn, User

PAUSE = timedelta(minutes=15)
HERE_LIMIT = 5
"""Failures of one name from one address within PAUSE before both have to wait."""
ACCOUNT_LIMIT = 50
"""Failures of one name from all addresses: high, so that a stranger cannot lock a person out."""
ADDRESS_LIMIT = 50
"""Failures of all names from one address: high, because an office can share one."""

WRONG = "The account name or password is incorrect. Check both and try again."
FIRST_OVER = (
    "This password was for your first sign-in and is no longer valid. "
    "Ask the person who manages accounts for a new one."
)
WAIT = "There have been too many attempts to sign in. Wait 15 minutes and try again."


@dataclass(frozen=True, slots=True)
class SignIn:
    """Outcome of an attempt: the person, or a message.

    paused: True if the password was not checked because of too many failures.
    """

    person: User | None
    message: str = ""
    paused: bool = False


def try_sign_in(*, name: str, password: str, address: str, now: datetime) -> SignIn:
    """Check a name and a password; count failures; audit the outcome for known accounts.

    An unknown name, a wrong password and a closed account get the same answer.
    """
    attempt = _record_attempt(name, address, now)
    if attempt is None:
        return SignIn(None, WAIT, paused=True)
    # For an unknown name Django still hashes the password, so that response times do not reveal
    # which accounts exist.
    person = authenticate(username=_spelling_of(name), password=password)
    if not isinstance(person, User):
        _note_failure(name, now)
        return SignIn(None, WRONG)
    if person.first_password_until is not None and now >= person.first_password_until:
        return SignIn(None, FIRST_OVER)
    _note_success(person, attempt, now)
    return SignIn(person)


def note_sign_out(*, person: User, now: datetime) -> None:
    """Record in the audit log that a person signed out."""
    audit.record_about(person, "sign out", person, now)


def _spelling_of(name: str) -> str:
    """Name of the account in its own spelling; the typed name if there is no such account."""
    names = User.objects.filter(username__iexact=name.strip()).values_list("username", flat=True)
    return names.first() or name


@audit.serialized
def _record_attempt(name: str, address: str, now: datetime) -> FailedSignIn | None:
    """Store the attempt as failed until it succeeds; return None if a limit is reached."""
    # Old attempts are deleted first: they no longer count and must not be kept.
    FailedSignIn.objects.filter(at__lte=now - PAUSE).delete()
    account = salted_hmac("sign-in account", name.strip().casefold(), algorithm="sha256")
    origin = salted_hmac("sign-in address", address, algorithm="sha256")
    attempt = FailedSignIn(account=account.hexdigest(), address=origin.hexdigest(), at=now)
    recent = FailedSignIn.objects
    by_account = recent.filter(account=attempt.account)
    # The first limit stops one person who guesses; the second, many addresses that guess one
    # account; the third, one address that tries a common password on many accounts.
    if (
        by_account.filter(address=attempt.address).count() >= HERE_LIMIT
        or by_account.count() >= ACCOUNT_LIMIT
        or recent.filter(address=attempt.address).count() >= ADDRESS_LIMIT
    ):
        return None
    attempt.save()
    return attempt


@audit.serialized
def _note_success(person: User, attempt: FailedSignIn, now: datetime) -> None:
    FailedSignIn.objects.filter(account=attempt.account, address=attempt.address).delete()
    audit.record_about(person, "sign in", person, now)


def _note_failure(name: str, now: datetime) -> None:
    known = User.objects.filter(username__iexact=name.strip()).first()
    if known is not None:
        audit.record_about(AnonymousUser(), "failed sign-in", known, now)
