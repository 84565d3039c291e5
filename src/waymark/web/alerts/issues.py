"""An issue for those who edit it: its title, its introduction and its items."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import has_permission
from waymark.alerts.models import CHOSEN_BY_PEOPLE, AlertIssue, AlertList
from waymark.alerts.queries import issues as queries
from waymark.alerts.services import issues as services
from waymark.alerts.services.item_texts import LONGEST_TEXT
from waymark.core.errors import RuleError
from waymark.web.alerts.issue_items import ItemForm
from waymark.web.shared.fields import ReasonField, TextField
from waymark.web.shared.forms import SiteForm


class IssueForm(SiteForm):
    """Title and introduction of a draft."""

    title = TextField("Title", missing="Enter a title.", most=200)
    introduction = ReasonField(
        "Introduction (optional)", hint="One paragraph.", rows=3, most=LONGEST_TEXT
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit_issue(request: HttpRequest, number: int) -> HttpResponse:
    """A draft with its items in order, or an approved issue with what can be corrected."""
    issue = queries.issue_for(number, request.user)
    form = IssueForm(initial={"title": issue.title, "introduction": issue.introduction})
    adding = ItemForm()
    if request.method == "POST":
        action = request.POST.get("do", "")
        form = IssueForm(request.POST) if action == "save" else form
        adding = ItemForm(request.POST) if action == "add" else adding
        if (action not in {"save", "add"}) or (form if action == "save" else adding).is_valid():
            return _change_issue(request, issue, action, form, adding)
    context = {
        "issue": issue,
        "list": AlertList(issue.alert_list),
        "items": list(issue.items.select_related("record", "candidate")),
        "form": form,
        "adding": adding,
        "by_people": issue.alert_list in CHOSEN_BY_PEOPLE,
        "archived": issue.alert_list in queries.ARCHIVED,
        "may_approve": has_permission(request.user, queries.APPROVE),
    }
    status = max(form.http_status, adding.http_status)
    return render(request, "alerts/edit_issue.html", context, status=status)


def _change_issue(
    request: HttpRequest, issue: AlertIssue, action: str, form: IssueForm, adding: ItemForm
) -> HttpResponse:
    by, now = request.user, timezone.now()
    try:
        if action == "save":
            services.change_issue(by=by, issue=issue, now=now, **form.cleaned_data)
            messages.success(request, "Saved.")
        elif action == "add":
            services.add_item(by=by, issue=issue, text=adding.text, now=now)
            messages.success(request, "Item added.")
        elif action == "group":
            services.group_items(by=by, issue=issue, now=now)
            messages.success(request, "Items of one topic are together.")
        elif action == "discard":
            services.discard_draft(by=by, issue=issue, now=now)
            messages.success(request, "The draft is discarded. Its candidates wait again.")
            return redirect("alert-issues", issue.alert_list)
    except RuleError as error:
        messages.error(request, f"Not done: {error}.")
    return redirect("edit-alert-issue", issue.pk)
