"""Error pages: the only place that maps exceptions to pages."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from waymark.core.errors import (
    MissingExtra,
    NotFound,
    NotPermitted,
    NotReady,
    OriginalMissing,
    OriginalsRefused,
    OriginalsUnavailable,
    SearchBeingBuilt,
    ServiceUnavailable,
    WaymarkError,
)
from waymark.core.wording import as_sentence
from waymark.web.middleware import tombstones
from waymark.web.shared.kept_forms import carried_form, keep_form, kept_form, send_again_page

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErrorExplanation:
    """Text of an error page. title: a few words; message: what happened; remedy: what to do.

    retry_after: seconds after which the same request may succeed; 0 if that is not known.
    """

    status: HTTPStatus
    title: str
    message: str
    remedy: str
    retry_after: int = 0


NOT_FOUND = ErrorExplanation(
    HTTPStatus.NOT_FOUND,
    "Page not found",
    "There is no page at this address, it has been withdrawn, or you cannot see it.",
    "Check the address, or search the library.",
)
UNAVAILABLE = ErrorExplanation(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Search is not available at the moment",
    "Search is being repaired. The rest of the site still works.",
    "Try again in a few minutes.",
    retry_after=120,
)
ORIGINALS_UNAVAILABLE = ErrorExplanation(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "This file is not available at the moment",
    "The place where files are stored does not answer. The rest of the site still works.",
    "Try again in a few minutes.",
    retry_after=120,
)
FORM_ONLY = ErrorExplanation(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "There is no page to read here",
    "This address only receives what a form on another page sends. Nothing has been changed.",
    "Go back to the page with the form, and use its button. If you came here from a bookmark or "
    "after signing in, open that page from the menu.",
)
NO_FORM = ErrorExplanation(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "This page does not take a form",
    "What you sent has not been stored, and nothing has been changed.",
    "Go back, reload the page and try again.",
)
MISSING_EXTRA = ErrorExplanation(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "This site cannot make this file",
    "The software that makes files of this kind is not installed. The rest of the site works.",
    "Tell the people who run this site. The site log says what to install.",
)
ORIGINAL_MISSING = ErrorExplanation(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "This file is not available at the moment",
    "The site cannot find the file of this report, which it should have. The error has been "
    "recorded in the site log. The text of the report is still here.",
    "Tell the people who run this site, with the address of this page.",
)
SERVER_ERROR = ErrorExplanation(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "Sorry, there is a problem with the site",
    "Something went wrong. The error has been recorded in the site log.",
    "Try again in a few minutes. If it happens again, tell the people who run this site what you "
    "did and when.",
)


def _forbidden_text(message: str) -> ErrorExplanation:
    return ErrorExplanation(
        HTTPStatus.FORBIDDEN,
        "You cannot do this",
        message,
        "If you need this for your work, ask an administrator for the role you need.",
    )


def _bad_request_text(request: HttpRequest, message: str) -> ErrorExplanation:
    # Only a form that was sent has changes that can be lost.
    lost = "Your changes have not been saved. " if request.method == "POST" else ""
    return ErrorExplanation(
        HTTPStatus.BAD_REQUEST,
        "There is a problem",
        message,
        f"{lost}Go back, correct the problem and try again.",
    )


def _being_built_text(error: SearchBeingBuilt) -> ErrorExplanation:
    minutes = -(-error.seconds_left // 60)
    return ErrorExplanation(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Search is being updated",
        f"{error.done:,} of {error.total:,} records are ready to be searched. The rest of the site "
        "works.",
        f"Try again in about {'a minute' if minutes == 1 else f'{minutes} minutes'}.",
        retry_after=error.seconds_left,
    )


def error_page(request: HttpRequest, explanation: ErrorExplanation) -> HttpResponse:
    """Render an error page that no cache may store."""
    answer = render(request, "error.html", {"error": explanation}, status=explanation.status)
    answer["Cache-Control"] = "no-store"
    if explanation.retry_after:
        answer["Retry-After"] = str(explanation.retry_after)
    return answer


def not_ready_page(request: HttpRequest, error: NotReady) -> HttpResponse:
    """Page of a publication that was refused: every reason, with a link to where it is answered."""
    context = {"reasons": error.reasons, "back": request.path}
    answer = render(request, "staff/not_ready.html", context, status=HTTPStatus.BAD_REQUEST)
    answer["Cache-Control"] = "no-store"
    return answer


class WaymarkErrors:
    """Middleware that turns a WaymarkError from a view into its page.

    An address with a null character gets 404: PostgreSQL refuses it in queries. A refused method
    gets a page too: browsers show an empty answer as a fault of the site.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            return error_page(request, NOT_FOUND)
        answer = self.get_response(request)
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not answer.content:
            reads = request.method in {"GET", "HEAD"}
            page = error_page(request, FORM_ONLY if reads else NO_FORM)
            page["Allow"] = answer["Allow"]
            return page
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Page of a WaymarkError; None for other errors, which Django handles."""
        if not isinstance(error, WaymarkError):
            return None
        if isinstance(error, NotFound):
            # 404 for everything that does not exist or is hidden, except for items that were public
            # once: their withdrawal is no secret.
            stone = tombstones.tombstone_at(request)
            return (
                tombstones.tombstone_page(request, stone)
                if stone
                else error_page(request, NOT_FOUND)
            )
        if isinstance(error, NotPermitted):
            # A visitor may have the role: offer to sign in before refusing.
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            return error_page(request, _forbidden_text(as_sentence(error)))
        if isinstance(error, SearchBeingBuilt):
            log.warning("%s: %s", request.path, error)
            return error_page(request, _being_built_text(error))
        if isinstance(error, ServiceUnavailable):
            log.error("%s: %s", request.path, error)
            explanations = {
                MissingExtra: MISSING_EXTRA,
                OriginalMissing: ORIGINAL_MISSING,
                OriginalsUnavailable: ORIGINALS_UNAVAILABLE,
                OriginalsRefused: ORIGINALS_UNAVAILABLE,
            }
            return error_page(request, explanations.get(type(error), UNAVAILABLE))
        if isinstance(error, NotReady):
            return not_ready_page(request, error)
        return error_page(request, _bad_request_text(request, as_sentence(error)))


class PrivatePages:
    """Middleware that forbids caching, so that a withdrawn page disappears everywhere at once.

    A view that allows short caching (an image of a page) sets Cache-Control itself.
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
    """400: Django could not parse the request."""
    if isinstance(exception, RequestDataTooBig):
        return error_page(
            request,
            _bad_request_text(
                request, "The form contains more data than this site accepts at once."
            ),
        )
    message = str(exception) if isinstance(exception, BadRequest) else ""
    return error_page(
        request, _bad_request_text(request, message or "The site could not understand the request.")
    )


def not_permitted(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 from Django itself."""
    return error_page(request, _forbidden_text("You cannot see this page."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such address."""
    return error_page(request, NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: unexpected error. Rendered without the request, which may be the cause."""
    return plain_page(SERVER_ERROR)


def plain_page(explanation: ErrorExplanation) -> HttpResponse:
    """An error page without navigation, which needs neither the request nor the database.

    For errors that the database may have caused, and for refusals that must cost next to nothing.
    """
    answer = HttpResponse(_plain_text(explanation), status=explanation.status)
    answer["Cache-Control"] = "no-store"
    if explanation.retry_after:
        answer["Retry-After"] = str(explanation.retry_after)
    return answer


@lru_cache
def _plain_text(explanation: ErrorExplanation) -> str:
    plain = {"error": explanation, "site_name": settings.SITE_NAME}
    return render_to_string("error.html", plain)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form has no valid CSRF token, usually because it was open for too long.

    What a page of this site sent is kept, and can be sent again.
    """
    # A page Sign in is stale once the person has signed in in another window.
    kept = carried_form(request) or kept_form(keep_form(request))
    if kept is not None:
        return send_again_page(request, kept)
    return error_page(
        request,
        ErrorExplanation(
            HTTPStatus.FORBIDDEN,
            "Send the form again",
            "The site could not confirm that the form came from its own page. This can happen if "
            "the page was open for a long time, if you signed in elsewhere or if cookies are off.",
            "Your changes have not been saved. Go back, reload the page and send the form again.",
        ),
    )
