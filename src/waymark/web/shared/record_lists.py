"""The lists of reviews and of resources: what they search, filter and sort by.

The pages of the lists use them, and the pages of bulk changes, whose addresses name the same rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from waymark.accounts.content_state import ContentCache, digest_mark
from waymark.accounts.models import State, User
from waymark.accounts.permissions import Actor, Person, has_permission
from waymark.accounts.visibility import OPEN_TO_STAFF, listed_states
from waymark.documents.queries import holdings
from waymark.library.models import BulkAction, BulkKind, ResourceKind
from waymark.library.queries import cataloguing as queries
from waymark.web.shared.lists import (
    ListColumn,
    ListFilter,
    StaffList,
    column_filter,
    value_counts,
)
from waymark.web.shared.waiting_reviews import QUEUES

_COUNTS: ContentCache[dict[str, int]] = ContentCache(size=32)
"""Numbers beside the values of filters: the same for all who are shown the same states."""


def _subjects_filter(of: str) -> ListFilter:
    """Filter by whether a record has subjects. of: "review" or "resource"."""
    return ListFilter(
        "subjects",
        "Subjects",
        {"none": "Without a subject", "some": "With a subject"},
        lambda value: queries.has_subjects(of, some=value == "some"),
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
    filters=(_subjects_filter("review"),),
)


def review_filters(person: Person) -> tuple[ListFilter, ...]:
    """The filters of the list of reviews for a person. Raises NotPermitted."""
    # Read before anything is counted.
    mark, listed = digest_mark(), listed_states(person)
    return (
        ListFilter(
            "state",
            "State",
            dict(State.choices),
            lambda value: holdings.in_state(State(value), person),
            _COUNTS.value(mark, ("state", listed), lambda: _state_counts(person)),
        ),
        column_filter(
            "nation",
            "Nation",
            _COUNTS.value(mark, ("nation", listed), lambda: _nation_counts(person)),
        ),
        *_waiting_filter(person),
    )


def _state_counts(person: Person) -> dict[str, int]:
    return {str(state): number for state, number in holdings.state_counts(person).items()}


def _nation_counts(person: Person) -> dict[str, int]:
    # Not of withdrawn reviews: the list says no more of them than title and reference.
    open_reviews = holdings.listed_reviews(person).filter(state__in=OPEN_TO_STAFF)
    return value_counts("nation", open_reviews)


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


RESOURCES = StaffList(
    "resource",
    "resources",
    search=("title", "key", "publisher", "authors"),
    columns=(
        ListColumn("Title", "title", ("title",)),
        ListColumn("Kind", "kind", ("kind",)),
        ListColumn("Year", "year", ("year",), falling=True, number=True),
        ListColumn("State", "state", ("state",)),
        ListColumn("Added", "added", ("added_at",), falling=True),
    ),
    order="-added",
    filters=(_subjects_filter("resource"),),
)


def resource_filters(person: Person) -> tuple[ListFilter, ...]:
    """The filters of the list of resources for a person. Raises NotPermitted."""
    rows = queries.listed_resources(person)
    return (
        column_filter("state", "State", rows, dict(State.choices)),
        column_filter("kind", "Kind", rows, dict(ResourceKind.choices)),
    )


QUESTIONED_REPORTS = StaffList(
    "report",
    "reports",
    search=("title", "file_name", "review__reference"),
    columns=(
        ListColumn("Report", "title", ("title", "file_name")),
        ListColumn("State", "state", ("state",)),
        ListColumn("Received", "received", ("received_at",), falling=True),
        ListColumn("What was found"),
    ),
    order="-received",
)
"""Reports with a question of one kind that somebody must answer."""


def report_state_filter(rows: QuerySet[Any]) -> ListFilter:
    """Filter of a list of reports by their states."""
    return column_filter("state", "State", rows, dict(State.choices))


@dataclass(frozen=True, slots=True)
class BulkList:
    """List whose rows can be changed together. name: column that names a record in addresses.

    page, record: URL names of the list, and of the staff page of a record.
    """

    list: StaffList
    rows: Callable[[Actor], QuerySet[Any]]
    filters: Callable[[Person], tuple[ListFilter, ...]]
    name: str
    page: str
    record: str


BULK_LISTS = {
    BulkKind.REVIEW: BulkList(
        REVIEWS, holdings.listed_reviews, review_filters, "reference", "staff", "edit-review"
    ),
    BulkKind.RESOURCE: BulkList(
        RESOURCES,
        queries.listed_resources,
        resource_filters,
        "key",
        "held-resources",
        "edit-resource",
    ),
}
ACTIONS = (
    *((action.value, action.label, "catalogue") for action in BulkAction),
    ("csv", "Export as CSV", "see unpublished reports"),
    ("ris", "Export as RIS", "see unpublished reports"),
    ("json", "Export as JSON", "see unpublished reports"),
)
"""Value, label and permission of what can be done with chosen rows."""


def bulk_actions(person: Person, kind: BulkKind) -> list[tuple[str, str]]:
    """Value and label of what a person can do with chosen rows of a list."""
    return [
        (value, label)
        for value, label, needed in ACTIONS
        if has_permission(person, needed)
        and (value != BulkAction.SET_FIELD or kind == BulkKind.RESOURCE)
    ]
