"""Past bulk changes, and the records of a coming one."""

from collections.abc import Collection

from django.db.models import Count, Prefetch, Q, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import listed_states
from waymark.core.errors import require_found
from waymark.documents.models import Report, Review
from waymark.library.models import (
    BulkChange,
    BulkChangeItem,
    BulkKind,
    BulkOutcome,
    BulkUndo,
    Resource,
)

CATALOGUE = "catalogue"


def listed_bulk_changes(person: Actor) -> QuerySet[BulkChange]:
    """All bulk changes, with the numbers of their records. Raises NotPermitted."""
    require_permission(person, CATALOGUE)
    outcomes = {
        f"{outcome}_records": Count("items", filter=Q(items__outcome=outcome))
        for outcome in BulkOutcome
    }
    items = Count("items")
    undone = Count("items", filter=Q(items__undo=BulkUndo.RESTORED))
    return BulkChange.objects.select_related("by", "undone_by").annotate(
        **outcomes, asked_records=items, restored_records=undone
    )


def bulk_change_for(key: str, person: Actor) -> BulkChange:
    """A bulk change by its key, with the same numbers. Raises NotPermitted, NotFound."""
    return require_found(
        listed_bulk_changes(person).filter(key=key).first(), f"there is no bulk change {key}"
    )


def items_of(change: BulkChange, person: Actor) -> QuerySet[BulkChangeItem]:
    """The records of a bulk change, in the order of the change. Raises NotPermitted."""
    require_permission(person, CATALOGUE)
    return BulkChangeItem.objects.filter(change=change)


def done_names(change: BulkChange, names: Collection[str]) -> frozenset[str]:
    """Those of some names that a change has done; all of them once it is undone."""
    if BulkChange.objects.filter(pk=change.pk, undone_at__isnull=False).exists():
        return frozenset(names)
    items = BulkChangeItem.objects.filter(change=change, name__in=names)
    return frozenset(items.values_list("name", flat=True))


def records_named(
    kind: BulkKind, names: Collection[str], person: Actor
) -> dict[str, Review | Resource]:
    """Name -> record, of the ones that the lists show to a person. Raises NotPermitted.

    With their subjects and the reports of reviews, in as many queries for one as for all.
    """
    states = listed_states(person)
    if kind == BulkKind.RESOURCE:
        resources = Resource.objects.filter(key__in=names, state__in=states)
        rows = resources.select_related("record").prefetch_related("record__subjects")
        return {row.key: row for row in rows}
    reports = Report.objects.filter(state__in=states).order_by("pk")
    reviews = Review.objects.filter(reference__in=names, state__in=states)
    records = reviews.select_related("record", "details").prefetch_related(
        "record__subjects", Prefetch("reports", queryset=reports)
    )
    return {row.reference: row for row in records}


def titles_of(kind: BulkKind, names: Collection[str], person: Actor) -> dict[str, str]:
    """Name -> title, of the records that the lists show to a person. Raises NotPermitted."""
    states = listed_states(person)
    if kind == BulkKind.RESOURCE:
        rows = Resource.objects.filter(key__in=names, state__in=states)
        return dict(rows.values_list("key", "title"))
    reviews = Review.objects.filter(reference__in=names, state__in=states)
    return dict(reviews.values_list("reference", "title"))
