"""Check a draft, sign it, and publish it when two people have signed the same content."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark import pipeline
from waymark.accounts.permissions import has_permission, require_account
from waymark.briefings.queries import drafts
from waymark.core.errors import RuleError
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import Manuscript, SigningCapacity
from waymark.web.briefings.public import SHOWN, check_context
from waymark.web.shared.fields import ChoiceField, HiddenField
from waymark.web.shared.forms import SiteForm


class SignBriefingForm(SiteForm):
    """The button that signs. seen: hash of the content on the page."""

    seen = HiddenField()
    capacity = ChoiceField(
        "Sign as",
        [(name, name) for name in (SigningCapacity.AUTHOR, SigningCapacity.EDITOR)],
        missing="Choose how you sign.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sign_briefing(request: HttpRequest, work: str, slug: str) -> HttpResponse:
    """Each statement of a draft beside its passages, with the buttons that sign and publish."""
    manuscript = drafts.manuscript_called(work, slug, request.user)
    if request.method == "POST":
        return _sign_or_publish(request, manuscript)
    now = timezone.now()
    draft = pipeline.briefing_draft(manuscript, now)
    rules = KIND_RULES[work]
    mine = any(row.signed_by_id == request.user.pk for row in draft.signatures)
    chosen = request.GET.get("show", "all")
    return render(
        request,
        "briefings/sign.html",
        {
            "manuscript": manuscript,
            "kind": work,
            "draft": draft,
            "mine": mine,
            "capacities": [
                capacity
                for capacity, action in rules.capacities.items()
                if not mine and has_permission(request.user, action)
            ],
            "may_publish": has_permission(request.user, rules.publish),
            **check_context(draft.content, chosen if chosen in SHOWN else "all", now),
        },
    )


def _sign_or_publish(request: HttpRequest, manuscript: Manuscript) -> HttpResponse:
    person, now = require_account(request.user, drafts.WRITE, "sign a briefing"), timezone.now()
    form = SignBriefingForm.of(request)
    if form.data.get("action") == "publish":
        publication = pipeline.publish_briefing(by=person, manuscript=manuscript, now=now)
        messages.success(request, f"Edition {publication.edition} is published.")
        return redirect("briefing", manuscript.kind, manuscript.slug)
    if not form.is_valid():
        raise RuleError("choose in which capacity you sign")
    capacity = SigningCapacity(form.cleaned_data["capacity"])
    pipeline.sign_briefing(
        by=person,
        manuscript=manuscript,
        capacity=capacity,
        seen=form.cleaned_data["seen"],
        now=now,
    )
    messages.success(request, f"You have signed as {capacity.label.lower()}.")
    return redirect("sign-briefing", manuscript.kind, manuscript.slug)
