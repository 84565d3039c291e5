"""Breadcrumbs of a page, from its section in the menus."""

from django import template
from django.urls import reverse

from waymark.web.middleware import navigation

register = template.Library()

Crumb = tuple[str, str]
"""Address, "" for none, and label."""


@register.inclusion_tag("crumbs.html", takes_context=True)
def crumbs(context: template.Context, *parts: str) -> dict[str, object]:
    """Pages above this one, each as the name of its URL (or its address) and a label; then its own
    label: {% crumbs "deposits" "Deposits" address "Child Birch" "Visibility" %}.

    They begin at the section of the site, or at the area of the workspace, as the menus name it.
    """
    *above, here = parts
    pairs = zip(above[::2], above[1::2], strict=True)
    links = [(page if "/" in page else reverse(page), label) for page, label in pairs]
    path = context["request"].path_info if "request" in context else ""
    first = above[0] if above else ""
    if path.startswith(navigation.STAFF_PAGES):
        links = [*_begin_in_workspace(first, path), *links]
    elif section := navigation.place_of(first, navigation.SECTIONS):
        links[0] = (navigation.address_of(section) or links[0][0], section.label)
    return {"links": links, "here": here}


def _begin_in_workspace(first: str, path: str) -> list[Crumb]:
    """Area of the menu, and the page of the menu that a path belongs to if none is named first."""
    for area in navigation.WORKSPACE:
        if navigation.place_of(first, area.places):
            return [("", area.label)]
    area, place, address = navigation.place_at(path)
    return [("", area.label), *([(address, place.label)] if address != path else [])]
