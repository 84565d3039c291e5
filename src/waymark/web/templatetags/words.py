"""Template filters that format stored values."""

from collections.abc import Iterable

from django import template

from waymark.web.shared.highlight_runs import TextRun, text_runs

register = template.Library()


@register.filter
def in_words(value: str) -> str:
    """A stored value as words: "index_child" -> "index child"."""
    return value.replace("_", " ")


@register.filter
def as_path(heading: str) -> str:
    """A stored path of headings with typographic separators: "A > B" -> "A \u203a B"."""
    return heading.replace(" > ", " \u203a ")


@register.filter
def highlighted(text: str, highlights: Iterable[tuple[int, int]]) -> tuple[TextRun, ...]:
    """A text as highlighted and plain runs, for documents/runs.html."""
    return text_runs(text, highlights)
