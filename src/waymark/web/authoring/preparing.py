"""The page that is shown while a worker protects the numbers of an overview."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from waymark.overview.models import Overview
from waymark.overview.queries.overviews import latest_snapshot
from waymark.publishing.queries.editions import next_release_is_coming


def preparing_page(
    request: HttpRequest, overview: Overview, step: str, title: str
) -> HttpResponse | None:
    """The page that waits for the numbers; None if they are there, or nobody makes them.

    step: name of the step that the page belongs to. Raises NotFound if nothing has been frozen.
    """
    if not next_release_is_coming(latest_snapshot(overview), timezone.now()):
        return None
    context = {"overview": overview, "step": step, "title": title}
    return render(request, "writing/preparing.html", context)
