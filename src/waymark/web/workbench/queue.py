"""A coder's queue: the reviews assigned to them, with their own progress and no one else's."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import require_account
from waymark.coding.queries.coding_queue import own_queue, queued_reports
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

QUEUE = StaffList(
    singular="review in your queue",
    plural="reviews in your queue",
    search=("review__title", "review__reference"),
    columns=(
        ListColumn("Review", "title", ("review__title",)),
        ListColumn("Assigned", "assigned", ("started_at",), falling=True),
        ListColumn("State", "state", ("finished_at",), falling=True, empty_last=True),
        ListColumn("Framework"),
    ),
    order="assigned",
    filters=(
        ListFilter(
            "state",
            "State",
            {"open": "To code", "finished": "Finished"},
            lambda value: Q(finished_at__isnull=value == "open"),
        ),
    ),
)


@require_safe
def coding_queue(request: HttpRequest) -> HttpResponse:
    """The coder's assignments: reports, pages read, own codings."""
    coder = require_account(request.user, "code", "see your queue")
    view = QUEUE.view(request, own_queue(coder))
    reports = queued_reports(coder, view.rows)
    rows = [(row, reports[row.pk]) for row in view.rows]
    return render(request, "workbench/queue.html", {"list": view, "rows": rows})
