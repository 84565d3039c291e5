"""The files of a review, with the state of each check and where it is done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark import pipeline
from waymark.documents.queries import holdings
from waymark.library.queries import cataloguing as queries


@require_safe
def review_files(request: HttpRequest, reference: str) -> HttpResponse:
    """The files of a review: received, read, checked, expiry; and how to add one."""
    review = queries.review_to_catalogue(reference, request.user).review
    now = timezone.now()
    files = holdings.files_of(review, request.user)
    return render(
        request,
        "staff/review_files.html",
        {
            "record": review,
            "files": [(file, pipeline.open_reasons(file.report, now)) for file in files],
            "intakes": holdings.unstored_intakes(review, request.user),
            "reasons": pipeline.open_reasons(review, now),
        },
    )
