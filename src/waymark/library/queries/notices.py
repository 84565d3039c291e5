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


def all_notices(person: Actor) -> list[ServiceNotice]:
    """All notices, also those that have not begun, the latest first. Raises NotPermitted."""
    require_permission(person, ADD_NOTICES)
    return list(ServiceNotice.objects.select_related("added_by")[:MOST_LISTED])


def notice_for(number: int, person: Actor) -> ServiceNotice:
    """A notice by its number. Raises NotPermitted, NotFound."""
    require_permission(person, ADD_NOTICES)
    notice = ServiceNotice.objects.filter(pk=number).first()
    return require_found(notice, f"there is no notice {number}")
