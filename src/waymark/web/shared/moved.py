"""Earlier addresses of pages that moved."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe


def moved(address: str, page: str) -> URLPattern:
    """Pattern of an earlier address: a permanent redirect to the page of this URL name.

    The query stays.
    """

    @require_safe
    def view(request: HttpRequest, **parts: str) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        new = reverse(page, kwargs=parts)
        return HttpResponsePermanentRedirect(f"{new}?{query}" if query else new)

    return path(address, view, name=f"moved-{page}")
