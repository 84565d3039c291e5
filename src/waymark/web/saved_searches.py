"""The searches that a person keeps: listed, run, kept, renamed, deleted."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from waymark.core.errors import RuleError
from waymark.library import queries
from waymark.library.queries import Kept
from waymark.library.search import SearchRequest
from waymark.library.services import saved_searches as services
from waymark.web.asked import asked_in, query_string, sort_in

LONGEST_ADDRESS = 8_000


@login_required
@require_safe
def saved(request: HttpRequest) -> HttpResponse:
    """The person's own searches, by name."""
    kept = queries.saved_searches(request.user)
    return render(request, "accounts/searches.html", {"searches": kept, "wrong": None})


@login_required
@require_safe
def run(request: HttpRequest, number: int) -> HttpResponse:
    """Leads to what a kept search finds today. Raises NotFound for another's."""
    kept = queries.saved_search(number, request.user)
    if kept.unreadable:
        messages.error(
            request,
            f"“{kept.name}” was kept by a newer version of this site than the one that runs now. "
            "It is still there, but cannot be run here.",
        )
        return redirect("saved-searches")
    return redirect(reverse("library") + query_string(_asked(kept)))


def _asked(kept: Kept) -> SearchRequest:
    sort = sort_in(kept.sort, kept.text)
    return SearchRequest(kept.text, kept.filters, sort, broaden=kept.broaden)


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the search whose address is given."""
    address = request.POST.get("asks", "")[:LONGEST_ADDRESS]
    asked = asked_in(QueryDict(address.removeprefix("?")))
    try:
        kept = services.save_search(
            by=request.user,
            name=request.POST.get("name", ""),
            query=asked.text,
            filters=asked.filters,
            sort=asked.sort,
            broaden=asked.broaden,
            now=timezone.now(),
        )
    except RuleError as error:
        messages.error(request, f"The search was not kept: {error}.")
        return redirect(reverse("library") + query_string(asked))
    messages.success(request, f"The search is kept as “{kept.name}”.")
    return redirect("saved-searches")


@login_required
@require_POST
def rename(request: HttpRequest, number: int) -> HttpResponse:
    """Give a kept search another name."""
    try:
        kept = services.rename_search(
            by=request.user, number=number, name=request.POST.get("name", ""), now=timezone.now()
        )
    except RuleError as error:
        said = {"number": number, "message": str(error)}
        listed = {"searches": queries.saved_searches(request.user), "wrong": said}
        return render(request, "accounts/searches.html", listed, status=400)
    messages.success(request, f"The search is now named “{kept.name}”.")
    return redirect("saved-searches")


@login_required
@require_POST
def delete(request: HttpRequest, number: int) -> HttpResponse:
    """Keep a search no longer."""
    kept = queries.saved_search(number, request.user)
    services.delete_search(by=request.user, number=number, now=timezone.now())
    messages.success(request, f"“{kept.name}” is deleted.")
    return redirect("saved-searches")
