"""Template filters that put stored values into words."""

from collections.abc import Iterable

from django import template

from waymark.web.marks import Run, runs

register = template.Library()


@register.filter
def in_words(value: str) -> str:
    """A stored value as words: "index_child" -> "index child"."""
    return value.replace("_", " ")


@register.filter
def as_path(heading: str) -> str:
    """The path of headings as stored, with a finer sign between them."""
    return heading.replace(" > ", " \u203a ")


@register.filter
def highlighted(text: str, highlights: Iterable[tuple[int, int]]) -> tuple[Run, ...]:
    """The text as marked and unmarked runs, for documents/runs.html."""
    return runs(text, highlights)
