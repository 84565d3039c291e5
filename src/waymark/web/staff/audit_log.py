"""The audit log, for administrators: who did what to which record, and when."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts import audit_log as queries
from waymark.accounts.audit_log import AuditSearch
from waymark.accounts.models import AuditEntry, User
from waymark.accounts.permissions import require_permission
from waymark.core.errors import NotFound
from waymark.web.shared.clean_input import clean_line
from waymark.web.staff.last_changes import links_to_records

SIZE = 50
LONGEST = 200


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Entry as it is shown. title, url: of its record, "" if the person cannot open it."""

    entry: AuditEntry
    title: str = ""
    url: str = ""


@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """The entries of the audit log, the latest first, by person, action, record and days."""
    require_permission(request.user, queries.READ)
    search = _search_in(request)
    page = queries.audit_page(
        request.user,
        search,
        size=SIZE,
        before=_number_in(request, "before"),
        after=_number_in(request, "after"),
    )
    links = {}
    if isinstance(request.user, User):
        links = links_to_records(page.entries, request.user, timezone.now())
    return render(
        request,
        "staff/audit_log.html",
        {
            "search": search,
            "is_narrowed": search != AuditSearch(),
            "actors": queries.audit_actors(request.user),
            "actions": queries.audit_actions(request.user),
            "rows": [AuditRow(entry, *links.get(entry.subject, ())) for entry in page.entries],
            "newest": _address(request) if page.newer else "",
            "newer": _address(request, "after", page.entries[:1]) if page.newer else "",
            "older": _address(request, "before", page.entries[-1:]) if page.older else "",
        },
    )


def _search_in(request: HttpRequest) -> AuditSearch:
    """The choice in the address. Raises NotFound for what is no day."""
    return AuditSearch(
        actor=clean_line(request.GET.get("person", "")[:LONGEST]),
        action=clean_line(request.GET.get("action", "")[:LONGEST]),
        about=clean_line(request.GET.get("about", "")[:LONGEST]),
        first=_day_in(request, "first"),
        last=_day_in(request, "last"),
    )


def _day_in(request: HttpRequest, name: str) -> date | None:
    value = request.GET.get(name, "")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise NotFound(f"there is no day {value}: write it as 2026-05-04") from error


def _number_in(request: HttpRequest, name: str) -> int:
    value = request.GET.get(name, "0")
    if not (value.isascii() and value.isdigit()):
        raise NotFound(f"there is no entry {value}")
    return int(value[:15])


def _address(request: HttpRequest, name: str = "", entries: tuple[AuditEntry, ...] = ()) -> str:
    """Address of the same choice, before or after an entry."""
    query = request.GET.copy()
    for place in ("before", "after"):
        query.pop(place, None)
    for entry in entries:
        query[name] = str(entry.pk)
    return f"{request.path}?{query.urlencode()}"
