"""Queries on accounts and on the audit log."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from django.db.models import QuerySet
from django.db.models.functions import Lower

from waymark.accounts.models import AccountLink, AuditEntry, ContentState, StageState, User
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


def listed_accounts(person: Actor) -> QuerySet[User]:
    """All accounts with their roles. Raises NotPermitted."""
    require_permission(person, "manage accounts")
    return User.objects.prefetch_related("grants")


def all_accounts(person: Actor) -> list[User]:
    """The same, open ones first, by name. Raises NotPermitted."""
    return list(listed_accounts(person).order_by("-is_active", Lower("username")))


def account_for(number: int, person: Actor) -> User:
    """Account with a primary key. Raises NotPermitted, NotFound."""
    require_permission(person, "manage accounts")
    return require_found(User.objects.filter(pk=number).first(), f"there is no account {number}")


def digest_of(token: str) -> str:
    """Digest under which the token of a link is stored."""
    return sha256(token.encode()).hexdigest()


def open_link(token: str, now: datetime) -> AccountLink:
    """The link of a token: not used, not too old, of an open account. Raises NotFound."""
    rows = AccountLink.objects.filter(expires_at__gt=now, person__is_active=True)
    row = rows.select_related("person").filter(digest=digest_of(token)).first()
    return require_found(row, "this link has been used or is too old: ask for a new one")


def history_of(
    subjects: Iterable[str], person: Actor, *, actions: Collection[str], limit: int = 100
) -> list[AuditEntry]:
    """Audit entries about some subjects, latest first.

    subjects, actions: as in the audit log: "resource x", "set state". Raises NotPermitted.
    """
    require_permission(person, "catalogue")
    entries = AuditEntry.objects.filter(subject__in=list(subjects), action__in=actions)
    return list(entries.order_by("-pk")[:limit])


RECENT_ENTRIES = 5_000
"""Entries of the audit log, from its end, in which a person's last changes are looked for."""


def last_entries_of(person: User, *, subjects: Collection[str], limit: int) -> list[AuditEntry]:
    """The last entry by a person about each thing, the latest first, of the recent entries alone.

    subjects: kinds of things, as subjects of the audit log begin before the key: "review".
    """
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    # A window, so that the time does not grow with the log when a person has changed little.
    rows = AuditEntry.objects.filter(pk__gt=last - RECENT_ENTRIES, actor=person.get_username())
    beginnings = tuple(f"{kind} " for kind in subjects)
    entries: dict[str, AuditEntry] = {}
    for entry in rows.order_by("-pk").iterator(chunk_size=500):
        if entry.subject.startswith(beginnings):
            entries.setdefault(entry.subject, entry)
        if len(entries) == limit:
            break
    return list(entries.values())


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that waits for somebody: how many things, and since when the oldest has waited."""

    number: int
    since: date | None


def addresses_of_those_who(action: str) -> list[str]:
    """Email addresses of the open accounts that can do an action, for emails about work to do."""
    people = User.objects.filter(is_active=True, grants__role__in=ALLOWED[action])
    return sorted(set(people.exclude(email="").values_list("email", flat=True)))


def content_state() -> ContentState | None:
    """The state of the content; None before the first change."""
    return ContentState.objects.first()


def stage_states() -> dict[str, str]:
    """Stage -> digest of the last change of what it has published; without those never changed."""
    return dict(StageState.objects.values_list("stage", "digest"))
