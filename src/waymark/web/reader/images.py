"""Images of pages: PNG in one width at the first address, WebP in a few widths."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from waymark.documents.files.page_images import WIDTH, image_tag, page_png, page_webp
from waymark.documents.queries import reader


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
    elif file_format == "png":
        answer = HttpResponse(page_png(report, number, width), content_type="image/png")
    else:
        answer = HttpResponse(page_webp(report, number, width), content_type="image/webp")
    answer["ETag"] = tag
    if not request.user.is_authenticated:  # signed-in people may see unpublished reports
        answer["Cache-Control"] = "private, max-age=30, must-revalidate"
    return answer
