"""Compression of pages and other texts on their way to the browser."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "application/json", "application/ld+json", "application/xml", "application/atom")
"""Beginnings of the content types that are compressed. PDF, images and archives already are."""


class TextCompression(GZipMiddleware):
    """Middleware that compresses texts. Django pads them, so that their size tells no secret."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """The response, compressed if it is a whole text and the browser can read that."""
        # A part of a file is counted in its own bytes, so it stays as it is.
        if (
            response.streaming
            or response.has_header("Content-Range")
            or not response.get("Content-Type", "").startswith(TEXTS)
        ):
            return response
        return super().process_response(request, response)
