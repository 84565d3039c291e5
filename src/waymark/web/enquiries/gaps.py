"""The gap list: what was asked for and not found."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.core.errors import RuleError
from waymark.enquiries.models import GapState
from waymark.enquiries.queries import gaps as queries
from waymark.enquiries.services.gaps import change_gap
from waymark.web.shared.fields import CODE, RadioField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

GAPS = StaffList(
    "item",
    "items",
    search=("title", "note"),
    columns=(
        ListColumn("Not found", "title", ("title",)),
        ListColumn("Asked for", "asked", ("number_of_requests",), falling=True, number=True),
        ListColumn("State", "state", ("state",)),
        ListColumn("First asked", "noted", ("noted_at",), falling=True),
    ),
    order="noted",
    filters=(ListFilter("state", "State", dict(GapState.choices), lambda value: Q(state=value)),),
)


@require_safe
def gap_list(request: HttpRequest) -> HttpResponse:
    """What was not found, with how often it was asked for."""
    view = GAPS.view(request, queries.listed_gaps(request.user))
    return render(request, "enquiries/gaps.html", {"list": view})


class GapForm(SiteForm):
    """What became of a gap."""

    state = RadioField("State", GapState.choices, missing="Choose a state.")
    resource = TextField(
        "Record that was added",
        hint="The end of its address, such as learning-from-reviews-2019. For “Added” alone.",
        most=80,
        attrs=CODE,
    )
    note = TextField("Note (optional)", hint="For example, where it was ordered.", most=500)


@require_http_methods(["GET", "HEAD", "POST"])
def gap_page(request: HttpRequest, number: int) -> HttpResponse:
    """One gap: who asked for it, and the form for what became of it."""
    gap = queries.gap_for(number, request.user)
    initial = {
        "state": gap.state,
        "note": gap.note,
        "resource": gap.resource.key if gap.resource else "",
    }
    form = GapForm.of(request, initial=initial)
    if form.is_valid():
        try:
            change_gap(by=request.user, gap=gap, now=timezone.now(), **form.cleaned_data)
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Saved.")
            return redirect("gap", number)
    context = {
        "gap": gap,
        "form": form,
        "requests": gap.requests.select_related("enquiry", "noted_by"),
    }
    return render(request, "enquiries/gap.html", context, status=form.http_status)
