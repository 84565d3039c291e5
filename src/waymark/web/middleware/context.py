"""Template context of every page: site name, navigation and section."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from waymark.accounts.models import User
from waymark.accounts.permissions import has_permission
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
# Page name -> the navigation entry that it belongs to, where the two names differ.
SECTIONS = {
    "review": "library",
    "report-page": "library",
    "passage": "library",
    "resource": "resources",
    "subjects": "library",
    "subject": "library",
    "keep-subjects": "staff",
    "add-subject": "staff",
    "load-subjects": "staff",
    "load-subjects-preview": "staff",
    "edit-subject": "staff",
    "imports": "staff",
    "import": "staff",
    "review-abstract": "staff",
    "frameworks": "themes",
    "framework": "themes",
    "code": "themes",
    "overview": "overviews",
    "overview-table": "overviews",
    "overview-chapter": "overviews",
    "evidence": "overviews",
    "review-state": "staff",
    "report-state": "staff",
    "withdraw-overview": "staff",
    "resource-state": "staff",
    "withdraw-review": "staff",
    "withdraw-report": "staff",
    "withdraw-resource": "staff",
    "report-keeping": "staff",
    "hidden-text": "staff",
    "hidden-texts": "staff",
    "keeping": "staff",
    "deposits": "staff",
    "deposit-check": "staff",
    "letters": "staff",
    "writing": "staff",
    "write-text": "staff",
    "text-history": "staff",
    "text-version": "staff",
    "choose-passages": "staff",
    "sign-report": "staff",
    "decide": "staff",
    "draft": "staff",
    "specs": "staff",
    "new-overview": "staff",
    "spec": "staff",
    "spec-history": "staff",
    "spec-version": "staff",
    "upload": "staff",
    "accounts": "staff",
    "manage-account": "staff",
    "upload-batch": "staff",
    "held-resources": "staff",
    "add-resource": "staff",
    "edit-resource": "staff",
    "resource-about": "staff",
    "edit-review": "staff",
    "review-about": "staff",
    "review-steps": "staff",
    "due": "staff",
    "password": "account",
    "saved-searches": "account",
}


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """Navigation entry. current: "page" on its page, "true" in its section, else ""."""

    label: str
    url: str
    current: str


def site(request: HttpRequest) -> dict[str, object]:
    """Site name, contact details, navigation and the section of the page."""
    here = request.resolver_match.url_name if request.resolver_match else None
    section = SECTIONS.get(here or "", here or "")
    # Some errors happen before the person is known.
    person = getattr(request, "user", None)
    staff = isinstance(person, User) and has_permission(person, "see unpublished reports")
    places = NAVIGATION + FOR_STAFF if staff else NAVIGATION
    return {
        "site_name": settings.SITE_NAME,
        "listed": is_listed(request),
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
