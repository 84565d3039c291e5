"""Number of each request in the log and in its answer, and the access log.

The access log names the route ("find/", "reports/<slug:key>/") and never the address: what people
search for, which report they read and the secret links of emails stay out of it, and so do network
addresses.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from waymark.core.log_lines import ACCESS, request_id
from waymark.web.shared.request_metrics import count_request

HEADER = "X-Request-ID"
log = logging.getLogger(ACCESS)
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})
"""Others are a stranger's words, and each would be a count of its own."""
_GIVEN = re.compile(r"[A-Za-z0-9_-]{8,64}")


class RequestLog:
    """Middleware that numbers requests, counts them (WAYMARK_METRICS) and logs them
    (WAYMARK_ACCESS_LOG)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = _number_of(request)
        # Kept until the next request of this thread: Django logs refusals after the middleware.
        request_id.set(number)
        began = time.perf_counter()
        answer = self.get_response(request)
        seconds = time.perf_counter() - began
        if settings.METRICS:
            count_request(_method_of(request), route_of(request), answer.status_code, seconds)
        if settings.ACCESS_LOG:
            _log_answer(request, answer, seconds)
        answer[HEADER] = number
        return answer


def _number_of(request: HttpRequest) -> str:
    """Number that the front server gave a request, else a new one."""
    number = request.headers.get(HEADER, "") if settings.HTTPS else ""
    return number if _GIVEN.fullmatch(number) else secrets.token_hex(16)


def _method_of(request: HttpRequest) -> str:
    """Method of a request; "other" for one that no page takes."""
    method = request.method or ""
    return method if method in METHODS else "other"


def route_of(request: HttpRequest) -> str:
    """Pattern of the requested address, without what stands in its places; "-" if there is none."""
    if request.path_info.startswith(settings.STATIC_URL):
        return "static/"
    match = request.resolver_match
    return (match.route or "/") if match else "-"


def _log_answer(request: HttpRequest, answer: HttpResponse, seconds: float) -> None:
    size = answer.headers.get("Content-Length", "")
    fields = {
        "method": _method_of(request),
        "route": route_of(request),
        "status": answer.status_code,
        "bytes": int(size) if size.isdigit() else None,
        "milliseconds": round(seconds * 1_000, 1),
    }
    log.info("%s %s %s %s B %s ms", *fields.values(), extra=fields)
