"""Every review that a query finds, for those who go on to work with all of them."""

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
    """A query as it is understood. tree: None where it asks for nothing; notes: what was not."""

    tree: Tree | None
    meaning: str
    notes: tuple[Note, ...]


def understood(query: str) -> Understood:
    """What a query means, and what of it has no meaning."""
    parsed = parse(query)
    meaning = "" if parsed.tree is None else in_words(parsed.tree)
    return Understood(parsed.tree, meaning, parsed.notes)


def every_review(tree: Tree, *, person: Actor, now: datetime) -> tuple[str, ...]:
    """References of all reviews that a query finds and the person may see, in their order.

    Resources that it finds beside them are left out. As far as the index has followed:
    index_state() tells. What it still holds of a review or report that is no longer open to the
    person is left out, as it is from a search.
    """
    audience = Audience(staff=may(person, "see unpublished reports"), now=now)
    found: set[str] = set()
    offset, total = 0, 1
    while offset < total:
        request = Request(tree, audience, sort="oldest", offset=offset, limit=AT_ONCE)
        answer = engine().find(request)
        rows = rows_of([one.record for one in answer.records], person, now)
        reviews = [rows.records[one.record].review for one in answer.records if rows.shows(one)]
        found.update(review.reference for review in reviews if review is not None)
        offset, total = offset + AT_ONCE, answer.total
    return tuple(sorted(found))
