"""Sign a report, and publish it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark import pipeline
from waymark.accounts.permissions import has_permission, require_account
from waymark.core.errors import RuleError
from waymark.overview.models import Overview
from waymark.publishing import services
from waymark.publishing.models import Signature, SigningCapacity
from waymark.publishing.queries import drafts
from waymark.publishing.queries.drafts import WRITE, ChangedText
from waymark.web.authoring.obstacles import obstacle_links
from waymark.web.authoring.preparing import preparing_page
from waymark.web.authoring.texts import CHANGE, report_overview, title_of
from waymark.web.shared.fields import ChoiceField, HiddenField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.text_diff import DiffLine, diff_lines


class SignForm(SiteForm):
    """The button that signs. seen: hash of the content on the page."""

    seen = HiddenField()
    capacity = ChoiceField(
        "Sign as", [(name, name) for name in services.NEEDS], missing="Choose how you sign."
    )


@require_http_methods(CHANGE)
def sign_report(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign a report, and publish it."""
    overview = report_overview(request, slug)
    if waiting := preparing_page(request, overview, "sign", "Sign the report"):
        return waiting
    if request.method == "POST":
        return _sign_or_publish(request, overview)
    draft = pipeline.report_draft(overview, timezone.now())
    signatures = drafts.signatures_on(draft) if draft.content else []
    mine = any(signature.signed_by_id == request.user.pk for signature in signatures)
    changes = drafts.changes_of(draft)
    return render(
        request,
        "writing/sign.html",
        {
            "overview": overview,
            "draft": draft,
            "wrong": obstacle_links(request, overview, draft.obstacles),
            "typed": [figure for figure in draft.sentences.typed if figure.listed],
            "changes": changes,
            # Texts are gathered for a release: without one, all of them would seem to be gone.
            "changed": [_text_change(overview, text) for text in changes.texts if draft.content],
            "standing": signatures,
            "before": [
                signature
                for signature in drafts.signatures_before(overview)
                if signature not in signatures
            ],
            "mine": mine,
            "capacities": []
            if mine or changes.is_nothing
            else _possible_capacities(request, signatures),
            "complete": {signature.capacity for signature in signatures} == set(services.NEEDS),
            "may_publish": has_permission(request.user, "publish overviews"),
        },
    )


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text that differs from the current edition, with its lines."""

    title: str
    lines: list[DiffLine]


def _text_change(overview: Overview, text: ChangedText) -> TextChange:
    return TextChange(title_of(overview, text.slot), diff_lines(text.before, text.after))


def _possible_capacities(
    request: HttpRequest, signatures: Iterable[Signature]
) -> list[SigningCapacity]:
    """The capacities in which the person may sign and nobody has signed."""
    signed = {signature.capacity for signature in signatures}
    return [
        capacity
        for capacity, action in services.NEEDS.items()
        if capacity not in signed and has_permission(request.user, action)
    ]


def _sign_or_publish(request: HttpRequest, overview: Overview) -> HttpResponse:
    person, now = require_account(request.user, WRITE, "sign a report"), timezone.now()
    form = SignForm.of(request)
    if form.data.get("action") == "publish":
        publication = pipeline.publish_report(by=person, overview=overview, now=now)
        messages.success(request, f"Edition {publication.edition} is published.")
        return redirect("overview", slug=overview.slug)
    if not form.is_valid():
        raise RuleError("choose in which capacity you sign")
    capacity = SigningCapacity(form.cleaned_data["capacity"])
    pipeline.sign_report(
        by=person, overview=overview, capacity=capacity, seen=form.cleaned_data["seen"], now=now
    )
    messages.success(request, f"You have signed as {capacity.label.lower()}.")
    return redirect("sign-report", slug=overview.slug)
