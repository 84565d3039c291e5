"""Saved searches: list, run, save, rename, delete."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from waymark.core.errors import RuleError
from waymark.library import queries
from waymark.library.queries import RunnableSearch
from waymark.library.queries.saved_searches import runnable, saved_rows
from waymark.library.search.protocol import SearchRequest
from waymark.library.services import saved_searches as services
from waymark.web.library.search_request import query_string, search_request_in, sort_in
from waymark.web.shared.fields import TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList

LONGEST_ADDRESS = 8_000


class SaveSearchForm(SiteForm):
    """The name of a new saved search. asks: address of the search, a hidden input of the page."""

    name = TextField("Save this search as", most=120)


SEARCHES = StaffList(
    "saved search",
    "saved searches",
    search=("name",),
    columns=(
        ListColumn("Name", "name", ("name",)),
        ListColumn("Saved", "saved", ("created_at",), falling=True),
    ),
    order="name",
)


class SearchNameForm(SiteForm):
    """Another name for the saved search of this number."""

    name = TextField("New name", most=120)

    def __init__(self, number: int, **options: Any) -> None:
        super().__init__(**{"auto_id": f"%s-{number}", **options})
        self.number = number


@login_required
@require_safe
def saved_search_list(request: HttpRequest) -> HttpResponse:
    """The person's own saved searches, by name."""
    return _list_page(request, None)


@login_required
@require_safe
def run_saved_search(request: HttpRequest, number: int) -> HttpResponse:
    """Run a saved search. Raises NotFound for another person's."""
    search = queries.saved_search(number, request.user)
    if search.unreadable:
        messages.error(
            request,
            f"“{search.name}” was saved by a newer version of this site. It is still there, "
            "but cannot be run here.",
        )
        return redirect("saved-searches")
    return redirect(reverse("find") + query_string(_search_request(search)))


def _by_email(search: RunnableSearch) -> str:
    """Where to follow a saved search by email; "" for one that cannot be run or finds all."""
    if search.unreadable or not (search.text or search.filters):
        return ""
    return f"{reverse('alerts')}?{urlencode({'search': query_string(_search_request(search))})}"


def _search_request(saved_search: RunnableSearch) -> SearchRequest:
    sort = sort_in(saved_search.sort, saved_search.text)
    filters = saved_search.filters
    return SearchRequest(saved_search.text, filters, sort, broaden=saved_search.broaden)


@login_required
@require_POST
def save_search(request: HttpRequest) -> HttpResponse:
    """Save a search."""
    form = SaveSearchForm.of(request)
    search = search_request_in(
        QueryDict(str(form.data.get("asks", ""))[:LONGEST_ADDRESS].removeprefix("?"))
    )
    try:
        if not form.is_valid():
            raise RuleError(form.problems[0].message.rstrip("."))
        saved_search = services.save_search(
            by=request.user,
            name=form.cleaned_data["name"],
            query=search.text,
            filters=search.filters,
            sort=search.sort,
            broaden=search.broaden,
            now=timezone.now(),
        )
    except RuleError as error:
        messages.error(request, f"The search was not saved: {error}.")
        return redirect(reverse("find") + query_string(search))
    messages.success(request, f"The search is saved as “{saved_search.name}”.")
    return redirect("saved-searches")


@login_required
@require_POST
def rename_search(request: HttpRequest, number: int) -> HttpResponse:
    """Rename a saved search."""
    form = SearchNameForm.of(request, number)
    if form.is_valid():
        try:
            search = services.rename_search(
                by=request.user, number=number, name=form.cleaned_data["name"], now=timezone.now()
            )
        except RuleError as error:
            form.refuse(error, "name")
        else:
            messages.success(request, f"The search is now named “{search.name}”.")
            return redirect("saved-searches")
    return _list_page(request, form)


def _list_page(request: HttpRequest, form: "SearchNameForm | None") -> HttpResponse:
    """The list. form: a new name that was refused."""
    view = SEARCHES.view(request, saved_rows(request.user))
    searches = [
        (
            search,
            form
            if form and form.number == search.number
            else SearchNameForm(search.number, initial={"name": search.name}),
            _by_email(search),
        )
        for search in runnable(view.rows)
    ]
    context = {"list": view, "searches": searches, "form": form}
    status = form.http_status if form else 200
    return render(request, "accounts/searches.html", context, status=status)


@login_required
@require_POST
def delete_search(request: HttpRequest, number: int) -> HttpResponse:
    """Delete a saved search."""
    search = queries.saved_search(number, request.user)
    services.delete_search(by=request.user, number=number, now=timezone.now())
    messages.success(request, f"“{search.name}” is deleted.")
    return redirect("saved-searches")
