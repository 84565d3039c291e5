"""Pace of costly pages for visitors: so many at once from one network, then so many a minute.

Page images, comparisons, exports and OAI-PMH cost a processor more than other pages, a sign-in by
an organisation asks its provider, and a program can request them without end. People and harvesters
that wait for an answer before the next request stay below. People who are signed in are not
limited.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from waymark.web.middleware.errors import ErrorExplanation, error_page, plain_page
from waymark.web.shared.client_address import client_network, client_site
from waymark.web.shared.rate_limit import RateLimiter

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

COMPARISONS = RateLimiter(at_once=40, a_minute=30)
EXPORTS = RateLimiter(at_once=120, a_minute=60)
HARVESTS = RateLimiter(at_once=200, a_minute=120)
DRAWINGS = RateLimiter(at_once=150, a_minute=120)
"""Page images that nobody has asked for before: those that are stored cost little."""
ORGANISATION = RateLimiter(at_once=60, a_minute=30)
"""Ways to the sign-in of an organisation and back: each asks its provider."""
FORMS_OF_SITES = RateLimiter(at_once=60, a_minute=1 / 24)
"""Forms of strangers from one IPv6 site: 60, then 60 a day. Services limit each of its networks."""
OPEN_FORMS = frozenset(
    {
        *("alerts", "apply-for-data", "ask", "ask-for-copy", "briefing-use", "concern"),
        *("deposit", "forgotten-password", "our-recommendations", "page-feedback"),
    }
)
"""Names of the pages where anybody may leave something that is stored."""
LIMITERS = (COMPARISONS, EXPORTS, HARVESTS, DRAWINGS, ORGANISATION, FORMS_OF_SITES)
TOO_MANY = ErrorExplanation(
    HTTPStatus.TOO_MANY_REQUESTS,
    "Too many requests at once",
    "Your network has requested many pages that take long to make.",
    "Try again in a minute. If you want all records, use the files on the page Data.",
    retry_after=60,
)


def paced(limiter: RateLimiter) -> Callable[[View[P]], View[P]]:
    """Decorate a view to answer 429 to a network that is over the limit."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            return refusal(request, limiter) or view(request, *args, **kwargs)

        return cast(View[P], answer)

    return decorate


FORMS_REFUSED = ErrorExplanation(
    HTTPStatus.TOO_MANY_REQUESTS,
    "Too many forms from your network",
    "Many forms were sent from the network of your organisation or provider. Yours is not stored.",
    "Try again in half an hour, or call or email us: the page Contact says how.",
    retry_after=1_800,
)


class OpenFormsPace(MiddlewareMixin):
    """Middleware that answers 429 to forms from an IPv6 site that sends them without end."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        """The refusal; None if the page can answer."""
        here = request.resolver_match
        if request.method != "POST" or here is None or here.url_name not in OPEN_FORMS:
            return None
        site = client_site(request)
        if not site or request.user.is_authenticated or FORMS_OF_SITES.allows(site):
            return None
        return error_page(request, FORMS_REFUSED)


def refusal(request: HttpRequest, limiter: RateLimiter) -> HttpResponse | None:
    """Count a request; the answer to one that is over the limit, else None."""
    if request.user.is_authenticated or limiter.allows(client_network(request)):
        return None
    answer = plain_page(TOO_MANY)
    # As in body_limits.py: refusals are sent as often as somebody asks, so they write no line.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer
