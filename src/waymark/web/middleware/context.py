"""Template context of every page: site name, navigation and section."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from waymark.accounts.models import User
from waymark.accounts.permissions import has_permission
from waymark.core.data_use import FORBIDDEN_USES, FORBIDDEN_USES_REASON
from waymark.web.middleware.robots import is_listed

# Label, and the name of the page it leads to.
NAVIGATION = (
    ("Library", "library"),
    ("Resources", "resources"),
    ("Themes", "themes"),
    ("Overviews", "overviews"),
    ("About", "about"),
)
FOR_STAFF = (("Staff", "staff"),)
SECTIONS = {
    "reviews": "library",
    "reports": "library",
    "p": "library",
    "subjects": "library",
    "frameworks": "themes",
}
"""First part of an address -> the section of its pages, where that has another name."""


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """Navigation entry. current: "page" on its page, "true" in its section, else ""."""

    label: str
    url: str
    current: str


def site(request: HttpRequest) -> dict[str, object]:
    """Site name, contact details, navigation and the section of the page."""
    here = request.resolver_match.url_name if request.resolver_match else None
    # The address, not the page found: no page and a page denied must look the same.
    first = request.path_info.strip("/").partition("/")[0]
    section = SECTIONS.get(first, first)
    # Some errors happen before the person is known.
    person = getattr(request, "user", None)
    staff = isinstance(person, User) and has_permission(person, "see unpublished reports")
    places = NAVIGATION + FOR_STAFF if staff else NAVIGATION
    return {
        "site_name": settings.SITE_NAME,
        "listed": is_listed(request),
        "forbidden_uses": FORBIDDEN_USES,
        "forbidden_uses_reason": FORBIDDEN_USES_REASON,
        "takes_deposits": settings.DEPOSITS,
        "contact_email": settings.CONTACT_EMAIL,
        "contact_phone": settings.CONTACT_PHONE,
        "navigation": [
            NavigationEntry(label, reverse(name), _aria_current(name, here, section))
            for label, name in places
        ],
        "section": section,
    }


def _aria_current(name: str, here: str | None, section: str) -> str:
    if name == here:
        return "page"
    return "true" if name == section else ""
