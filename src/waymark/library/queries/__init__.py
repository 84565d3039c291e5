"""The only readers of the catalogue that pages use, one module for each thing that is asked."""

from waymark.library.queries.finding import (
    Filters,
    Holdings,
    IndexState,
    holdings,
    index_state,
    search,
    search_json,
)
from waymark.library.queries.selecting import Understood, every_review, understood

__all__ = [
    "Filters",
    "Holdings",
    "IndexState",
    "Understood",
    "every_review",
    "holdings",
    "index_state",
    "search",
    "search_json",
    "understood",
]
