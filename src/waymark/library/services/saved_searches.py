"""Saved searches: saved, renamed and deleted by the person they belong to.

The parsed query is stored as a tree, with the filters: it outlives the index, the search engine and
the version of the query language. The audit log records that a search was saved, not its content.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Person
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.library.models import SavedSearch
from waymark.library.search.parser import parse_query
from waymark.library.search.protocol import FILTERS, Sort
from waymark.library.search.tree import QueryTree, as_text, to_json

MOST_SAVED = 100
LONGEST_NAME = 120
MOST_VALUES, LONGEST_VALUE = 20, 200


@audit.serialized
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
    """Save a search under a name. Parts of the query that cannot be parsed are left out.

    Raises NotPermitted without an account; RuleError for a name that is empty, too long or taken,
    for a query that cannot be parsed at all, and beyond MOST_SAVED searches.
    """
    person = _signed_in(by)
    name = _free_name(person, name)
    if SavedSearch.objects.filter(person=person).count() >= MOST_SAVED:
        raise RuleError(f"you already have {MOST_SAVED} saved searches: delete one first")
    tree = _parsed_query(query)
    saved = SavedSearch.objects.create(
        person=person,
        name=name,
        tree=None if tree is None else to_json(tree),
        filters=_clean_filters(filters or {}),
        sort=sort,
        broaden=broaden,
        created_at=now,
    )
    audit.record_entry(actor=by, action="save search", subject=f"saved search {saved.pk}", now=now)
    return saved


def _parsed_query(query: str) -> QueryTree | None:
    """The tree of a query, None for an empty one. Raises RuleError if it cannot be stored."""
    tree = parse_query(query).tree
    if tree is None and query.strip():
        raise RuleError("enter a search that contains words: this one cannot be saved")
    # The parser cuts long queries short: what is written out again must parse to the same tree.
    if tree is not None and parse_query(as_text(tree)).tree != tree:
        raise RuleError("this search is too long to save: use fewer words")
    return tree


def _clean_filters(filters: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {
        # Values come from a web address, which anyone can type.
        name: [value for value in values if value and len(value) <= LONGEST_VALUE][:MOST_VALUES]
        for name, values in filters.items()
        if name in FILTERS and any(values)
    }


@audit.serialized
def rename_search(*, by: Person, number: int, name: str, now: datetime) -> SavedSearch:
    """Rename a person's own search. Raises NotPermitted, NotFound, RuleError."""
    saved = _own_search(by, number)
    saved.name = _free_name(saved.person, name, but=saved)
    saved.save(update_fields=["name"])
    audit.record_entry(actor=by, action="rename search", subject=f"saved search {number}", now=now)
    return saved


@audit.serialized
def delete_search(*, by: Person, number: int, now: datetime) -> None:
    """Delete a person's own search. Raises NotPermitted, NotFound."""
    _own_search(by, number).delete()
    audit.record_entry(actor=by, action="delete search", subject=f"saved search {number}", now=now)


def _signed_in(by: Person) -> User:
    if not isinstance(by, User) or not by.is_active:
        raise NotPermitted("sign in to save searches")
    return by


def _own_search(by: Person, number: int) -> SavedSearch:
    saved = SavedSearch.objects.filter(person=_signed_in(by), pk=number).first()
    if saved is None:
        raise NotFound(f"there is no saved search {number}")
    return saved


def _free_name(person: User, name: str, but: SavedSearch | None = None) -> str:
    """The name with single spaces. but: the search to rename. Raises RuleError."""
    name = " ".join(name.split())
    if not name:
        raise RuleError("enter a name for the search")
    if len(name) > LONGEST_NAME:
        raise RuleError(f"the name must have {LONGEST_NAME} characters or fewer")
    same = SavedSearch.objects.filter(person=person, name=name)
    if (same if but is None else same.exclude(pk=but.pk)).exists():
        raise RuleError(f"you already have a search named {name}: choose another name")
    return name
