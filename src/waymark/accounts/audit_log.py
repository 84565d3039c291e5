"""The audit log for administrators: who did what to which record, and when.

Without the details of its entries, which can contain reasons that name people.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from waymark.accounts.models import AuditEntry, User
from waymark.accounts.permissions import Actor, require_permission

READ = "read the audit log"
SUBJECT_KINDS = (
    *("account", "alert issue", "bulk change", "concern", "deposit", "enquiry", "framework"),
    *("import", "letter", "literature search", "notice", "overview", "report", "resource"),
    *("review", "saved search", "subject", "subscriber", "topic"),
)
"""Kinds of records in subjects of the log, so that a reference alone finds its entries."""
OTHER_ACTORS = ("operator", "visitor")


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """Choice of entries. about: reference, key or name of a record, alone or after its kind.

    first, last: days, both included. An empty part leaves nothing out. hidden: condition on entries
    that the person must not see, such as of coders to whom they are blind.
    """

    actor: str = ""
    action: str = ""
    about: str = ""
    first: date | None = None
    last: date | None = None
    hidden: Q | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries, the latest first. newer, older: True if there are others before or after."""

    entries: tuple[AuditEntry, ...]
    newer: bool
    older: bool


def audit_page(
    person: Actor, search: AuditSearch, *, size: int, before: int = 0, after: int = 0
) -> AuditPage:
    """A page of the entries, the latest first. Raises NotPermitted.

    before, after: number of the entry that the page follows or precedes, so that the last of a
    million entries is as quick as the first, and that new entries move nothing to another page.
    """
    require_permission(person, READ)
    # The details are not read: a page cannot show what it does not have.
    rows = _matching(search).only("pk", "at", "actor", "action", "subject")
    neighbour = AuditEntry.objects.filter(pk=before or after).first() if before or after else None
    if neighbour is not None and after:
        later = rows.filter(at__gte=neighbour.at).exclude(at=neighbour.at, pk__lte=neighbour.pk)
        entries = list(later.order_by("at", "pk")[: size + 1])
        return AuditPage(tuple(reversed(entries[:size])), len(entries) > size, older=True)
    if neighbour is not None:
        rows = rows.filter(at__lte=neighbour.at).exclude(at=neighbour.at, pk__gte=neighbour.pk)
    entries = list(rows.order_by("-at", "-pk")[: size + 1])
    return AuditPage(tuple(entries[:size]), neighbour is not None, len(entries) > size)


def _matching(search: AuditSearch) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.all()
    if search.hidden is not None:
        rows = rows.exclude(search.hidden)
    if search.actor:
        rows = rows.filter(actor=search.actor)
    if search.action:
        rows = rows.filter(action=search.action)
    if search.about:
        # Exact, so that an index finds them.
        names = {search.about, search.about.upper(), search.about.lower()}
        kinds = {f"{kind} {name}" for kind in SUBJECT_KINDS for name in names}
        rows = rows.filter(subject__in=names | kinds)
    if search.first:
        rows = rows.filter(at__gte=_midnight(search.first))
    if search.last:
        rows = rows.filter(at__lt=_midnight(search.last + timedelta(days=1)))
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def audit_actors(person: Actor) -> list[str]:
    """Names that entries can have: every account, and those without one. Raises NotPermitted."""
    require_permission(person, READ)
    return [*OTHER_ACTORS, *User.objects.order_by("username").values_list("username", flat=True)]


def audit_actions(person: Actor, hidden: Q | None = None) -> list[str]:
    """Every action in the log, in order. Raises NotPermitted.

    hidden: as in AuditSearch; an action of which all entries are hidden is left out.
    """
    require_permission(person, READ)
    # From one action to the next by the index: DISTINCT would read every entry.
    table = connection.ops.quote_name(AuditEntry._meta.db_table)
    statement = f"""
        WITH RECURSIVE actions(name) AS (
            SELECT MIN(action) FROM {table}
            UNION ALL
            SELECT (SELECT MIN(action) FROM {table} WHERE action > name)
            FROM actions WHERE name IS NOT NULL
        )
        SELECT name FROM actions WHERE name IS NOT NULL
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement)
        actions = [str(name) for (name,) in cursor.fetchall()]
    if hidden is None:
        return actions
    entries = AuditEntry.objects.exclude(hidden)
    return [action for action in actions if entries.filter(action=action).exists()]
