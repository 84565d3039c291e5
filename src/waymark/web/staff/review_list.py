"""Reviews and reports: the list of all of them, with what waits for the person."""

from dataclasses import dataclass
from functools import partial

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from waymark.accounts.installation import pause_of_sending
from waymark.accounts.models import State, User
from waymark.accounts.permissions import Person, has_permission, require_account
from waymark.coding.queries import coding_progress
from waymark.documents.queries import holdings
from waymark.documents.queries.anonymity import ids_with_alerts
from waymark.documents.queries.holdings import ReviewHolding
from waymark.library.queries.cataloguing import has_subjects
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList, column_filter
from waymark.web.staff.waiting_reviews import QUEUES, queue_named

ADD_REPORTS = "add reports"
PUBLISH = "publish reports"
SUBJECTS = ListFilter(
    "subjects",
    "Subjects",
    {"none": "Without a subject", "some": "With a subject"},
    lambda value: has_subjects("review", some=value == "some"),
)
REVIEWS = StaffList(
    "review",
    "reviews",
    search=("title", "reference", "board"),
    columns=(
        ListColumn("Review, and its reports", "title", ("title",)),
        ListColumn("State", "state", ("state",)),
        ListColumn("Pages", number=True),
        ListColumn("Passages", number=True),
        ListColumn("Coding"),
        ListColumn("Added", "added", ("added_at",), falling=True),
    ),
    order="-added",
    filters=(SUBJECTS,),
)


def review_filters(person: Person) -> tuple[ListFilter, ...]:
    """The filters of the list of reviews for a person. Raises NotPermitted."""
    counts = {str(state): number for state, number in holdings.state_counts(person).items()}
    return (
        ListFilter(
            "state",
            "State of review or report",
            dict(State.choices),
            lambda value: holdings.in_state(State(value), person),
            counts,
        ),
        column_filter("nation", "Nation", holdings.listed_reviews(person)),
        *_waiting_filter(person),
    )


def _waiting_filter(person: Person) -> tuple[ListFilter, ...]:
    """The queues of reviews that wait for the person, if they work on any."""
    if not isinstance(person, User):
        return ()
    labels = {
        name: queue.label
        for name, queue in QUEUES.items()
        if has_permission(person, queue.permission)
    }
    where = partial(_waits, person)
    return (ListFilter("waiting", "Waiting for you", labels, where),) if labels else ()


def _waits(person: User, name: str) -> Q:
    return Q(pk__in=QUEUES[name].listed(person).order_by().values("pk"))


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
    progress = coding_progress([review.pk for review in view.rows])
    lines = [
        HoldingsRow(row, _coding_progress(*progress.get(row.review.pk, (0, 0))))
        for row in holdings.review_holdings(view.rows, person)
    ]
    reports = [part.report.pk for line in lines for part in line.holding.reports]
    return render(
        request,
        "staff/list.html",
        {
            "with_hidden_text": holdings.ids_with_hidden_text(reports),
            "with_alerts": ids_with_alerts(reports),
            "list": view,
            "lines": lines,
            "may_publish": has_permission(person, PUBLISH),
            "may_take_in": has_permission(person, ADD_REPORTS),
            "pause": pause_of_sending(),
        },
    )


def _coding_progress(assigned: int, finished: int) -> str:
    if not assigned:
        return "not started"
    return f"{finished} of {assigned} finished"
