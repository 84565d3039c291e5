"""Searches that people keep: saved, renamed, deleted, each by whoever keeps it.

What is kept is the query as a tree, with what is chosen: it outlives the index, the engine and the
version of the language that it was typed in. The audit says that a search was saved, not what for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Person
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.library.models import SavedSearch
from waymark.library.query import parse
from waymark.library.search import FACETS, Sort
from waymark.library.tree import as_text, to_json

MOST_SAVED = 100
LONGEST_NAME = 120
MOST_VALUES, LONGEST_VALUE = 20, 200


@audit.in_turn
def save_search(
    *,
    by: Person,
    name: str,
    query: str,
    now: datetime,
    filters: Mapping[str, Sequence[str]] | None = None,
    sort: Sort = "relevance",
    broaden: bool = True,
) -> SavedSearch:
    """Keep a search under a name. What of the query was not understood is not kept.

    Raises NotPermitted without an account; RuleError for a name that is empty, too long or taken,
    for a query of which nothing is understood, and for more searches than a person may keep.
    """
    person = _person(by)
    name = _free_name(person, name)
    if SavedSearch.objects.filter(person=person).count() >= MOST_SAVED:
        raise RuleError(f"you keep {MOST_SAVED} searches already: delete one first")
    tree = parse(query).tree
    if tree is None and query.strip():
        raise RuleError("nothing of this search was understood: there is nothing to keep")
    if tree is not None and parse(as_text(tree)).tree != tree:
        raise RuleError("this search is too long to be kept: use fewer words")
    saved = SavedSearch.objects.create(
        person=person,
        name=name,
        tree=None if tree is None else to_json(tree),
        filters={
            facet: [one for one in values if one and len(one) <= LONGEST_VALUE][:MOST_VALUES]
            for facet, values in (filters or {}).items()
            if facet in FACETS and any(values)
        },
        sort=sort,
        broaden=broaden,
        created_at=now,
    )
    audit.record(actor=by, action="save search", subject=f"saved search {saved.pk}", now=now)
    return saved


@audit.in_turn
def rename_search(*, by: Person, number: int, name: str, now: datetime) -> SavedSearch:
    """Give a search of one's own another name. Raises NotPermitted, NotFound, RuleError."""
    saved = _own(by, number)
    saved.name = _free_name(saved.person, name, but=saved)
    saved.save(update_fields=["name"])
    audit.record(actor=by, action="rename search", subject=f"saved search {number}", now=now)
    return saved


@audit.in_turn
def delete_search(*, by: Person, number: int, now: datetime) -> None:
    """Keep a search of one's own no longer. Raises NotPermitted, NotFound."""
    _own(by, number).delete()
    audit.record(actor=by, action="delete search", subject=f"saved search {number}", now=now)


def _person(by: Person) -> User:
    if not isinstance(by, User) or not by.is_active:
        raise NotPermitted("keeping searches needs an account: sign in first")
    return by


def _own(by: Person, number: int) -> SavedSearch:
    found = SavedSearch.objects.filter(person=_person(by), pk=number).first()
    if found is None:
        raise NotFound(f"there is no saved search {number}")
    return found


def _free_name(person: User, name: str, but: SavedSearch | None = None) -> str:
    name = " ".join(name.split())
    if not name:
        raise RuleError("give the search a name")
    if len(name) > LONGEST_NAME:
        raise RuleError(f"the name may have {LONGEST_NAME} characters: shorten it")
    same = SavedSearch.objects.filter(person=person, name=name)
    if (same if but is None else same.exclude(pk=but.pk)).exists():
        raise RuleError(f"you have a search named {name} already: choose another name")
    return name
