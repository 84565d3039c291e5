"""Addresses that a page has by the hundred, where reverse() for each takes longer than all else;
and addresses of pages that a form sends back.
"""

from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from waymark.core.site_address import public_address


def cited_address(request: HttpRequest, path: str) -> str:
    """Whole address of a path of this site for files, which people keep.

    Of the site's own address, whatever the host of the request; "" where others could open none.
    """
    site = public_address(settings.SITE_ADDRESS) or public_address(request.build_absolute_uri("/"))
    return f"{site}{path}" if site else ""


def shown_address(request: HttpRequest, path: str) -> str:
    """Whole address of a path of this site for a citation on a page.

    Where the site has no address that others could open, that by which the reader came.
    """
    return cited_address(request, path) or request.build_absolute_uri(path)


def passage_address(key: str) -> str:
    """Address of a passage by its citation key, which has no character that must be quoted."""
    return address_of(key, "passage")


def address_of(key: str, name: str) -> str:
    """Address of the page `name` of a report, passage, review or resource, as reverse() gives it.

    key: citation key, key or reference, which have no character that must be quoted.
    """
    before, after = _address_parts(name)
    return f"{before}{key}{after}"


@cache
def _address_parts(name: str) -> tuple[str, str]:
    before, after = reverse(name, args=["0"]).split("0")
    return before, after


def page_path(address: str) -> str:
    """Path of an address on this site, without its query; "" for what is none."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return ""
    # Browsers take "//" and "/\\" for the beginning of another site.
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else ""


def page_and_query(address: str) -> str:
    """Path and query of an address on this site; "" for what is none."""
    path = page_path(address)
    query = urlsplit(address).query if path else ""
    return f"{path}?{query}" if query else path
