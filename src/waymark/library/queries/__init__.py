"""The only readers of the catalogue that pages use, one module for each thing that is asked."""

from waymark.library.queries.finding import (
    Holdings,
    IndexState,
    holdings,
    index_state,
    search,
    search_json,
)
from waymark.library.queries.marking import Marks, marks_for
from waymark.library.queries.saved_searches import Kept, saved_search, saved_searches
from waymark.library.queries.selecting import Understood, every_review, understood

__all__ = [
    "Holdings",
    "IndexState",
    "Kept",
    "Marks",
    "Understood",
    "every_review",
    "holdings",
    "index_state",
    "marks_for",
    "saved_search",
    "saved_searches",
    "search",
    "search_json",
    "understood",
]
