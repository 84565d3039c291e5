"""Proofs of who a person is beside signing in: the second step, and what grave acts ask for again.

Failures are counted as those of sign_in.py are.
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser

from waymark.accounts import audit
from waymark.accounts.models import FailedSignIn, User
from waymark.accounts.passkeys import CopiedPasskey, PasskeyAnswer, read_use
from waymark.accounts.permissions import Actor
from waymark.accounts.second_factor import factor_of, recovery_digest, step_of
from waymark.accounts.sign_in import (
    OF_CODES,
    PAUSES,
    Device,
    SignIn,
    TooManyAttempts,
    forget_attempts,
    mark_of,
    note_success,
    pause_of,
    record_attempt,
    wait_message,
)
from waymark.core.errors import NotPermitted, RuleError

Proof = str | PasskeyAnswer
"""A second factor: a code of the app or for recovery, or the use of a passkey."""
WRONG_CODE = "This code is wrong or has been used. Enter the one that the app shows now."


def try_second_step(
    *,
    person: User,
    proof: Proof,
    network: str,
    now: datetime,
    device: Device | None = None,
) -> SignIn:
    """Check the second factor of somebody whose password was right, which signs them in.

    network, device: as in try_sign_in().
    """
    try:
        attempt = try_factor(person=person, proof=proof, network=network, now=now, device=device)
    except TooManyAttempts as error:
        return SignIn(None, str(error), paused=True)
    except RuleError as error:
        audit.record_about(AnonymousUser(), "failed sign-in", person, now)
        return SignIn(None, str(error))
    note_success(person, attempt, network, now)
    return SignIn(person)


def try_factor(
    *,
    person: User,
    proof: Proof,
    network: str,
    now: datetime,
    device: Device | None = None,
) -> FailedSignIn:
    """Use a code of a person's app, a recovery code or a passkey; failures lead to pauses.

    Returns the attempt. Raises RuleError for a wrong or used one, TooManyAttempts in a pause.
    """
    account = mark_of("second step", str(person.pk))
    attempt = record_attempt(account, person, network, device, now, of_strangers=OF_CODES)
    if isinstance(attempt, timedelta):
        raise TooManyAttempts(wait_message(attempt))
    _use_proof(person, proof, now)
    forget_attempts(attempt)
    return attempt


def _use_proof(person: User, proof: Proof, now: datetime) -> None:
    if isinstance(proof, str):
        if not _use_code(person, proof, now):
            raise RuleError(WRONG_CODE)
        return
    try:
        _use_passkey(person, proof, now)
    except CopiedPasskey:
        audit.record_about(AnonymousUser(), "refuse passkey", person, now)
        raise


@audit.serialized
def _use_code(person: User, code: str, now: datetime) -> bool:
    """Use a code; False for a wrong one, or one that has been used."""
    factor = factor_of(person)
    step = step_of(factor.salt, code, now, after=factor.last_step) if factor else None
    if factor is not None and step is not None:
        factor.last_step = step
        factor.save(update_fields=["last_step"])
        return True
    used, _ = person.recovery_codes.filter(digest=recovery_digest(person, code)).delete()
    if used:
        left = person.recovery_codes.count()
        audit.record_about(person, "use recovery code", person, now, left=left)
    return bool(used)


@audit.serialized
def _use_passkey(person: User, answer: PasskeyAnswer, now: datetime) -> None:
    passkey, count = read_use(person, answer)
    passkey.sign_count, passkey.last_used_at = count, now
    passkey.save(update_fields=["sign_count", "last_used_at"])


def confirm_password(*, by: Actor, password: str, now: datetime) -> User:
    """Check that a signed-in person knows the password of the account; failures lead to pauses.

    Returns the person. Raises NotPermitted for a wrong password, TooManyAttempts in a pause.
    """
    person, attempt = _begin_confirmation(by, now)
    if not person.check_password(password):
        raise NotPermitted("the current password is incorrect")
    forget_attempts(attempt)
    return person


def confirm_passkey(*, by: Actor, answer: PasskeyAnswer, now: datetime) -> None:
    """Check that a signed-in person has a passkey of the account; failures lead to pauses.

    Raises NotPermitted for a visitor, RuleError for another passkey, TooManyAttempts in a pause.
    """
    person, attempt = _begin_confirmation(by, now)
    _use_proof(person, answer, now)
    forget_attempts(attempt)


def _begin_confirmation(by: Actor, now: datetime) -> tuple[User, FailedSignIn]:
    if not isinstance(by, User):
        raise NotPermitted("sign in first")
    attempt = _record_confirmation(by, now)
    if isinstance(attempt, timedelta):
        raise TooManyAttempts(wait_message(attempt))
    return by, attempt


@audit.serialized
def _record_confirmation(person: User, now: datetime) -> FailedSignIn | timedelta:
    attempt = FailedSignIn(account=mark_of("confirmation", str(person.pk)), address="", at=now)
    pause = pause_of(attempt, now, longest=PAUSES[-1])
    if pause is not None:
        return pause
    attempt.save()
    return attempt
