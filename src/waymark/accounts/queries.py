"""Queries on accounts and on the audit log."""

from collections.abc import Collection

from django.db.models.functions import Lower

from waymark.accounts.models import AuditEntry, User
from waymark.accounts.permissions import ALLOWED, Actor, require_permission
from waymark.core.errors import require_found


def find_account(name: str) -> User:
    """Account with a name, ignoring case. Raises NotFound."""
    # create_account() keeps names unique regardless of case, so there is at most one.
    return require_found(
        User.objects.filter(username__iexact=name.strip()).first(), no_account(name)
    )


def no_account(name: str) -> str:
    """Message for a name that no account has."""
    return f"there is no account {name}: waymark account list shows all accounts"


def all_accounts(person: Actor) -> list[User]:
    """All accounts with their roles, open ones first, by name. Raises NotPermitted."""
    require_permission(person, "manage accounts")
    return list(User.objects.prefetch_related("grants").order_by("-is_active", Lower("username")))


def account_for(number: int, person: Actor) -> User:
    """Account with a primary key. Raises NotPermitted, NotFound."""
    require_permission(person, "manage accounts")
    return require_found(User.objects.filter(pk=number).first(), f"there is no account {number}")


def history_of(
    subject: str, person: Actor, *, actions: Collection[str], limit: int = 50
) -> list[AuditEntry]:
    """Audit entries about one subject, latest first.

    subject, actions: as in the audit log: "resource x", "set state". Raises NotPermitted.
    """
    require_permission(person, "catalogue")
    entries = AuditEntry.objects.filter(subject=subject, action__in=actions)
    return list(entries.order_by("-pk")[:limit])


def addresses_of_those_who(action: str) -> list[str]:
    """Email addresses of the open accounts that can do an action, for emails about work to do."""
    people = User.objects.filter(is_active=True, grants__role__in=ALLOWED[action])
    return sorted(set(people.exclude(email="").values_list("email", flat=True)))
