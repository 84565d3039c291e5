"""Select all reviews that match a query, to work with all of them."""

from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.permissions import Actor, has_permission
from waymark.library.queries.hydrate import visible_rows
from waymark.library.queries.protected_facts import without_protected_facts
from waymark.library.queries.search_backend import search_backend
from waymark.library.search.explain import explain_query
from waymark.library.search.parser import QueryNote, parse_query
from waymark.library.search.protocol import IndexQuery, SearchAudience
from waymark.library.search.tree import QueryTree

AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class QueryMeaning:
    """A parsed query with its meaning in words. tree: None if there is nothing to search for."""

    tree: QueryTree | None
    explanation: str
    notes: tuple[QueryNote, ...]


def understand_query(query: str) -> QueryMeaning:
    """Explain a query, with notes on parts that were not understood."""
    parsed = parse_query(query)
    explanation = "" if parsed.tree is None else explain_query(parsed.tree)
    return QueryMeaning(parsed.tree, explanation, parsed.notes)


def matching_reviews(tree: QueryTree, *, person: Actor, now: datetime) -> tuple[str, ...]:
    """Sorted references of all reviews that match a query and that the person may see.

    Resources are left out. Limited to what is indexed: see index_state(). As in a search, reviews
    and reports that the person may no longer see are left out even if they are still indexed.
    """
    audience = SearchAudience(staff=has_permission(person, "see unpublished reports"), now=now)
    tree = without_protected_facts(tree, person) or tree
    references: set[str] = set()
    offset, total = 0, 1
    while offset < total:
        # The order must not change between two batches, so not by relevance.
        request = IndexQuery(tree, audience, sort="oldest", offset=offset, limit=AT_ONCE)
        answer = search_backend().find(request)
        rows = visible_rows([match.record for match in answer.records], person, now)
        reviews = [
            rows.records[match.record].review for match in answer.records if rows.shows(match)
        ]
        references.update(review.reference for review in reviews if review is not None)
        offset, total = offset + AT_ONCE, answer.total
    return tuple(sorted(references))
