"""Search history: the searches of one session of a signed-in person, to run again and combine.

It is in the session, so it ends with it and nobody else can see it. Visitors have none: it would
need a cookie.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from waymark.library.search.composed import EarlierSearch, combined_query
from waymark.library.search.protocol import SearchRequest
from waymark.web.library.search_request import query_string, search_request_in

SESSION_KEY = "recent_searches"
MOST = 30
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class RecentSearch:
    """A search of this session. number: from 1, the latest last. total: records it found then."""

    number: int
    request: SearchRequest
    total: int

    @property
    def url(self) -> str:
        return reverse("find") + query_string(self.request)


def remember_search(request: HttpRequest, search: SearchRequest, total: int) -> None:
    """Add a search to the history of a signed-in person; one that is repeated moves to the end."""
    if not request.user.is_authenticated or not (search.text or search.filters):
        return
    asked = query_string(search)
    stored: list[dict[str, Any]] = request.session.get(SESSION_KEY, [])
    entry = {"asks": asked, "total": total}
    if len(asked) > LONGEST or (stored and stored[-1] == entry):
        return
    others = [row for row in stored if row["asks"] != asked]
    request.session[SESSION_KEY] = [*others, entry][-MOST:]


def recent_searches(request: HttpRequest) -> list[RecentSearch]:
    """The searches of this session, the first one first."""
    stored: list[dict[str, Any]] = request.session.get(SESSION_KEY, [])
    return [
        RecentSearch(number, _request_of(row["asks"]), int(row["total"]))
        for number, row in enumerate(stored, start=1)
    ]


def _request_of(asked: str) -> SearchRequest:
    return search_request_in(QueryDict(asked.removeprefix("?")))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search_history(request: HttpRequest) -> HttpResponse:
    """The searches of this session; POST deletes them."""
    if request.method == "POST":
        request.session.pop(SESSION_KEY, None)
        messages.success(request, "Your search history is deleted.")
        return redirect("search-history")
    return _history_page(request)


def _history_page(request: HttpRequest, problem: str = "") -> HttpResponse:
    searches = recent_searches(request)
    context = {"searches": searches[::-1], "problem": problem}
    return render(request, "accounts/search_history.html", context, status=400 if problem else 200)


@login_required
@require_safe
def combined_search(request: HttpRequest) -> HttpResponse:
    """Run several searches of the history as one: ?n=1&n=3&how=any."""
    chosen = set(request.GET.getlist("n"))
    searches = [
        EarlierSearch(search.request.text, search.request.filters)
        for search in recent_searches(request)
        if str(search.number) in chosen
    ]
    text = combined_query(searches, either=request.GET.get("how") == "any")
    if len(searches) < 2 or not text:
        return _history_page(request, "Choose two or more searches to combine.")
    return redirect(reverse("find") + query_string(SearchRequest(text)))
