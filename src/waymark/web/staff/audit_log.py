"""The audit log, for administrators: who did what to which record, and when."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts import audit_log as queries
from waymark.accounts.audit_log import AuditPage, AuditSearch
from waymark.accounts.models import AuditEntry, User
from waymark.accounts.permissions import require_permission
from waymark.coding.assignments import hidden_entries
from waymark.core.errors import NotFound
from waymark.web.shared.clean_input import clean_line
from waymark.web.staff.last_changes import links_to_records

SIZE = 50
LONGEST = 200
FIELDS = {"person": "by-person", "action": "by-action", "first": "first", "last": "last"}
"""Name of a filter in the address -> id of its input."""
NO_ENTRIES = AuditPage((), newer=False, older=False)


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
    hidden = hidden_entries(request.user)
    actors = queries.audit_actors(request.user)
    actions = queries.audit_actions(request.user, hidden)
    search, wrong = _search_in(request, actors, actions)
    page = NO_ENTRIES if wrong else _page_of(request, replace(search, hidden=hidden))
    links = {}
    if isinstance(request.user, User):
        links = links_to_records(page.entries, request.user, timezone.now())
    return render(
        request,
        "staff/audit_log.html",
        {
            "search": search,
            "typed": {name: request.GET.get(name, "")[:LONGEST] for name in FIELDS},
            "wrong": wrong,
            "problems": [(FIELDS[name], message) for name, message in wrong.items()],
            "blind": hidden is not None,
            "is_narrowed": bool(wrong) or search != AuditSearch(),
            "actors": actors,
            "actions": actions,
            "rows": [AuditRow(entry, *links.get(entry.subject, ())) for entry in page.entries],
            "newest": _address(request) if page.newer else "",
            "newer": _address(request, "after", page.entries[:1]) if page.newer else "",
            "older": _address(request, "before", page.entries[-1:]) if page.older else "",
        },
        status=400 if wrong else 200,
    )


def _page_of(request: HttpRequest, search: AuditSearch) -> AuditPage:
    return queries.audit_page(
        request.user,
        search,
        size=SIZE,
        before=_number_in(request, "before"),
        after=_number_in(request, "after"),
    )


def _search_in(
    request: HttpRequest, actors: Collection[str], actions: Collection[str]
) -> tuple[AuditSearch, dict[str, str]]:
    """The choice in the address, and what is wrong with it: message by the name of its field."""
    actor, action, about = (
        clean_line(request.GET.get(name, "")[:LONGEST]) for name in ("person", "action", "about")
    )
    wrong: dict[str, str] = {}
    if actor and actor not in actors:
        wrong["person"] = f"No entry is by “{actor}”. Choose a person from the list."
    if action and action not in actions:
        wrong["action"] = f"No entry has the action “{action}”. Choose an action from the list."
    first, last = (_day_in(request, name, wrong) for name in ("first", "last"))
    if first and last and first > last:
        wrong["last"] = "The last day is before the first day. Change one of them."
    return AuditSearch(actor=actor, action=action, about=about, first=first, last=last), wrong


def _day_in(request: HttpRequest, name: str, wrong: dict[str, str]) -> date | None:
    """The day in a field; None, with a message, for what is no day."""
    value = clean_line(request.GET.get(name, "")[:LONGEST])
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        wrong[name] = f"“{value}” is not a date. Enter a date such as 2026-05-04."
        return None


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
