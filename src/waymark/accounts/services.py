"""Accounts, roles and passwords: the only writers, each change with its audit entry.

`by` is the person who acts, or None for the operator at the command line.
"""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError

from waymark.accounts import audit, removals
from waymark.accounts.models import Role, RoleGrant, User
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import NotPermitted, RuleError

# Names that the audit gives to those who have no account.
NOBODY = frozenset({"operator", "visitor"})


def _check_password(password: str, person: User) -> None:
    """Raises RuleError that says, in one line, everything that is wrong with the password."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise RuleError(" ".join(error.messages)) from error


@audit.in_turn
def create_account(
    *,
    name: str,
    password: str,
    roles: Iterable[Role],
    by: Actor,
    now: datetime,
    full_name: str = "",
) -> User:
    """A new account with its roles. name: what the person signs in with, unique in any case.

    Raises NotPermitted, or RuleError for a name that is taken or not a name, or a weak password.
    """
    require(by, "manage accounts")
    person = User(username=User.normalize_username(name.strip()), first_name=full_name.strip())
    if person.username.casefold() in NOBODY:
        raise RuleError(f"the audit says {person.username} of somebody else: choose another name")
    if User.objects.filter(username__iexact=person.username).exists():
        raise RuleError(f"the account {person.username} exists already: choose another name")
    _check_password(password, person)
    person.set_password(password)
    try:
        person.full_clean()
    except ValidationError as error:
        raise RuleError(" ".join(error.messages)) from error
    person.save()
    held = sorted(set(roles))
    RoleGrant.objects.bulk_create(RoleGrant(person=person, role=role) for role in held)
    subject = f"account {person.username}"
    audit.record(actor=by, action="create account", subject=subject, now=now, roles=held)
    return person


@audit.in_turn
def grant_role(*, person: User, role: Role, by: Actor, now: datetime) -> None:
    """Give a role; granting one that is held changes nothing. Raises NotPermitted."""
    require(by, "manage accounts")
    _, new = RoleGrant.objects.get_or_create(person=person, role=role)
    if new:
        removals.note_access(person=person.username, role=role, given=True, now=now)
        person.forget_roles()
        subject = f"account {person.username}"
        audit.record(actor=by, action="grant role", subject=subject, now=now, role=role)


@audit.in_turn
def withdraw_role(
    *, person: User, role: Role, by: Actor, now: datetime, last: bool = False
) -> None:
    """Take a role away, with effect from the person's next request. last: as for closing.

    Raises NotPermitted, or RuleError where nobody would be left to manage accounts, and where
    administrators would take that role from themselves.
    """
    require(by, "manage accounts")
    if not last and RoleGrant.objects.filter(person=person, role=role).exists():
        _keep_one_administrator(person, role)
        if role == Role.ADMINISTRATOR and by == person:
            raise RuleError("you cannot take this role from yourself: ask another administrator")
    gone, _ = RoleGrant.objects.filter(person=person, role=role).delete()
    if gone:
        removals.note_access(person=person.username, role=role, given=False, now=now)
        person.forget_roles()
        subject = f"account {person.username}"
        audit.record(actor=by, action="withdraw role", subject=subject, now=now, role=role)


def _keep_one_administrator(person: User, role: Role) -> None:
    if role != Role.ADMINISTRATOR:
        return
    others = RoleGrant.objects.filter(role=role, person__is_active=True).exclude(person=person)
    if not others.exists():
        raise RuleError("this is the last administrator: make another one first")


@audit.in_turn
def close_account(*, person: User, by: Actor, now: datetime, last: bool = False) -> None:
    """Close an account: its sessions end at once, its work and its name in the audit stay.

    last: also where nobody is left to manage accounts; the operator can still make one.

    Raises NotPermitted, or RuleError where nobody would be left to manage accounts, and for one's
    own account.
    """
    require(by, "manage accounts")
    if not last and RoleGrant.objects.filter(person=person, role=Role.ADMINISTRATOR).exists():
        _keep_one_administrator(person, Role.ADMINISTRATOR)
    if by == person:
        raise RuleError("you cannot close your own account: ask another administrator")
    _end_sessions(person, now)
    if person.is_active:
        removals.note_access(person=person.username, given=False, now=now)
        person.is_active = False
        person.save(update_fields=["is_active"])
        audit.record(
            actor=by, action="close account", subject=f"account {person.username}", now=now
        )


def _end_sessions(person: User, now: datetime) -> None:
    """Sign a person out everywhere: where the account is opened again, they stay signed out."""
    for session in Session.objects.filter(expire_date__gt=now):
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()


@audit.in_turn
def reopen_account(*, person: User, by: Actor, now: datetime) -> None:
    """Let a person whose account was closed sign in again, with the password and the roles it had.

    Raises NotPermitted.
    """
    require(by, "manage accounts")
    if not person.is_active:
        removals.note_access(person=person.username, given=True, now=now)
        person.is_active = True
        person.save(update_fields=["is_active"])
        audit.record(
            actor=by, action="reopen account", subject=f"account {person.username}", now=now
        )


@audit.in_turn
def change_password(*, by: Actor, current: str, new: str, now: datetime) -> None:
    """Change one's own password; every other session of the account ends.

    Raises NotPermitted without an account or when the current password is wrong, RuleError when
    the new one is too weak.
    """
    if not isinstance(by, User) or not by.check_password(current):
        raise NotPermitted("the current password is not right")
    _check_password(new, by)
    by.set_password(new)
    by.save(update_fields=["password"])
    audit.record(actor=by, action="change password", subject=f"account {by.username}", now=now)


@audit.in_turn
def reset_password(*, person: User, new: str, by: Actor, now: datetime) -> None:
    """Set another person's password. Raises NotPermitted, or RuleError when it is too weak."""
    require(by, "manage accounts")
    _check_password(new, person)
    person.set_password(new)
    person.save(update_fields=["password"])
    audit.record(actor=by, action="reset password", subject=f"account {person.username}", now=now)
