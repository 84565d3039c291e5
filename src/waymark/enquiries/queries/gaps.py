"""The gap list of the desk."""

from collections.abc import Mapping

from django.db.models import Count, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import require_found
from waymark.enquiries.models import GapState, LibraryGap
from waymark.enquiries.queries.desk import HANDLE

OPEN = (GapState.TO_FIND, GapState.ORDERED)


def listed_gaps(person: Actor) -> QuerySet[LibraryGap]:
    """All gaps, each with the number of enquiries that asked. Raises NotPermitted."""
    require_permission(person, HANDLE)
    rows = LibraryGap.objects.select_related("resource")
    return rows.annotate(number_of_requests=Count("requests"))


def open_gaps(person: Actor) -> QuerySet[LibraryGap]:
    """Gaps that are to be found or ordered. Raises NotPermitted."""
    return listed_gaps(person).filter(state__in=OPEN)


def gap_for(number: int, person: Actor) -> LibraryGap:
    """A gap by its number. Raises NotPermitted, NotFound."""
    return require_found(listed_gaps(person).filter(pk=number).first(), f"there is no gap {number}")


def gap_counts() -> Mapping[str, int]:
    """State -> number of gaps, also of none."""
    counted = dict(LibraryGap.objects.order_by().values_list("state").annotate(Count("pk")))
    return {str(state.value): counted.get(state.value, 0) for state in GapState}
