"""Statistics of the desk."""

from dataclasses import replace
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from waymark.enquiries.models import GapState, WantedForm
from waymark.enquiries.queries.statistics import DeskCount, desk_statistics


@require_safe
def statistics_page(request: HttpRequest) -> HttpResponse:
    """Enquiries by month, kind and channel, with the time to the first answer."""
    counts = desk_statistics(request.user)
    parts = (
        ("By month", "Month", [_in_words(row) for row in counts.months]),
        ("By kind", "Kind", counts.kinds),
        ("By channel", "Channel", counts.channels),
    )
    return render(
        request,
        "enquiries/statistics.html",
        {
            "counts": counts,
            "parts": parts,
            "days": settings.ANSWER_DAYS,
            "gaps": [(state.label, counts.gaps[state.value]) for state in GapState],
            "copies": [
                (form_of_copy.label, counts.copies[form_of_copy.value])
                for form_of_copy in WantedForm
            ],
        },
    )


def _in_words(month: DeskCount) -> DeskCount:
    """The count of 2026-06 as that of June 2026."""
    return replace(month, name=f"{date.fromisoformat(f'{month.name}-01'):%B %Y}")
