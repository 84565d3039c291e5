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

__all__ = ["Filters", "Holdings", "IndexState", "holdings", "index_state", "search", "search_json"]
