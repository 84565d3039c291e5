"""Errors as pages in plain English: what happened, and what to do. The one place that maps them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from waymark.core.errors import NotFound, NotPermitted, Unavailable, WaymarkError
from waymark.web import tombstones

log = logging.getLogger(__name__)
RETRY_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Explanation:
    """An error page. title: what happened, in a few words; message: more of it; remedy: what to
    do."""

    status: HTTPStatus
    title: str
    message: str
    remedy: str


def _absent() -> Explanation:
    return Explanation(
        HTTPStatus.NOT_FOUND,
        "Page not found",
        "There is no page at this address, or it is not open to you. "
        "What has been withdrawn is also no longer shown.",
        "Check the address, or search the library.",
    )


def _refused(message: str) -> Explanation:
    return Explanation(
        HTTPStatus.FORBIDDEN,
        "You cannot do this",
        message,
        "If it is part of your work, ask whoever manages accounts here for the role you need.",
    )


def _wrong(message: str) -> Explanation:
    return Explanation(
        HTTPStatus.BAD_REQUEST,
        "This could not be done",
        message,
        "Nothing was changed. Go back, correct what the message names, and try again.",
    )


def _unavailable() -> Explanation:
    return Explanation(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Search is not available at the moment",
        "The search of the library is being prepared or repaired. The rest of the site works.",
        "Try again in a few minutes.",
    )


def page(request: HttpRequest, said: Explanation) -> HttpResponse:
    """The error page, never kept by any cache."""
    answer = render(request, "error.html", {"error": said}, status=said.status)
    answer["Cache-Control"] = "no-store"
    return answer


class WaymarkErrors:
    """Middleware: a WaymarkError that leaves a view becomes its page.

    An address with a null character names nothing; PostgreSQL would not even look for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            return page(request, _absent())
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of a WaymarkError; None for anything else, which Django then handles."""
        if not isinstance(error, WaymarkError):
            return None
        if isinstance(error, NotFound):
            stone = tombstones.tombstone_at(request)
            return tombstones.page(request, stone) if stone else page(request, _absent())
        if isinstance(error, NotPermitted):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            return page(request, _refused(f"{str(error)[:1].upper()}{str(error)[1:]}."))
        if isinstance(error, Unavailable):
            log.error("%s: %s", request.path, error)
            answer = page(request, _unavailable())
            answer["Retry-After"] = str(RETRY_SECONDS)
            return answer
        return page(request, _wrong(f"{str(error)[:1].upper()}{str(error)[1:]}."))


class PrivatePages:
    """Middleware: no cache keeps a page, so that what is withdrawn is gone everywhere at once.

    A view that may be kept for a moment (an image of a page) says so itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if not answer.has_header("Cache-Control"):
            answer["Cache-Control"] = "private, no-cache"
            if request.user.is_authenticated:
                answer["Cache-Control"] = "private, no-store"
        return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: Django could not make sense of the request."""
    if isinstance(exception, RequestDataTooBig):
        return page(request, _wrong("The form holds more than this site takes at once."))
    said = str(exception) if isinstance(exception, BadRequest) else ""
    return page(request, _wrong(said or "The site could not make sense of what was sent."))


def not_permitted(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 from Django itself."""
    return page(request, _refused("This page is not open to you."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such address."""
    return page(request, _absent())


def failed(request: HttpRequest) -> HttpResponse:
    """500: something broke. Rendered without the request: what broke may be in it."""
    said = Explanation(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong here",
        "The fault is ours, not yours. It has been written to the log of the site.",
        "Try again in a few minutes. If it happens again, tell whoever runs this site what you "
        "did and when.",
    )
    plain = {"error": said, "site_name": settings.SITE_NAME}
    return HttpResponse(render_to_string("error.html", plain), status=said.status)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 because a form came without its protection: most often it was open for too long."""
    return page(
        request,
        Explanation(
            HTTPStatus.FORBIDDEN,
            "The form has to be sent again",
            "The site could not tell that the form was sent from its own page. This happens when "
            "a page was open for a long time, after signing in elsewhere, or without cookies.",
            "Nothing was changed. Go back, reload the page and send the form again.",
        ),
    )
