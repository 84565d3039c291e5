"""The only readers of the catalogue that pages use, one module for each subject."""

from waymark.library.queries.finding import (
    Holdings,
    IndexState,
    index_state,
    library_holdings,
    search_json,
    search_library,
)
from waymark.library.queries.marking import Highlighter, highlighter_for
from waymark.library.queries.saved_searches import RunnableSearch, saved_search, saved_searches
from waymark.library.queries.selecting import QueryMeaning, matching_reviews, understand_query

__all__ = [
    "Holdings",
    "IndexState",
    "RunnableSearch",
    "Highlighter",
    "QueryMeaning",
    "matching_reviews",
    "library_holdings",
    "index_state",
    "highlighter_for",
    "saved_search",
    "saved_searches",
    "search_library",
    "search_json",
    "understand_query",
]
