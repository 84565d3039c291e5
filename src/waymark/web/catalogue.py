"""For cataloguers: the list of resources, and the form for one."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark import pipeline
from waymark.accounts import queries as accounts
from waymark.accounts.models import AuditEntry, State
from waymark.accounts.permissions import may, require
from waymark.core.errors import NotFound, Overtaken
from waymark.library import services
from waymark.library.described import description_of
from waymark.library.description import Description, differences, version_of
from waymark.library.models import Resource
from waymark.library.queries import cataloguing as queries
from waymark.library.queries import resources as resources_open
from waymark.library.queries.cataloguing import MaybeSame
from waymark.web.fields import Form
from waymark.web.paging import Paging, page_number
from waymark.web.resource_form import read, resource_form, shown
from waymark.web.resources import authors

SIZE = 25
CATALOGUE = "catalogue"
PUBLISH = "publish reports"
OF_THE_CATALOGUE = (
    "add resource",
    "change resource",
    "add review",
    "change review",
    "change details",
    "catalogue",
    "set subjects",
    "relate records",
    "unrelate records",
    "record step",
    "take back step",
    "place abstract",
    "set state",
)
"""What is told in the history of a record, as the audit names it."""
TELLS_APART = frozenset({"title", "authors", "year", "doi", "isbn", "url"})
"""Fields that tell one work from another: only a change of these is looked at for duplicates."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A state with the number of resources in it. url: the list of these."""

    label: str
    number: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Theirs:
    """A field that somebody else changed meanwhile, and what it says now."""

    label: str
    value: str


@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """Every resource, whatever its state, the last one added first."""
    number, said = page_number(request), request.GET.get("state", "")
    if said and said not in State.values:
        raise NotFound(f"there is no state {said}")
    state = State(said) if said else None
    total, found = queries.held_resources(
        request.user, state=state, offset=(number - 1) * SIZE, limit=SIZE
    )
    page = reverse("held-resources")
    return render(
        request,
        "catalogue/list.html",
        {
            "resources": [(one, authors(one)) for one in found],
            "filters": [
                Filter(one.label, count, f"{page}?{urlencode({'state': one})}", one == state)
                for one, count in queries.resource_counts(request.user).items()
            ],
            "state": state.label if state else "",
            "total": total,
            "paging": Paging.of(request, number, total=total, size=SIZE),
            "may_catalogue": may(request.user, CATALOGUE),
            "may_publish": may(request.user, PUBLISH),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The form for a new resource, and entering it."""
    require(request.user, CATALOGUE)
    form = resource_form()
    if request.method != "POST":
        form.fill({"language": "en"})
        return _page(request, None, form)
    said = read(form, request.POST)
    same = _same(request, said, None)
    if form.errors or _unanswered(request, same):
        return _page(request, None, form, same=same)
    made = services.add_resource(by=request.user, description=said, now=timezone.now())
    messages.success(request, "The resource is entered. Give it subjects, then publish it.")
    return redirect("resource-about", made.key)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """The form for a resource as it is described now, and describing it anew."""
    resource = queries.held_resource(key, request.user)
    form = resource_form()
    if request.method != "POST":
        form.fill(shown(description_of(resource)))
        return _page(request, resource, form)
    said = read(form, request.POST)
    same = _same(request, said, resource)
    if form.errors or _unanswered(request, same):
        return _page(request, resource, form, same=same, seen=request.POST.get("seen", ""))
    try:
        changed = pipeline.describe_resource(
            by=request.user,
            resource=resource,
            description=said,
            now=timezone.now(),
            seen=request.POST.get("seen", ""),
        )
    except Overtaken:
        return _page(request, resource, form, theirs=_theirs(form, said, resource))
    messages.success(request, "Saved." if changed else "Nothing was different: nothing changed.")
    return redirect("edit-resource", resource.key)


def _same(request: HttpRequest, said: Description, resource: Resource | None) -> list[MaybeSame]:
    """What may be the same work: for a new one, and where what tells works apart was changed."""
    if resource is None:
        return queries.maybe_same_resource(said, request.user)
    if TELLS_APART.isdisjoint(differences(description_of(resource), said)):
        return []
    return queries.maybe_same_resource(said, request.user, but=resource.key)


def _unanswered(request: HttpRequest, same: list[MaybeSame]) -> bool:
    """Whether there is one among them that the person was not shown before saying "save anyway"."""
    answered = set(request.POST.getlist("not")) if request.POST.get("do") == "anyway" else set()
    return not {one.key for one in same} <= answered


def _theirs(form: Form, said: Description, resource: Resource) -> list[Theirs]:
    """The fields in which the record now differs from what was typed, and what they say."""
    resource.refresh_from_db()
    now = description_of(resource)
    values = shown(now)
    return [Theirs(form.label(name), values[name]) for name in differences(said, now)]


def history(subject: str, request: HttpRequest) -> list[AuditEntry]:
    """What cataloguers did to a record, the last first."""
    return accounts.history_of(subject, request.user, actions=OF_THE_CATALOGUE)


def _page(
    request: HttpRequest,
    resource: Resource | None,
    form: Form,
    *,
    same: list[MaybeSame] | None = None,
    theirs: list[Theirs] | None = None,
    seen: str | None = None,
) -> HttpResponse:
    """The form, with what has to be put right or decided first."""
    stored = description_of(resource) if resource else None
    status = 409 if theirs is not None else 400 if form.errors else 200
    return render(
        request,
        "catalogue/resource.html",
        {
            "resource": resource,
            "form": form,
            "same": same or [],
            "theirs": theirs,
            "seen": seen if seen is not None else version_of(stored),
            "history": history(f"resource {resource.key}", request) if resource else [],
            "subjects": resources_open.subjects_given(resource.record) if resource else [],
            "may_publish": may(request.user, PUBLISH),
        },
        status=status,
    )
