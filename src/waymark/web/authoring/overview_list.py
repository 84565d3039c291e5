"""Overviews in progress, and those that the person can sign now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission, require_account
from waymark.overview.models import Overview
from waymark.publishing.queries.in_progress import overviews_in_progress
from waymark.web.shared.lists import ListColumn, StaffList

OVERVIEWS = StaffList(
    "overview",
    "overviews",
    search=("title", "slug"),
    columns=(
        ListColumn("Overview", "title", ("title",)),
        ListColumn("Status"),
        ListColumn("Last version"),
        ListColumn("Work on it"),
    ),
    order="title",
)


@require_safe
def overview_list(request: HttpRequest) -> HttpResponse:
    """Overviews in progress, and those that need the person's signature."""
    person = require_account(request.user, "write overviews", "see overviews in progress")
    overviews = {
        row.status.overview.pk: row for row in overviews_in_progress(person, timezone.now())
    }
    view = OVERVIEWS.view(request, Overview.objects.filter(pk__in=overviews))
    return render(
        request,
        "specs/list.html",
        {
            "list": view,
            "overviews": [overviews[row.pk] for row in view.rows],
            "waiting": [overview for overview in overviews.values() if overview.is_signable],
            "may_analyse": has_permission(request.user, "analyse"),
        },
    )
