"""Was this page useful? Counted without a person, a cookie or a text; the counts for staff."""

from datetime import date, timedelta
from http import HTTPStatus

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from waymark.core.errors import NotFound
from waymark.library.queries import feedback as queries
from waymark.library.services.feedback import count_page_feedback
from waymark.web.middleware import page_feedback
from waymark.web.middleware.errors import ErrorExplanation, error_page
from waymark.web.shared.client_address import client_network
from waymark.web.shared.paging import Paging, page_number
from waymark.web.shared.rate_limit import RateLimiter

SIZE = 50
LIMITER = RateLimiter(at_once=20, a_minute=5)
"""Answers of one network address: in memory, for minutes."""
PERIODS = (("30", "Last 30 days"), ("365", "Last 12 months"), ("all", "All"))
ORDERS = (
    ("no", "Most “no” first"),
    ("yes", "Most “yes” first"),
    ("answers", "Most answers first"),
    ("latest", "Latest answer first"),
    ("page", "By address"),
)
TOO_MANY = ErrorExplanation(
    HTTPStatus.TOO_MANY_REQUESTS,
    "Too many answers",
    "We have received many answers from your network in a short time, so this one was not counted.",
    "Try again in a minute.",
    retry_after=60,
)
NOT_COUNTED = ErrorExplanation(
    HTTPStatus.FORBIDDEN,
    "Your answer was not counted",
    "The site could not confirm that the answer came from one of its pages.",
    "Go back, reload the page and answer again.",
)


# A token of the CSRF protection would set a cookie on every page: page_feedback says what replaces
# it.
@csrf_exempt
@require_POST
def give_feedback(request: HttpRequest) -> HttpResponse:
    """Count one answer, then thank for it on a page of its own, so that a reload counts nothing."""
    token, answer = request.POST.get("page", ""), request.POST.get("useful", "")
    try:
        kind, page = page_feedback.page_of_token(token)
    except signing.BadSignature:
        return error_page(request, NOT_COUNTED)
    if answer not in {"yes", "no"} or not page_feedback.is_from_this_site(request):
        return error_page(request, NOT_COUNTED)
    if not LIMITER.allows(client_network(request)):
        return error_page(request, TOO_MANY)
    count_page_feedback(
        kind=kind, page=page[:300], useful=answer == "yes", day=timezone.localdate()
    )
    return redirect("feedback-received", signed=token)


@require_safe
def feedback_received(request: HttpRequest, signed: str) -> HttpResponse:
    """Thanks for an answer, with the way back to the page."""
    try:
        _, page = page_feedback.page_of_token(signed)
    except signing.BadSignature as error:
        raise NotFound("this is not the page after an answer") from error
    back = page_feedback.address_to_return_to(request, page)
    answer = render(request, "feedback/received.html", {"page": page, "back": back})
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def feedback_counts(request: HttpRequest) -> HttpResponse:
    """Counts by kind of page and by page, for staff."""
    number, words = page_number(request), request.GET.get("q", "").strip()[:100]
    kind, period = request.GET.get("kind", ""), request.GET.get("period", "30")
    order = request.GET.get("sort", "no")
    if order not in dict(ORDERS):
        raise NotFound(f"the list cannot be sorted by {order}")
    since = _since(period)
    kinds = queries.feedback_by_kind(request.user, since=since)
    total, rows = queries.feedback_by_page(
        request.user,
        since=since,
        kind=kind,
        words=words,
        offset=(number - 1) * SIZE,
        limit=SIZE,
        order=order,
    )
    return render(
        request,
        "feedback/counts.html",
        {
            "kinds": kinds,
            "rows": rows,
            "total": total,
            "kind": kind,
            "words": words,
            "periods": PERIODS,
            "period": period,
            "orders": ORDERS,
            "order": order,
            "paging": Paging.of(request, number, total=total, size=SIZE),
        },
    )


def _since(period: str) -> date | None:
    """First day of a period; None for all days."""
    known = {name for name, _ in PERIODS if name.isdigit()}
    return timezone.localdate() - timedelta(days=int(period)) if period in known else None
