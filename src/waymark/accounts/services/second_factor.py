"""Add, use and remove the second factor of an account."""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import RecoveryCode, SecondFactor, User
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.second_factor import (
    factor_of,
    new_recovery_codes,
    recovery_digest,
    step_of,
)
from waymark.accounts.sessions import delete_sessions
from waymark.accounts.sign_in import WRONG_CODE, confirm_password, try_code
from waymark.core.errors import RuleError


def add_factor(
    *, by: Actor, salt: str, code: str, password: str, keep: str | None, now: datetime
) -> list[str]:
    """Add a second factor, and return its recovery codes, which are stored nowhere.

    code: of the app for the salt, which proves that it works; keep: key of the session that goes
    on, all others end. Raises NotPermitted for a wrong password, RuleError for a wrong code, if
    there is a factor already, or in a pause.
    """
    person = confirm_password(by=by, password=password, now=now)
    step = step_of(salt, code, now)
    if step is None:
        raise RuleError(WRONG_CODE)
    return _store_factor(person, salt, step, keep, now)


@audit.serialized
def _store_factor(person: User, salt: str, step: int, keep: str | None, now: datetime) -> list[str]:
    if factor_of(person) is not None:
        raise RuleError("you have a second factor already: remove it first")
    SecondFactor.objects.create(person=person, salt=salt, last_step=step, added_at=now)
    delete_sessions(person, now=now, keep=keep)
    audit.record_about(person, "add second factor", person, now)
    return _replace_codes(person)


def renew_recovery_codes(
    *, by: Actor, password: str, code: str, network: str, now: datetime
) -> list[str]:
    """Replace one's recovery codes, and return the new ones.

    code: of the app or for recovery: with new codes from the password alone, nothing would be left
    of the second factor. Raises NotPermitted for a wrong password, RuleError for a wrong code,
    without a factor or in a pause.
    """
    person = confirm_password(by=by, password=password, now=now)
    try_code(person=person, code=code, network=network, now=now)
    return _renew_codes(person, now)


@audit.serialized
def _renew_codes(person: User, now: datetime) -> list[str]:
    if factor_of(person) is None:
        raise RuleError("you have no second factor")
    audit.record_about(person, "renew recovery codes", person, now)
    return _replace_codes(person)


def _replace_codes(person: User) -> list[str]:
    codes = new_recovery_codes()
    person.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person=person, digest=recovery_digest(person, code)) for code in codes
    )
    return codes


def remove_own_factor(
    *, by: Actor, password: str, code: str, network: str, keep: str | None, now: datetime
) -> None:
    """Remove one's second factor, with the password and a code of the app or for recovery.

    keep: key of the session that goes on, all others end. Raises NotPermitted for a wrong password,
    RuleError for a wrong code or in a pause.
    """
    person = confirm_password(by=by, password=password, now=now)
    try_code(person=person, code=code, network=network, now=now)
    _remove_own(person, keep, now)


@audit.serialized
def _remove_own(person: User, keep: str | None, now: datetime) -> None:
    _delete_factor(person, person, now)
    delete_sessions(person, now=now, keep=keep)


@audit.serialized
def remove_factor(*, person: User, by: Actor, now: datetime) -> None:
    """Remove the second factor of somebody who has lost it: their sessions end.

    Raises NotPermitted, or RuleError for one's own or if there is none.
    """
    require_permission(by, "manage accounts")
    if by == person:
        raise RuleError("remove your own second factor on the page My account")
    if factor_of(person) is None:
        raise RuleError(f"{person} has no second factor")
    _delete_factor(person, by, now)
    delete_sessions(person, now=now)


@audit.serialized
def _delete_factor(person: User, by: Actor, now: datetime) -> None:
    SecondFactor.objects.filter(person=person).delete()
    person.recovery_codes.all().delete()
    audit.record_about(by, "remove second factor", person, now)
