"""An issue as the web page and the email show it, and its approval."""

import base64
import hashlib

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import has_permission
from waymark.alerts.criteria import alert_criteria
from waymark.alerts.letters import STYLE, AlertLetter, Sender, issue_letter
from waymark.alerts.models import AlertIssue, AlertList
from waymark.alerts.queries import issues as queries
from waymark.alerts.services import issues as services
from waymark.core.errors import RuleError, require_found
from waymark.web.library.exports import pages_from
from waymark.web.shared.fields import HiddenField, TicksField
from waymark.web.shared.forms import SiteForm

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


class ApprovalForm(SiteForm):
    """The checklist. seen: mark of the issue as it was shown."""

    seen = HiddenField()
    checklist = TicksField(
        "Before you approve",
        [(row.key, row.name) for row in alert_criteria().checklist],
        missing="Confirm each point.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """An issue as the web page and the email show it; the approval is here, after reading."""
    issue = queries.issue_for(number, request.user)
    form = ApprovalForm.of(request, initial={"seen": queries.issue_mark(issue)})
    if form.is_valid():
        try:
            services.approve_issue(
                by=request.user, issue=issue, now=timezone.now(), **form.cleaned_data
            )
        except RuleError as error:
            form.refuse(error)
            form.put("seen", queries.issue_mark(issue))
        else:
            messages.success(request, f"“{issue.title}” is approved and will be sent.")
            return redirect("edit-alert-issue", issue.pk)
    letter = _letter(request, issue)
    context = {
        "issue": issue,
        "items": list(issue.items.select_related("record__review", "record__resource")),
        "letter": letter,
        "size": len(letter.html.encode()) // 1_000 + 1 if letter else 0,
        "form": form,
        "may_approve": has_permission(request.user, queries.APPROVE),
    }
    return render(request, "alerts/preview.html", context, status=form.http_status)


# The style of the letter, and no other.
@csp_update({"style-src": [SELF, f"'sha256-{_STYLE_HASH}'"]})  # type: ignore[arg-type]
@require_safe
def email_preview(request: HttpRequest, number: int) -> HttpResponse:
    """The HTML part of the email of an issue. Raises NotFound without items."""
    letter = _letter(request, queries.issue_for(number, request.user))
    return HttpResponse(require_found(letter, "this issue has no item yet").html)


def _letter(request: HttpRequest, issue: AlertIssue) -> AlertLetter | None:
    """The email of an issue; None without items."""
    items = list(issue.items.select_related("record__review", "record__resource"))
    if not items:
        return None
    archived = issue.alert_list in queries.ARCHIVED
    address = (
        reverse("alert-issue", args=[issue.alert_list, issue.number])
        if archived
        else reverse("find")
    )
    return issue_letter(
        queries.letter_issue(
            issue,
            items,
            page_of=pages_from(request),
            address=request.build_absolute_uri(address),
        ),
        Sender(
            site=settings.SITE_NAME,
            home=request.build_absolute_uri("/"),
            because=f"You receive {AlertList(issue.alert_list).label} because you signed up.",
            organisation=settings.ORGANISATION,
            postal_address=settings.ORGANISATION_ADDRESS,
        ),
    )
