"""Sign a report, and publish it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark import pipeline
from waymark.accounts.models import User
from waymark.accounts.permissions import may
from waymark.core.errors import NotPermitted, RuleError
from waymark.overview.models import Overview
from waymark.publishing import reports, services
from waymark.publishing.models import Capacity
from waymark.publishing.reports import ChangedText
from waymark.web.differences import DiffLine, difference
from waymark.web.fields import ChoiceField, HiddenField
from waymark.web.forms import SiteForm
from waymark.web.mending import mends
from waymark.web.writing import CHANGE, report_overview, title_of


class SignForm(SiteForm):
    """The button that signs. seen: hash of the content on the page."""

    seen = HiddenField()
    capacity = ChoiceField("Sign as", Capacity.choices, missing="Choose how you sign.")


@require_http_methods(CHANGE)
def sign(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign a report, and publish it."""
    overview = report_overview(request, slug)
    if request.method == "POST":
        return _signed(request, overview)
    draft = pipeline.report_draft(overview, timezone.now())
    signatures = reports.signatures_on(draft) if draft.content else []
    mine = any(signature.signed_by_id == request.user.pk for signature in signatures)
    changes = reports.changes_of(draft)
    return render(
        request,
        "writing/sign.html",
        {
            "overview": overview,
            "draft": draft,
            "wrong": mends(request, overview, draft.in_the_way),
            "typed": draft.composed.typed if draft.composed else (),
            "changes": changes,
            "changed": [_changed(overview, text) for text in changes.texts],
            "standing": signatures,
            "before": [
                signature
                for signature in reports.signatures_before(overview)
                if signature not in signatures
            ],
            "mine": mine,
            "capacities": [] if mine else _capacities(request),
            "complete": {signature.capacity for signature in signatures} == set(Capacity.values),
            "may_publish": may(request.user, "publish overviews"),
        },
    )


@dataclass(frozen=True, slots=True)
class Changed:
    """A text that differs from the current edition, with its lines."""

    title: str
    lines: list[DiffLine]


def _changed(overview: Overview, text: ChangedText) -> Changed:
    return Changed(title_of(overview, text.slot), difference(text.before, text.after))


def _capacities(request: HttpRequest) -> list[Capacity]:
    """The capacities in which the person may sign."""
    return [capacity for capacity, action in services.NEEDS.items() if may(request.user, action)]


def _signed(request: HttpRequest, overview: Overview) -> HttpResponse:
    person, now = request.user, timezone.now()
    if not isinstance(person, User):  # seen to above; this tells the type checker
        raise NotPermitted("signing needs an account")
    form = SignForm.of(request)
    if form.data.get("action") == "publish":
        publication = pipeline.publish_report(by=person, overview=overview, now=now)
        messages.success(request, f"Edition {publication.edition} is published.")
        return redirect("overview", slug=overview.slug)
    if not form.is_valid():
        raise RuleError("choose in which capacity you sign")
    capacity = Capacity(form.cleaned_data["capacity"])
    pipeline.sign_report(
        by=person, overview=overview, capacity=capacity, seen=form.cleaned_data["seen"], now=now
    )
    messages.success(request, f"You have signed as {capacity.label.lower()}.")
    return redirect("sign-report", slug=overview.slug)
