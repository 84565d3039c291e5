"""Change accounts, roles and passwords."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from waymark.accounts import audit, removals
from waymark.accounts.models import Role, RoleGrant, User
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.proofs import confirm_password
from waymark.accounts.sessions import delete_sessions
from waymark.accounts.sign_in import failures_of
from waymark.core.errors import RuleError

# Names that the audit log uses for people without an account.
NOBODY = frozenset({"operator", "visitor"})
FIRST_PASSWORD = timedelta(days=7)
"""How long a password that somebody else made can be used, to choose one's own."""
_FIELD_NAMES = {"username": "account name", "first_name": "full name", "email": "email address"}


def check_password(password: str, person: User) -> None:
    """Raise RuleError naming, in one line, everything that is wrong with the password."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise RuleError(" ".join(error.messages)) from error


@audit.serialized
def create_account(
    *,
    name: str,
    password: str,
    roles: Iterable[Role],
    by: Actor,
    now: datetime,
    full_name: str = "",
    email: str = "",
    first: bool = False,
) -> User:
    """Create an account with roles. name: for signing in, unique regardless of case.

    first: with the password the person can do nothing but choose one of their own.

    Raises NotPermitted, or RuleError for an invalid or used name, or a weak password.
    """
    require_permission(by, "manage accounts")
    person = _new_person(name, full_name, email)
    check_password(password, person)
    person.set_password(password)
    person.first_password_until = now + FIRST_PASSWORD if first else None
    _save_person(person, roles, by, now)
    return person


@audit.serialized
def add_person(
    *, name: str, full_name: str, email: str, roles: Iterable[Role], by: Actor, now: datetime
) -> User:
    """Create an account without a password, which the person chooses by a link.

    Raises NotPermitted, or RuleError for an invalid or used name, or an invalid address.
    """
    require_permission(by, "manage accounts")
    person = _new_person(name, full_name, email)
    person.set_unusable_password()
    _save_person(person, roles, by, now)
    return person


def _new_person(name: str, full_name: str, email: str) -> User:
    person = User(
        username=User.normalize_username(name.strip()),
        first_name=full_name.strip(),
        email=email.strip(),
    )
    if person.username.casefold() in NOBODY:
        raise RuleError(
            f"the audit log uses the name {person.username} itself: choose another name"
        )
    if User.objects.filter(username__iexact=person.username).exists():
        raise RuleError(f"the account {person.username} already exists: choose another name")
    return person


def _save_person(person: User, roles: Iterable[Role], by: Actor, now: datetime) -> None:
    # full_clean comes after the password is set: the model requires one.
    _check_fields(person)
    person.save()
    granted = sorted(set(roles))
    RoleGrant.objects.bulk_create(RoleGrant(person=person, role=role) for role in granted)
    audit.record_about(by, "create account", person, now, roles=granted)


def _check_fields(person: User) -> None:
    """Raise RuleError naming every field that is not valid."""
    try:
        person.full_clean()
    except ValidationError as error:
        raise RuleError(
            "; ".join(
                f"{_FIELD_NAMES.get(field, field)}: {' '.join(messages)}"
                for field, messages in error.message_dict.items()
            )
        ) from error


@audit.serialized
def change_email(*, person: User, email: str, by: Actor, now: datetime) -> None:
    """Change the email address of an account, "" for none: links for a new password go there.

    Raises NotPermitted, or RuleError for an invalid address.
    """
    require_permission(by, "manage accounts")
    if person.email == email.strip():
        return
    person.email = email.strip()
    _check_fields(person)
    # A link that was sent to the address before is not for whoever has the account now.
    person.links.update(expires_at=now)
    person.save(update_fields=["email"])
    audit.record_about(by, "change email address", person, now)


@audit.serialized
def grant_role(*, person: User, role: Role, by: Actor, now: datetime) -> None:
    """Give a role; does nothing if the person has it. Raises NotPermitted."""
    require_permission(by, "manage accounts")
    _, new = RoleGrant.objects.get_or_create(person=person, role=role)
    if new:
        removals.note_access(person=person.username, role=role, restored=True, now=now)
        person.forget_roles()
        audit.record_about(by, "grant role", person, now, role=role)


@audit.serialized
def withdraw_role(
    *, person: User, role: Role, by: Actor, now: datetime, last: bool = False
) -> None:
    """Remove a role, with effect from the person's next request. last: as for closing.

    Raises NotPermitted, or RuleError if nobody would be left to manage accounts, or if
    administrators would remove that role from themselves.
    """
    require_permission(by, "manage accounts")
    if not last and RoleGrant.objects.filter(person=person, role=role).exists():
        _keep_one_administrator(person, role)
        if role == Role.ADMINISTRATOR and by == person:
            raise RuleError("you cannot remove this role from yourself: ask another administrator")
    deleted, _ = RoleGrant.objects.filter(person=person, role=role).delete()
    if deleted:
        removals.note_access(person=person.username, role=role, restored=False, now=now)
        person.forget_roles()
        audit.record_about(by, "withdraw role", person, now, role=role)


def _keep_one_administrator(person: User, role: Role) -> None:
    if role != Role.ADMINISTRATOR:
        return
    others = RoleGrant.objects.filter(role=role, person__is_active=True).exclude(person=person)
    if not others.exists():
        raise RuleError("this is the last administrator: add another one first")


@audit.serialized
def close_account(*, person: User, by: Actor, now: datetime, last: bool = False) -> None:
    """Close an account: its sessions end at once; its work and its audit entries stay.

    last: allow it even if nobody is left to manage accounts; the operator can still create one.

    Raises NotPermitted, or RuleError if nobody would be left to manage accounts, or for one's own
    account.
    """
    require_permission(by, "manage accounts")
    if not last and RoleGrant.objects.filter(person=person, role=Role.ADMINISTRATOR).exists():
        _keep_one_administrator(person, Role.ADMINISTRATOR)
    if by == person:
        raise RuleError("you cannot close your own account: ask another administrator")
    # Also for the case that the account is reopened.
    delete_sessions(person, now=now)
    person.links.filter(expires_at__gt=now).update(expires_at=now)
    if person.is_active:
        removals.note_access(person=person.username, restored=False, now=now)
        person.is_active = False
        person.save(update_fields=["is_active"])
        audit.record_about(by, "close account", person, now)


@audit.serialized
def reopen_account(*, person: User, by: Actor, now: datetime) -> None:
    """Reopen a closed account with the password and roles it had.

    Raises NotPermitted.
    """
    require_permission(by, "manage accounts")
    if not person.is_active:
        removals.note_access(person=person.username, restored=True, now=now)
        person.is_active = True
        person.save(update_fields=["is_active"])
        audit.record_about(by, "reopen account", person, now)


def change_password(*, by: Actor, current: str, new: str, now: datetime) -> None:
    """Change one's own password; every other session of the account ends.

    Raises NotPermitted without an account or when the current password is wrong, RuleError when
    the new one is too weak or is the current one, or in a pause after several wrong ones.
    """
    person = confirm_password(by=by, password=current, now=now)
    if new == current:
        raise RuleError("the new password is the current one: choose another")
    check_password(new, person)
    _store_own_password(person, new, now)


@audit.serialized
def _store_own_password(person: User, new: str, now: datetime) -> None:
    set_password(person, new)
    audit.record_about(person, "change password", person, now)


@audit.serialized
def forget_failures(*, person: User, by: Actor, now: datetime) -> int:
    """Let a person try to sign in again at once; returns how many failures were forgotten.

    Raises NotPermitted.
    """
    require_permission(by, "manage accounts")
    forgotten, _ = failures_of(person).delete()
    audit.record_about(by, "forget failed sign-ins", person, now, number=forgotten)
    return forgotten


@audit.serialized
def reset_password(
    *, person: User, new: str, by: Actor, now: datetime, first: bool = False
) -> None:
    """Set another person's password. first: as for a new account.

    Raises NotPermitted, or RuleError when it is too weak.
    """
    require_permission(by, "manage accounts")
    check_password(new, person)
    set_password(person, new, until=now + FIRST_PASSWORD if first else None)
    audit.record_about(by, "reset password", person, now)


def set_password(person: User, new: str, until: datetime | None = None) -> None:
    """Store a password, in the caller's transaction. until: end of a first one."""
    person.set_password(new)
    person.first_password_until = until
    person.save(update_fields=["password", "first_password_until"])
