"""The lists of alerts for those who edit them: their days, their issues, a new draft."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark.accounts.permissions import has_permission
from waymark.alerts.models import CHOSEN_BY_PEOPLE, AlertList
from waymark.alerts.queries import issues as queries
from waymark.alerts.services import issues as services
from waymark.alerts.services.schedules import HOUR, change_schedule
from waymark.core.errors import RuleError, ServiceUnavailable, require_found
from waymark.pipeline.alerts.build_alerts import build_issue
from waymark.web.shared.fields import CheckField, ChoiceField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.paging import Paging, page_number

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ISSUES_ON_A_PAGE = 25


class ScheduleForm(SiteForm):
    """The day of a list, and who approves its issues."""

    day = ChoiceField(
        "Day",
        [
            *((f"w{number}", f"Every {name}") for number, name in enumerate(WEEKDAYS)),
            *((f"m{day}", f"Monthly, on day {day}") for day in range(1, 29)),
        ],
        missing="Choose a day of the list.",
    )
    automatic = CheckField("Approve issues without a person")


@require_safe
def alert_lists(request: HttpRequest) -> HttpResponse:
    """All lists with their draft and their last issue, and their days."""
    rows = []
    schedules = {row.alert_list: row for row in queries.schedules(request.user)}
    for alert_list in AlertList:
        issues = queries.issues_of(alert_list, request.user)
        schedule = schedules.get(alert_list)
        form = None
        if schedule is not None:
            day = f"m{schedule.day}" if schedule.day else f"w{schedule.weekday}"
            initial = {"day": day, "automatic": schedule.automatic}
            form = ScheduleForm(initial=initial, auto_id=f"{alert_list}-%s")
            if alert_list in CHOSEN_BY_PEOPLE:
                del form.fields["automatic"]
        rows.append(
            {
                "list": alert_list,
                "schedule": schedule,
                "form": form,
                "draft": issues.filter(approved_at=None).first(),
                "last": issues.exclude(approved_at=None).first(),
                "by_people": alert_list in CHOSEN_BY_PEOPLE,
                "archived": alert_list in queries.ARCHIVED,
            }
        )
    may_approve = has_permission(request.user, queries.APPROVE)
    return render(request, "alerts/lists.html", {"rows": rows, "may_approve": may_approve})


@require_POST
def set_schedule(request: HttpRequest, alert_list: str) -> HttpResponse:
    """Change the day of a list, and who approves its issues."""
    known = _list_called(alert_list)
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"{known.label} was not changed: choose a day of the list.")
        return redirect("edit-alerts")
    kind, number = form.cleaned_data["day"][0], int(form.cleaned_data["day"][1:])
    try:
        change_schedule(
            by=request.user,
            alert_list=known,
            weekday=number if kind == "w" else None,
            day=number if kind == "m" else None,
            hour=HOUR,
            automatic=form.cleaned_data["automatic"],
            now=timezone.now(),
        )
    except RuleError as error:
        messages.error(request, f"{known.label} was not changed: {error}.")
    else:
        messages.success(request, f"{known.label} was changed.")
    return redirect("edit-alerts")


def _list_called(name: str) -> AlertList:
    return AlertList(require_found(name if name in AlertList else None, f"there is no list {name}"))


@require_http_methods(["GET", "HEAD", "POST"])
def list_issues(request: HttpRequest, alert_list: str) -> HttpResponse:
    """All issues of a list; by POST a draft of what is new."""
    known, now = _list_called(alert_list), timezone.now()
    rows = queries.issues_of(known, request.user)
    if request.method == "POST":
        return _make_draft(request, known)
    paging = Paging.of(request, page_number(request), total=rows.count(), size=ISSUES_ON_A_PAGE)
    start = (page_number(request) - 1) * ISSUES_ON_A_PAGE
    context = {
        "list": known,
        "issues": rows[start : start + ISSUES_ON_A_PAGE],
        "paging": paging,
        "draft": rows.filter(approved_at=None).first(),
        "by_people": known in CHOSEN_BY_PEOPLE,
        "new": None if known in CHOSEN_BY_PEOPLE else queries.new_records(known, now).count(),
    }
    return render(request, "alerts/issues.html", context)


def _make_draft(request: HttpRequest, alert_list: AlertList) -> HttpResponse:
    now = timezone.now()
    if alert_list in CHOSEN_BY_PEOPLE:
        draft = services.open_draft(by=request.user, alert_list=alert_list, now=now)
        return redirect("edit-alert-issue", draft.pk)
    try:
        built = build_issue(by=request.user, alert_list=alert_list, now=now)
    except ServiceUnavailable:
        messages.error(request, "The search index is not ready: try again in some minutes.")
        return redirect("alert-issues", alert_list)
    if built.issue is None:
        messages.info(request, "Nothing new has become public since the last issue.")
        return redirect("alert-issues", alert_list)
    if built.approved:
        messages.success(request, f"“{built.issue.title}” is approved and will be sent.")
    return redirect("edit-alert-issue", built.issue.pk)
