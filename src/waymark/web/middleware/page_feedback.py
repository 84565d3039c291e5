""" "Was this page useful?" on public pages: the proof that a form belongs to a page of this site.

A token of the CSRF protection needs a cookie, and reading must set none. So the form contains the
signed address of its page, and the request must come from a page of this site by its headers.
"""

from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest

from waymark.web.middleware.robots import PAGES

SIGNER_SALT = "page feedback"
NOT_ASKED = frozenset({"ask", "deposit"})
"""Public pages that are a form themselves."""


def feedback_token(request: HttpRequest) -> str:
    """Kind and address of a public page, signed; "" for other pages.

    It has no time in it, so that equal pages stay equal for caches.
    """
    here = request.resolver_match
    if here is None or here.url_name not in PAGES or here.url_name in NOT_ASKED:
        return ""
    return signing.Signer(salt=SIGNER_SALT).sign_object([here.url_name, request.path])


def page_of_token(token: str) -> tuple[str, str]:
    """Kind and address of the page that a token is of. Raises BadSignature."""
    kind, path = signing.Signer(salt=SIGNER_SALT).unsign_object(token)
    return str(kind), str(path)


def is_from_this_site(request: HttpRequest) -> bool:
    """True if the headers of a request say that a page of this site sent it.

    Browsers send Sec-Fetch-Site, or Origin; older ones at least Referer, because the site's policy
    is "same-origin". A page of another site cannot change them. No header at all is a no.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    source = request.headers.get("Origin") or request.headers.get("Referer", "")
    own = f"{request.scheme}://{request.get_host()}"
    return source == own or source.startswith(f"{own}/")


def address_to_return_to(request: HttpRequest, path: str) -> str:
    """The page with the query that it had, if the Referer header says so; else its path."""
    try:
        referer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return path
    if referer.path == path and referer.netloc == request.get_host() and referer.query:
        return f"{path}?{referer.query}"
    return path
