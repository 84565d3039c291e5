"""The only readers of the catalogue that pages use, one module for each subject."""

from waymark.library.queries.fused_search import may_use_meaning, search_with_meaning
from waymark.library.queries.highlight import Highlighter, highlighter_for
from waymark.library.queries.meaning import meaning_is_on
from waymark.library.queries.passages import search_passages
from waymark.library.queries.saved_searches import RunnableSearch, saved_search, saved_searches
from waymark.library.queries.search import (
    Holdings,
    IndexState,
    found_records,
    index_state,
    library_holdings,
    search_json,
    search_library,
)
from waymark.library.queries.select_all import QueryMeaning, matching_reviews, understand_query

__all__ = [
    "Highlighter",
    "Holdings",
    "IndexState",
    "QueryMeaning",
    "RunnableSearch",
    "found_records",
    "highlighter_for",
    "index_state",
    "library_holdings",
    "matching_reviews",
    "may_use_meaning",
    "meaning_is_on",
    "saved_search",
    "saved_searches",
    "search_json",
    "search_library",
    "search_passages",
    "search_with_meaning",
    "understand_query",
]
