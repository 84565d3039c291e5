"""Statistics of the desk."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from waymark.enquiries.models import GapState, WantedForm
from waymark.enquiries.queries.statistics import desk_statistics


@require_safe
def statistics_page(request: HttpRequest) -> HttpResponse:
    """Enquiries by month, kind and channel, with the time to the first answer."""
    counts = desk_statistics(request.user)
    parts = (
        ("By month", "Month", counts.months),
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
            "copies": [(wanted.label, counts.copies[wanted.value]) for wanted in WantedForm],
        },
    )
