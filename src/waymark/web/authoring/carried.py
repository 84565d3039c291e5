"""Texts carried over from another overview: read in the draft, then confirmed by a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from waymark.core.errors import RuleError
from waymark.core.wording import as_sentence
from waymark.overview.models import Overview
from waymark.publishing import services
from waymark.publishing.models import ReportVersion
from waymark.publishing.queries.drafts import carried_texts
from waymark.web.authoring.texts import report_overview, titles_of
from waymark.web.shared.clean_input import whole_number


@dataclass(frozen=True, slots=True)
class CarriedText:
    """A text to confirm. mark: its slot and version, for the form; anchor: of its chapter."""

    title: str
    version: ReportVersion
    mark: str
    anchor: str


def texts_to_confirm(overview: Overview, slots: Iterable[str]) -> list[CarriedText]:
    """Texts that nobody has confirmed yet, in the order of the report. slots: of its texts."""
    texts = carried_texts(overview)
    titles = titles_of(overview, texts)
    return [
        CarriedText(
            titles[slot], texts[slot], f"{slot}@{texts[slot].number}", slot.partition(":")[0]
        )
        for slot in slots
        if slot in texts
    ]


@require_POST
def confirm_carried(request: HttpRequest, slug: str) -> HttpResponse:
    """Confirm the texts that were ticked, each as the version that was on the page."""
    overview = report_overview(request, slug)
    seen = {}
    for mark in request.POST.getlist("text"):
        name, _, number = mark.rpartition("@")
        seen[name] = whole_number(number) or 0
    try:
        confirmed = services.confirm_texts(
            by=request.user, overview=overview, seen=seen, now=timezone.now()
        )
    except RuleError as error:
        messages.error(request, as_sentence(error))
    else:
        many = len(confirmed)
        messages.success(request, f"{many} text{'' if many == 1 else 's'} confirmed.")
    return redirect(f"{reverse('draft', args=[slug])}#carried")
