"""The page to open after signing in."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from waymark.accounts.permissions import Person, has_permission

INVITATION = "invitation_of_organisation"
"""Key in the session of the token of an invitation that a person uses by their organisation."""


def next_page(request: HttpRequest) -> str:
    """The page to open after signing in: an address of this site, or "" if none was named."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    here = {request.get_host()}
    if url_has_allowed_host_and_scheme(address, here, require_https=request.is_secure()):
        return address
    return ""


def start_page(person: Person) -> str:
    """The page to open after signing in where none was named: their work, for staff."""
    is_staff = has_permission(person, "see unpublished reports")
    return reverse("my-work" if is_staff else settings.LOGIN_REDIRECT_URL)
