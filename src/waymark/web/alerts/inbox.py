"""The inbox of the Weekly alert: candidates, and the decision on each beside the criteria."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from waymark.accounts.permissions import has_permission
from waymark.alerts.criteria import alert_criteria
from waymark.alerts.models import AlertIssue, AlertList, Candidate
from waymark.alerts.queries import candidates as queries
from waymark.alerts.services import candidates as services
from waymark.alerts.services import sources
from waymark.core.errors import RuleError
from waymark.core.wording import as_sentence
from waymark.web.shared.fields import HiddenField, ReasonField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList, column_filter

DECISIONS = {
    "waiting": "Waiting",
    Candidate.Decision.CHOSEN: "Chosen",
    Candidate.Decision.NOT_CHOSEN: "Not chosen",
}
INBOX = StaffList(
    singular="candidate",
    plural="candidates",
    search=("title", "summary", "publisher"),
    columns=(
        # "" is first: what waits. By topic, so that one theme is decided on together.
        ListColumn(
            "Decision",
            "decision",
            ("decision", "topic", "-gathered_at"),
            words=("waiting first", "waiting last"),
        ),
        ListColumn("Gathered", "gathered", ("gathered_at",), falling=True),
        ListColumn("Topic", "topic", ("topic", "-gathered_at")),
        ListColumn("Title", "title", ("title",)),
    ),
    order="decision",
)


class CandidateForm(SiteForm):
    """A decision on a candidate. back: the list as the person saw it."""

    criterion = HiddenField()
    note = ReasonField("Note", most=500)
    back = HiddenField(most=2_000)


def _decision(value: str) -> Q:
    return Q(decision="" if value == "waiting" else value)


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Candidates, those that wait first of all, with the criteria beside them."""
    rows = queries.candidates(request.user, timezone.now())
    view = INBOX.view(
        request,
        rows,
        ListFilter("decision", "Decision", DECISIONS, _decision),
        column_filter("topic", "Topic", rows),
        column_filter("publisher", "Source", rows),
    )
    context = {
        "list": view,
        "criteria": alert_criteria(),
        "draft": AlertIssue.objects.filter(alert_list=AlertList.WEEKLY, approved_at=None).first(),
        "may_manage": has_permission(request.user, queries.MANAGE),
        "here": request.get_full_path(),
    }
    return render(request, "alerts/inbox.html", context)


@require_POST
def gather(request: HttpRequest) -> HttpResponse:
    """Let the worker fetch every feed next."""
    number = sources.fetch_soon(by=request.user, now=timezone.now())
    if number:
        feeds = "1 feed is" if number == 1 else f"{number} feeds are"
        messages.success(request, f"{feeds} being fetched. Load this page again in a minute.")
    else:
        messages.info(request, "No feed is on the list. An administrator can add feeds.")
    return redirect("alert-inbox")


@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Choose a candidate, leave it, or let it wait again."""
    now = timezone.now()
    candidate = queries.candidate_for(number, request.user, now)
    form = CandidateForm.of(request)
    form.is_valid()
    values: dict[str, Any] = {"by": request.user, "candidate": candidate, "now": now}
    criterion, note = form.data.get("criterion", ""), form.cleaned_data.get("note", "")
    try:
        if form.action == "choose":
            services.choose_candidate(**values, criterion=criterion, note=note)
            messages.success(request, f"“{candidate.title}” is in the draft.")
        elif form.action == "leave":
            services.leave_candidate(**values, criterion=criterion, note=note)
            messages.success(request, f"“{candidate.title}” is not chosen.")
        else:
            services.reopen_candidate(**values)
            messages.success(request, f"“{candidate.title}” waits for a decision.")
    except RuleError as error:
        messages.error(request, f"“{candidate.title}”: {as_sentence(error)}")
    return redirect(_back(request, form.cleaned_data.get("back", "")))


def _back(request: HttpRequest, address: str) -> str:
    inbox_address = reverse("alert-inbox")
    if address.startswith(inbox_address) and url_has_allowed_host_and_scheme(address, None):
        return address
    return inbox_address
