"""What may be read about accounts, and of the record of what was done."""

from waymark.accounts.models import AuditEntry, User
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import NotFound


def account(name: str) -> User:
    """The account of a name, in any case of its letters. Raises NotFound."""
    person = User.objects.filter(username__iexact=name.strip()).first()
    if person is None:
        raise NotFound(f"there is no account {name}")
    return person


def history_of(subject: str, person: Actor, *, limit: int = 50) -> list[AuditEntry]:
    """What was done to a thing, the last first. subject: as the audit names it, "resource x".

    Raises NotPermitted.
    """
    require(person, "catalogue")
    return list(AuditEntry.objects.filter(subject=subject).order_by("-pk")[:limit])
