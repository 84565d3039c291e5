"""Select all reviews that match a query, to work with all of them."""

from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.permissions import Actor, may
from waymark.library.engine import engine
from waymark.library.hits import rows_of
from waymark.library.in_words import in_words
from waymark.library.query import Note, parse
from waymark.library.search import Audience, Request
from waymark.library.tree import Tree

AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Understood:
    """A parsed query with its meaning in words. tree: None if there is nothing to search for."""

    tree: Tree | None
    meaning: str
    notes: tuple[Note, ...]


def understood(query: str) -> Understood:
    """Explain a query, with notes on parts that were not understood."""
    parsed = parse(query)
    explanation = "" if parsed.tree is None else in_words(parsed.tree)
    return Understood(parsed.tree, explanation, parsed.notes)


def every_review(tree: Tree, *, person: Actor, now: datetime) -> tuple[str, ...]:
    """Sorted references of all reviews that match a query and that the person may see.

    Resources are left out. Limited to what is indexed: see index_state(). As in a search, reviews
    and reports that the person may no longer see are left out even if they are still indexed.
    """
    audience = Audience(staff=may(person, "see unpublished reports"), now=now)
    references: set[str] = set()
    offset, total = 0, 1
    while offset < total:
        # The order must not change between two batches, so not by relevance.
        request = Request(tree, audience, sort="oldest", offset=offset, limit=AT_ONCE)
        answer = engine().find(request)
        rows = rows_of([match.record for match in answer.records], person, now)
        reviews = [
            rows.records[match.record].review for match in answer.records if rows.shows(match)
        ]
        references.update(review.reference for review in reviews if review is not None)
        offset, total = offset + AT_ONCE, answer.total
    return tuple(sorted(references))
