"""Reviews and reports: the list of all of them, with what waits for the person."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from waymark.accounts.installation import pause_of_sending
from waymark.accounts.permissions import has_permission, require_account
from waymark.coding.assignments import coding_progress, progress_in_words
from waymark.documents.queries import holdings
from waymark.documents.queries.anonymity import ids_with_identifiers
from waymark.documents.queries.holdings import ReviewHolding
from waymark.library.models import BulkKind
from waymark.web.shared.record_lists import REVIEWS, bulk_actions, review_filters
from waymark.web.shared.waiting_reviews import queue_named

ADD_REPORTS = "add reports"
PUBLISH = "publish reports"


@dataclass(frozen=True, slots=True)
class HoldingsRow:
    """A review of the list. coding: its coding progress, in words."""

    holding: ReviewHolding
    coding: str


@require_safe
def holdings_list(request: HttpRequest) -> HttpResponse:
    """All reviews with their reports: state, size, coding, who added them."""
    person = request.user
    rows = holdings.listed_reviews(person)
    # The address of somebody else's queue is refused, and not merely unknown.
    if queue := queue_named(request.GET.get("waiting", "")):
        require_account(person, queue.permission, "see your waiting reviews")
    view = REVIEWS.view(request, rows, *review_filters(person))
    progress = coding_progress([review.pk for review in view.rows], person)
    lines = [
        HoldingsRow(row, progress_in_words(*progress.get(row.review.pk, (0, 0))))
        for row in holdings.review_holdings(view.rows, person)
    ]
    reports = [part.report.pk for line in lines for part in line.holding.reports]
    return render(
        request,
        "staff/list.html",
        {
            "with_hidden_text": holdings.ids_with_hidden_text(reports),
            "with_identifiers": ids_with_identifiers(reports),
            "list": view,
            "lines": lines,
            "bulk_kind": "review",
            "bulk_actions": bulk_actions(person, BulkKind.REVIEW),
            "may_publish": has_permission(person, PUBLISH),
            "may_take_in": has_permission(person, ADD_REPORTS),
            "pause": pause_of_sending(),
        },
    )
