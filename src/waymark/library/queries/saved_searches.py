"""The searches that a person keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.models import User
from waymark.accounts.permissions import Person
from waymark.core.errors import NotFound, ParseError
from waymark.library.models import SavedSearch
from waymark.library.search import FACETS
from waymark.library.tree import Tree, as_text, from_json


@dataclass(frozen=True, slots=True)
class Kept:
    """A search as it can be run now. text: in the query language of today; "" for everything.

    tree: None where everything is asked for. unreadable: it was saved by a newer version of the
    program than this one; it is kept, but cannot be run here.
    """

    number: int
    name: str
    text: str
    tree: Tree | None
    filters: Mapping[str, tuple[str, ...]]
    sort: str
    broaden: bool
    created_at: datetime
    unreadable: bool


def saved_searches(person: Person) -> list[Kept]:
    """Those of a person, by name; none of who is not signed in."""
    if not isinstance(person, User):
        return []
    return [_kept(saved) for saved in SavedSearch.objects.filter(person=person)]


def saved_search(number: int, person: Person) -> Kept:
    """One of a person's own. Raises NotFound, also for another's."""
    found = (
        SavedSearch.objects.filter(person=person, pk=number).first()
        if isinstance(person, User)
        else None
    )
    if found is None:
        raise NotFound(f"there is no saved search {number}")
    return _kept(found)


def _kept(saved: SavedSearch) -> Kept:
    try:
        tree, unreadable = (None if saved.tree is None else from_json(saved.tree)), False
    except ParseError:
        tree, unreadable = None, True
    return Kept(
        number=saved.pk,
        name=saved.name,
        text="" if tree is None else as_text(tree),
        tree=tree,
        filters={
            facet: tuple(values) for facet, values in saved.filters.items() if facet in FACETS
        },
        sort=saved.sort,
        broaden=saved.broaden,
        created_at=saved.created_at,
        unreadable=unreadable,
    )
