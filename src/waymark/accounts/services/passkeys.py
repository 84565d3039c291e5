"""Add and remove passkeys of one's own account."""

from datetime import datetime
from hashlib import sha256

from fido2.webauthn import AuthenticatorData

from waymark.accounts import audit
from waymark.accounts.models import Passkey, User
from waymark.accounts.passkeys import MOST, PasskeyAnswer, own_passkey, read_new
from waymark.accounts.permissions import Actor
from waymark.accounts.proofs import Proof, confirm_password, try_factor
from waymark.accounts.second_factor import has_factor
from waymark.accounts.services.second_factor import forget_codes_without_factor, replace_codes
from waymark.accounts.sessions import delete_sessions
from waymark.core.errors import RuleError


def add_passkey(
    *,
    by: Actor,
    name: str,
    answer: PasskeyAnswer,
    password: str,
    keep: str | None,
    now: datetime,
) -> list[str]:
    """Add a passkey to one's account, and return recovery codes if it is the first factor.

    keep: key of the session that goes on, all others end. Raises NotPermitted for a wrong
    password, RuleError for an answer that proves nothing, a name that is taken, or in a pause.
    """
    person = confirm_password(by=by, password=password, now=now)
    return _store(person, name, read_new(answer), keep, now)


@audit.serialized
def _store(
    person: User, name: str, made: AuthenticatorData, keep: str | None, now: datetime
) -> list[str]:
    new = made.credential_data
    if new is None:
        raise RuleError("the passkey was not accepted: try again")
    own = person.passkeys.all()
    key_id = sha256(new.credential_id).hexdigest()
    if own.count() >= MOST:
        raise RuleError(f"an account can have {MOST} passkeys: remove one first")
    if own.filter(name__iexact=name).exists():
        raise RuleError(f"you have a passkey {name} already: choose another name")
    if Passkey.objects.filter(key_id=key_id).exists():
        raise RuleError("this passkey is in use already: try another device")
    first = not has_factor(person)
    Passkey.objects.create(
        person=person,
        name=name,
        key_id=key_id,
        credential=bytes(new),
        sign_count=made.counter,
        added_at=now,
    )
    delete_sessions(person, now=now, keep=keep)
    audit.record_about(person, "add passkey", person, now, passkey=name)
    return replace_codes(person) if first else []


def remove_passkey(
    *,
    by: Actor,
    number: int,
    password: str,
    proof: Proof,
    network: str,
    keep: str | None,
    now: datetime,
) -> None:
    """Remove a passkey of one's own, with the password and a second factor.

    keep: key of the session that goes on, all others end. Raises NotPermitted for a wrong password,
    NotFound for another's passkey, RuleError for a wrong factor or in a pause.
    """
    person = confirm_password(by=by, password=password, now=now)
    try_factor(person=person, proof=proof, network=network, now=now)
    _delete(person, number, keep, now)


@audit.serialized
def _delete(person: User, number: int, keep: str | None, now: datetime) -> None:
    passkey = own_passkey(person, number)
    passkey.delete()
    audit.record_about(person, "remove passkey", person, now, passkey=passkey.name)
    forget_codes_without_factor(person)
    delete_sessions(person, now=now, keep=keep)
