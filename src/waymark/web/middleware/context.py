"""Template context of every page: site name, contact and navigation."""

from dataclasses import replace
from functools import cache, partial
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from waymark.accounts.models import User
from waymark.accounts.permissions import Person, has_permission
from waymark.core.data_use import FORBIDDEN_USES, FORBIDDEN_USES_REASON
from waymark.library.queries.notices import current_notices
from waymark.web.middleware import navigation
from waymark.web.middleware.page_feedback import feedback_token
from waymark.web.middleware.robots import PAGES, is_listed

OWN_PAGES = "/account/"
"""Beginning of addresses of a person's own pages, which are of no concern to others."""
LONGEST_PAGE = 300
"""Characters of the address of a page that "Ask us" passes on."""


def site(request: HttpRequest) -> dict[str, object]:
    """Site name, contact details and navigation."""
    # Some errors happen before the person is known.
    user = getattr(request, "user", None)
    person: Person = user if isinstance(user, User) else AnonymousUser()
    sections = navigation.entries(navigation.SECTIONS, request, person)
    # The host of an address that is not listed may be wrong: an error page must not ask for it.
    listed = is_listed(request)
    return {
        "site_name": settings.SITE_NAME,
        "listed": listed,
        "page_url": request.build_absolute_uri(request.path) if listed else "",
        "canonical_url": _canonical_url(request),
        "forbidden_uses": FORBIDDEN_USES,
        "forbidden_uses_reason": FORBIDDEN_USES_REASON,
        "takes_deposits": settings.DEPOSITS,
        "contact_email": settings.CONTACT_EMAIL,
        "contact_phone": settings.CONTACT_PHONE,
        "main_sections": sections,
        "search_url": sections[0].url,
        "tools": _with_context(request, navigation.entries(_tools(person), request, person)),
        "footer_links": navigation.entries(navigation.FOOTER, request, person),
        "concern_url": concern_url(request),
        # Called by the template: only pages have the question.
        "feedback_token": partial(feedback_token, request),
        "exit_page": "" if request.path.startswith(navigation.STAFF_PAGES) else settings.EXIT_PAGE,
        # Called by the template, so that answers without a page ask nothing.
        "service_notices": partial(current_notices, timezone.localdate()),
        "organisation": settings.ORGANISATION,
        # Counted when a page of the workspace draws its menu, and once: other answers ask nothing.
        "workspace": cache(partial(navigation.workspace_groups, request, person)),
        "data_licence": settings.DATA_LICENCE,
    }


def _canonical_url(request: HttpRequest) -> str:
    """The one address of a public page, "" for other pages: without its query but for ?page=2.

    A page without a match, as for a wrong host, must not build an address from the host.
    """
    here = request.resolver_match
    if here is None or here.url_name not in PAGES:
        return ""
    page = request.GET.get("page", "")
    later = page.isascii() and page.isdigit() and int(page[:9]) > 1
    return request.build_absolute_uri(request.path) + (f"?page={int(page[:9])}" if later else "")


def concern_url(request: HttpRequest) -> str:
    """Address of the form for a concern about a page of the public site; "" for other pages."""
    form = reverse("concern")
    if request.path.startswith((navigation.STAFF_PAGES, form, OWN_PAGES)):
        return ""
    # The token of a person's own link must not end in a concern.
    if request.resolver_match is not None and "token" in request.resolver_match.kwargs:
        return ""
    return f"{form}?{urlencode({'page': request.path})}"


def _with_context(
    request: HttpRequest, tools: tuple[navigation.NavigationEntry, ...]
) -> tuple[navigation.NavigationEntry, ...]:
    """The tools, where "Ask us" tells from which public page it was opened.

    Only of listed pages and their like: addresses of other pages can be private links.
    """
    here = request.resolver_match
    if here is None or here.url_name not in PAGES or here.url_name == "ask":
        return tools
    query = urlencode({"page": request.get_full_path()[:LONGEST_PAGE]})
    ask = reverse("ask")
    return tuple(
        replace(entry, url=f"{ask}?{query}") if entry.url == ask else entry for entry in tools
    )


def _tools(person: Person) -> list[navigation.MenuPlace]:
    """Links at the top right, for a visitor, a reader with an account, or staff."""
    tools = list(navigation.TOOLS)
    if settings.DEPOSITS:
        tools.append(navigation.DEPOSIT)
    if has_permission(person, navigation.STAFF):
        tools.append(navigation.MY_WORK)
    tools.append(navigation.MY_ACCOUNT if person.is_authenticated else navigation.SIGN_IN)
    return tools
