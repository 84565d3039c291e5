"""What came of trying the addresses of resources, and when each is tried next."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.library.models import LINK_PATIENCE, Resource
from waymark.library.queries.links import links_to_check

EVERY = timedelta(days=90)
LATER = timedelta(days=1)
"""Until an address is tried again of which nothing could be learned."""
LEASE = timedelta(minutes=10)
"""Longer than the addresses of one round may take."""
CANDIDATES = 50
NOT_CHECKED = {
    "link_checked_at": None,
    "link_status": None,
    "link_fault": "",
    "link_failed_at": None,
    "link_due_at": None,
}


def lease_links(*, now: datetime, most: int) -> list[Resource]:
    """Resources whose addresses are due, of different hosts, reserved until the lease ends."""
    if not links_to_check(now).exists():
        return []
    return _lease(now=now, most=most)


@audit.serialized
def _lease(*, now: datetime, most: int) -> list[Resource]:
    due = links_to_check(now).select_for_update(skip_locked=True, of=("self",))[:CANDIDATES]
    of_host: dict[str, Resource] = {}
    for resource in due:
        of_host.setdefault(_host(resource.url), resource)
    leased = list(of_host.values())[:most]
    Resource.objects.filter(pk__in=[row.pk for row in leased]).update(link_due_at=now + LEASE)
    return leased


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


@audit.serialized
def note_link(*, resource: Resource, status: int | None, fault: str, now: datetime) -> None:
    """Store what came of trying the address that a resource has in this copy of it.

    status: of HTTP; fault: "" if the address works. A resource that has another address by now, or
    was checked later than this, stays as it is. The log has an entry when a link begins to fail,
    when visitors are told, and when it works again.
    """
    rows = Resource.objects.select_for_update(of=("self",)).filter(pk=resource.pk, url=resource.url)
    stored = rows.first()
    if stored is None:
        return
    before = (stored.link_failed_at is not None, stored.is_link_down)
    stored.link_checked_at, stored.link_status, stored.link_fault = now, status, fault[:200]
    stored.link_failed_at = (stored.link_failed_at or now) if fault else None
    stored.link_due_at = now + (LINK_PATIENCE if fault else EVERY)
    stored.save(update_fields=list(NOT_CHECKED))
    if before != (stored.link_failed_at is not None, stored.is_link_down):
        action = "link failed" if fault else "link works again"
        audit.record_about(None, action, stored, now, fault=stored.link_fault)


@audit.serialized
def postpone_link(*, resource: Resource, now: datetime) -> None:
    """Try an address again in a day, of which nothing could be learned."""
    Resource.objects.filter(pk=resource.pk).update(link_due_at=now + LATER)


@audit.serialized
def check_link_soon(*, by: Actor, resource: Resource, now: datetime) -> None:
    """Let the address of a resource be tried next. Raises NotPermitted."""
    require_permission(by, "catalogue")
    Resource.objects.filter(pk=resource.pk).update(link_due_at=None)
    audit.record_about(by, "check link again", resource, now)


def forget_link_check(resource: Resource) -> list[str]:
    """Take what came of checks off a resource that gets another address; the caller saves it.

    Returns the names of the fields.
    """
    for name, value in NOT_CHECKED.items():
        setattr(resource, name, value)
    return list(NOT_CHECKED)
