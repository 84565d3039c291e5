"""When the issues of each list are made, and whether a person approves them."""

from collections.abc import Mapping
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.days import MONDAY, THURSDAY, next_due
from waymark.alerts.models import AlertList, ListSchedule
from waymark.core.errors import RuleError

APPROVE = "approve alerts"
# Followed topics, followed searches and new records repeat what people have published already, and
# waiting for a person would only make them late. What people chose or wrote is read by a person.
DEFAULTS: Mapping[AlertList, tuple[int | None, int | None, bool]] = {
    AlertList.WEEKLY: (MONDAY, None, False),
    AlertList.LIBRARY: (THURSDAY, None, True),
    AlertList.REVIEWS: (None, 1, False),
    AlertList.TOPICS: (MONDAY, None, True),
    AlertList.SEARCHES: (MONDAY, None, True),
}
"""List -> weekday, day of the month, and whether its issues are approved without a person."""
HOUR = 7


@audit.serialized
def start_lists(*, by: Actor, now: datetime) -> None:
    """Begin the lists that have no schedule: what becomes public from now on belongs to them."""
    require_permission(by, APPROVE)
    known = set(ListSchedule.objects.values_list("alert_list", flat=True))
    for alert_list, (weekday, day, automatic) in DEFAULTS.items():
        if alert_list not in known:
            ListSchedule.objects.create(
                alert_list=alert_list,
                starts_at=now,
                weekday=weekday,
                day=day,
                hour=HOUR,
                next_at=next_due(now, weekday=weekday, day=day, hour=HOUR),
                automatic=automatic,
            )


@audit.serialized
def change_schedule(
    *,
    by: Actor,
    alert_list: AlertList,
    weekday: int | None,
    day: int | None,
    hour: int,
    automatic: bool,
    now: datetime,
) -> ListSchedule:
    """Change the day of a list and who approves its issues. Raises NotPermitted, RuleError."""
    require_permission(by, APPROVE)
    if automatic and alert_list == AlertList.WEEKLY:
        raise RuleError("the Weekly alert is chosen by people, so a person approves it")
    start_lists(by=by, now=now)
    schedule = ListSchedule.objects.get(alert_list=alert_list)
    schedule.weekday, schedule.day, schedule.hour = weekday, day, hour
    schedule.automatic = automatic
    try:
        schedule.next_at = next_due(now, weekday=weekday, day=day, hour=hour)
    except ValueError as error:
        raise RuleError(str(error)) from error
    schedule.save()
    audit.record_about(by, "change alert list", schedule, now, automatic=automatic)
    return schedule


@audit.serialized
def note_made(*, alert_list: AlertList, now: datetime) -> None:
    """Set when the next issue of a list is due: its present one was made, or had no content."""
    schedule = ListSchedule.objects.get(alert_list=alert_list)
    schedule.next_at = next_due(now, weekday=schedule.weekday, day=schedule.day, hour=schedule.hour)
    schedule.save(update_fields=["next_at"])
