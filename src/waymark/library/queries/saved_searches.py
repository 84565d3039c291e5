"""Saved searches of a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from waymark.accounts.models import User
from waymark.accounts.permissions import Person
from waymark.core.errors import NotFound, ParseError
from waymark.library.models import SavedSearch
from waymark.library.search.protocol import FILTERS
from waymark.library.search.tree import QueryTree, as_text, from_json


@dataclass(frozen=True, slots=True)
class RunnableSearch:
    """A saved search, ready to run. text: in today's query language; "" for everything.

    tree: None for a search for everything. unreadable: saved by a newer version of the program;
    it is listed but cannot be run here.
    """

    number: int
    name: str
    text: str
    tree: QueryTree | None
    filters: Mapping[str, tuple[str, ...]]
    sort: str
    broaden: bool
    created_at: datetime
    unreadable: bool


def saved_searches(person: Person) -> list[RunnableSearch]:
    """The saved searches of a person, by name; none for a person who is not signed in."""
    return runnable(saved_rows(person))


def saved_rows(person: Person) -> QuerySet[SavedSearch]:
    """The rows of a person's saved searches, for a list."""
    if not isinstance(person, User):
        return SavedSearch.objects.none()
    return SavedSearch.objects.filter(person=person)


def runnable(rows: Iterable[SavedSearch]) -> list[RunnableSearch]:
    """Rows as searches that can be run."""
    return [_runnable(saved) for saved in rows]


def saved_search(number: int, person: Person) -> RunnableSearch:
    """A person's own saved search. Raises NotFound, also for somebody else's."""
    saved = (
        SavedSearch.objects.filter(person=person, pk=number).first()
        if isinstance(person, User)
        else None
    )
    if saved is None:
        raise NotFound(f"there is no saved search {number}")
    return _runnable(saved)


def _runnable(saved: SavedSearch) -> RunnableSearch:
    try:
        tree, unreadable = (None if saved.tree is None else from_json(saved.tree)), False
    # A newer version of the program may store nodes that this one does not know.
    except ParseError:
        tree, unreadable = None, True
    return RunnableSearch(
        number=saved.pk,
        name=saved.name,
        text="" if tree is None else as_text(tree),
        tree=tree,
        filters={name: tuple(values) for name, values in saved.filters.items() if name in FILTERS},
        sort=saved.sort,
        broaden=saved.broaden,
        created_at=saved.created_at,
        unreadable=unreadable,
    )
