"""Add, use and remove the app of an account and its recovery codes; remove all its factors."""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import RecoveryCode, SecondFactor, User
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.proofs import WRONG_CODE, Proof, confirm_password, try_factor
from waymark.accounts.second_factor import (
    factor_of,
    has_factor,
    new_recovery_codes,
    recovery_digest,
    step_of,
)
from waymark.accounts.sessions import delete_sessions
from waymark.core.errors import RuleError


def add_factor(
    *, by: Actor, salt: str, code: str, password: str, keep: str | None, now: datetime
) -> list[str]:
    """Add an app, and return recovery codes, which are stored nowhere; none after a passkey.

    code: of the app for the salt, which proves that it works; keep: key of the session that goes
    on, all others end. Raises NotPermitted for a wrong password, RuleError for a wrong code, if
    there is an app already, or in a pause.
    """
    person = confirm_password(by=by, password=password, now=now)
    step = step_of(salt, code, now)
    if step is None:
        raise RuleError(WRONG_CODE)
    return _store_factor(person, salt, step, keep, now)


@audit.serialized
def _store_factor(person: User, salt: str, step: int, keep: str | None, now: datetime) -> list[str]:
    if factor_of(person) is not None:
        raise RuleError("you have an app that shows codes already: remove it first")
    first = not has_factor(person)
    SecondFactor.objects.create(person=person, salt=salt, last_step=step, added_at=now)
    delete_sessions(person, now=now, keep=keep)
    audit.record_about(person, "add second factor", person, now)
    return replace_codes(person) if first else []


def renew_recovery_codes(
    *, by: Actor, password: str, proof: Proof, network: str, now: datetime
) -> list[str]:
    """Replace one's recovery codes, and return the new ones.

    proof: with new codes from the password alone, nothing would be left of the second factor.
    Raises NotPermitted for a wrong password, RuleError for a wrong factor, without one or in a
    pause.
    """
    person = confirm_password(by=by, password=password, now=now)
    try_factor(person=person, proof=proof, network=network, now=now)
    return _renew_codes(person, now)


@audit.serialized
def _renew_codes(person: User, now: datetime) -> list[str]:
    if not has_factor(person):
        raise RuleError("you have no second factor")
    audit.record_about(person, "renew recovery codes", person, now)
    return replace_codes(person)


def replace_codes(person: User) -> list[str]:
    """Make recovery codes in place of those before, in the caller's transaction."""
    codes = new_recovery_codes()
    person.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person=person, digest=recovery_digest(person, code)) for code in codes
    )
    return codes


def remove_own_factor(
    *, by: Actor, password: str, proof: Proof, network: str, keep: str | None, now: datetime
) -> None:
    """Remove one's app, with the password and a second factor.

    keep: key of the session that goes on, all others end. Raises NotPermitted for a wrong password,
    RuleError for a wrong factor or in a pause.
    """
    person = confirm_password(by=by, password=password, now=now)
    try_factor(person=person, proof=proof, network=network, now=now)
    _delete_app(person, keep, now)


@audit.serialized
def _delete_app(person: User, keep: str | None, now: datetime) -> None:
    SecondFactor.objects.filter(person=person).delete()
    audit.record_about(person, "remove second factor", person, now)
    forget_codes_without_factor(person)
    delete_sessions(person, now=now, keep=keep)


def forget_codes_without_factor(person: User) -> None:
    """Delete the recovery codes of a person without a factor, in the caller's transaction."""
    if not has_factor(person):
        person.recovery_codes.all().delete()


@audit.serialized
def remove_factor(*, person: User, by: Actor, now: datetime) -> None:
    """Remove the app and all passkeys of somebody who has lost them: their sessions end.

    Raises NotPermitted, or RuleError for one's own or if there is none.
    """
    require_permission(by, "manage accounts")
    if by == person:
        raise RuleError("remove your own second factor on the page My account")
    if not has_factor(person):
        raise RuleError(f"{person} has no second factor")
    SecondFactor.objects.filter(person=person).delete()
    passkeys, _ = person.passkeys.all().delete()
    person.recovery_codes.all().delete()
    detail = {"passkeys": passkeys} if passkeys else {}
    audit.record_about(by, "remove second factor", person, now, **detail)
    delete_sessions(person, now=now)
