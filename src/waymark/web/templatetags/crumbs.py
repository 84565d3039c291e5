"""Breadcrumbs of a page."""

from django import template
from django.urls import reverse

register = template.Library()


@register.inclusion_tag("crumbs.html")
def crumbs(*parts: str) -> dict[str, object]:
    """Pages above this one, each as the name of its URL (or its address) and a label; then its own
    label: {% crumbs "staff" "Staff" address "Child Birch" "Visibility" %}."""
    *above, here = parts
    pairs = zip(above[::2], above[1::2], strict=True)
    links = [(page if "/" in page else reverse(page), label) for page, label in pairs]
    return {"links": links, "here": here}
