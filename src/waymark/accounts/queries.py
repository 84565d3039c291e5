"""What may be read about accounts, and of the record of what was done."""

from collections.abc import Collection

from django.db.models.functions import Lower

from waymark.accounts.models import AuditEntry, User
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import NotFound


def account(name: str) -> User:
    """The account of a name, in any case of its letters. Raises NotFound."""
    person = User.objects.filter(username__iexact=name.strip()).first()
    if person is None:
        raise NotFound(no_account(name))
    return person


def no_account(name: str) -> str:
    """The message for a name that no account has."""
    return f"there is no account {name}: waymark account list names them"


def accounts(person: Actor) -> list[User]:
    """Every account with its roles, open ones first, by name. Raises NotPermitted."""
    require(person, "manage accounts")
    return list(User.objects.prefetch_related("grants").order_by("-is_active", Lower("username")))


def account_for(number: int, person: Actor) -> User:
    """The account of a primary key. Raises NotPermitted, NotFound."""
    require(person, "manage accounts")
    known = User.objects.filter(pk=number).first()
    if known is None:
        raise NotFound(f"there is no account {number}")
    return known


def history_of(
    subject: str, person: Actor, *, actions: Collection[str], limit: int = 50
) -> list[AuditEntry]:
    """When some kinds of thing were done to something, the last first.

    subject, actions: as the audit names them, "resource x" and "set state". Raises NotPermitted.
    """
    require(person, "catalogue")
    found = AuditEntry.objects.filter(subject=subject, action__in=actions)
    return list(found.order_by("-pk")[:limit])
