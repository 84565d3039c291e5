"""Service notices: the public list, and the page on which staff add and end them."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark.core.errors import RuleError
from waymark.library.queries import notices as queries
from waymark.library.services import notices as services
from waymark.web.shared.fields import DateField, ReasonField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList


class NoticeForm(SiteForm):
    """A service notice."""

    text = ReasonField(
        "Notice",
        missing="Enter the notice.",
        hint="One or two sentences: what is different, and what people can do.",
        rows=3,
        most=services.LONGEST,
    )
    first_day = DateField("First day (optional)", hint="Today, if you leave it empty.")
    last_day = DateField("Last day (optional)", hint="For example, 24 1 2027.")


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """Current and past notices, with their days."""
    today = timezone.localdate()
    current = {notice.pk for notice in queries.current_notices(today)}
    rows = [(notice, notice.pk in current) for notice in queries.begun_notices(today)]
    return render(request, "notices/list.html", {"rows": rows})


NOTICES = StaffList(
    "notice",
    "notices",
    search=("text",),
    columns=(
        ListColumn("Notice", "text", ("text",)),
        ListColumn("First day", "first", ("first_day",), falling=True),
        ListColumn("Last day", "last", ("last_day",), falling=True),
        ListColumn("Added by", "by", ("added_by__username",)),
        ListColumn("Action"),
    ),
    order="-first",
)


def _state_filter(today: date) -> ListFilter:
    return ListFilter(
        "state",
        "State",
        {"current": "Shown now", "planned": "Not shown yet", "past": "Ended"},
        lambda value: queries.notices_in_state(value, today),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit_notices(request: HttpRequest) -> HttpResponse:
    """All notices, and the form for a new one."""
    today = timezone.localdate()
    rows = queries.all_notices(request.user)
    form = NoticeForm.of(request)
    if form.is_valid():
        try:
            services.add_notice(by=request.user, now=timezone.now(), **form.cleaned_data)
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Notice added.")
            return redirect("edit-notices")
    view = NOTICES.view(request, rows, _state_filter(today))
    context = {"list": view, "form": form, "today": today}
    return render(request, "notices/edit.html", context, status=form.http_status)


@require_POST
def end_notice(request: HttpRequest, number: int) -> HttpResponse:
    """Stop showing a notice."""
    notice = queries.notice_for(number, request.user)
    services.end_notice(by=request.user, notice=notice, now=timezone.now())
    messages.success(request, "Notice ended.")
    return redirect("edit-notices")
