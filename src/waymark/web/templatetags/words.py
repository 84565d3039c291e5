"""Template filters that put stored values into words."""

from django import template

register = template.Library()


@register.filter
def in_words(value: str) -> str:
    """A stored value as words: "index_child" -> "index child"."""
    return value.replace("_", " ")


@register.filter
def as_path(heading: str) -> str:
    """The path of headings as stored, with a finer sign between them."""
    return heading.replace(" > ", " \u203a ")
