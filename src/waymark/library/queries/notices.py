"""Service notices: the current ones, and all for those who add them."""

from datetime import date

from django.db.models import Q, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import require_found
from waymark.library.models import ServiceNotice

ADD_NOTICES = "publish reports"
MOST_LISTED = 50


def current_notices(today: date) -> QuerySet[ServiceNotice]:
    """The notices that every page shows on a day. For everyone."""
    begun = ServiceNotice.objects.filter(first_day__lte=today, ended_at=None)
    return begun.filter(Q(last_day=None) | Q(last_day__gte=today))


def begun_notices(today: date) -> list[ServiceNotice]:
    """Current and past notices, the latest first. For everyone."""
    return list(ServiceNotice.objects.filter(first_day__lte=today)[:MOST_LISTED])


def all_notices(person: Actor) -> QuerySet[ServiceNotice]:
    """All notices, also those that have not begun, the latest first. Raises NotPermitted."""
    require_permission(person, ADD_NOTICES)
    return ServiceNotice.objects.select_related("added_by")


def notices_in_state(state: str, today: date) -> Q:
    """Condition for the notices of a state on a day: "current", "planned" or "past"."""
    if state == "planned":
        return Q(first_day__gt=today, ended_at=None)
    over = Q(ended_at__isnull=False) | Q(last_day__lt=today)
    return over if state == "past" else Q(first_day__lte=today) & ~over


def notice_for(number: int, person: Actor) -> ServiceNotice:
    """A notice by its number. Raises NotPermitted, NotFound."""
    require_permission(person, ADD_NOTICES)
    notice = ServiceNotice.objects.filter(pk=number).first()
    return require_found(notice, f"there is no notice {number}")
