"""Link header with the forbidden uses of every download, also of files that cannot say so."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from waymark.core.data_use import FORBIDDEN_USES

NOT_DOWNLOADS = ("text/html", "text/plain", "image/")
"""Pages state the uses beside their links; robots.txt and images contain no data."""


class DataUseMiddleware:
    """Middleware that links each download to the page that states licence and forbidden uses.

    A line in a CSV file would break programs that read it, so the terms travel in the header
    (RFC 8288), with the relations "license" and "terms-of-service" (RFC 4946, RFC 6903).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if not answer.headers.get("Content-Type", "text/html").startswith(NOT_DOWNLOADS):
            # Relative to the site, so that no host name of a request has to be trusted here.
            terms = f"{reverse('data')}#uses"
            answer["Link"] = f'<{terms}>; rel="license terms-of-service"; title="{FORBIDDEN_USES}"'
        return answer
