"""Every page of the site, from the lists of all packages."""

from django.urls import URLPattern

from waymark.web.urls import urlpatterns


def site_pages() -> list[URLPattern]:
    """The patterns of all packages, in the order in which an address is looked up."""
    return [page for package in urlpatterns for page in package.url_patterns]
