"""Images of pages: PNG in one width at the first address, WebP in a few widths."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from waymark.documents.files.page_images import (
    WIDTH,
    image_tag,
    is_drawn,
    page_png,
    page_webp,
)
from waymark.documents.models import Report
from waymark.documents.queries import reader
from waymark.web.middleware.errors import ErrorExplanation, plain_page
from waymark.web.middleware.pacing import DRAWINGS, refusal
from waymark.web.server.slow_work import place_to_wait

BUSY = ErrorExplanation(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Too many pages are being drawn",
    "The site is drawing as many images of pages as it can.",
    "Reload the page in a few seconds.",
    retry_after=5,
)


@require_safe
def page_image(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Image of a page as PNG."""
    return _image(request, key, number, WIDTH, "png")


@require_safe
def page_image_webp(request: HttpRequest, key: str, number: int, width: int) -> HttpResponse:
    """Image of a page as WebP, in one of the widths that pages are drawn in."""
    return _image(request, key, number, width, "webp")


def _image(
    request: HttpRequest, key: str, number: int, width: int, file_format: str
) -> HttpResponse:
    """Image of a page of a report that the person may see, or 304 if the browser has it.

    An address always means the same image, but no cache may answer for it: the report may have been
    withdrawn. So only a visitor's own browser caches it, for 30 seconds, and then asks again.
    """
    report = reader.report_for(key, request.user, timezone.now())
    reader.require_page_image(report, number)
    tag = image_tag(report, number, width, file_format)
    known = parse_etags(request.headers.get("If-None-Match", ""))
    # A server in front that compresses answers marks their tags as weak.
    if tag in {known_tag.removeprefix("W/") for known_tag in known}:
        answer: HttpResponse = HttpResponseNotModified()
    elif is_drawn(report, number, width, file_format):
        answer = _image_answer(report, number, width, file_format)
    else:
        if too_many := refusal(request, DRAWINGS):
            return too_many
        with place_to_wait() as free:
            if not free:
                return plain_page(BUSY)
            answer = _image_answer(report, number, width, file_format)
    answer["ETag"] = tag
    if not request.user.is_authenticated:  # signed-in people may see unpublished reports
        answer["Cache-Control"] = "private, max-age=30, must-revalidate"
    return answer


def _image_answer(report: Report, number: int, width: int, file_format: str) -> HttpResponse:
    draw = page_png if file_format == "png" else page_webp
    return HttpResponse(draw(report, number, width), content_type=f"image/{file_format}")
