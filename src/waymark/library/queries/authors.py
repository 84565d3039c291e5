"""Queries about authors of publications, limited to works that a person may see.

Names join authors to works: a record keeps its names as they are printed, and an author has every
form under which records know it. So no record is rewritten when authors are merged.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet

from waymark.accounts.permissions import Actor, has_permission, require_permission
from waymark.bodies.models import BodyName
from waymark.core.errors import require_found
from waymark.library.catalogue.author_names import bodies_among, in_reading_order
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import (
    Author,
    AuthorKind,
    AuthorName,
    AuthorOfWork,
    DifferentAuthors,
    Resource,
)
from waymark.library.queries.resources import newest_first, open_resources

STAFF = "see unpublished reports"
PLAIN_LETTERS = re.compile(r"[A-Za-z]+")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class NameWithoutAuthor:
    """A name on works that no author has. works: on how many. body: a body's, as they have it."""

    name: str
    works: int
    body: bool


@dataclass(frozen=True, slots=True)
class CreditedAuthor:
    """An author as a record credits it. author: None without a page that the person may open."""

    name: str
    author: Author | None


def works_of(author: Author, person: Actor, now: datetime) -> list[Resource]:
    """The works of an author under any of its names, the newest first."""
    names = frozenset(names_of(author).values_list("name", flat=True))
    candidates = newest_first(open_resources(person, now).filter(perhaps_by(names, author)))
    candidates = candidates.select_related("record")
    owners = _owners([row.pk for row in candidates], names)
    return [row for row in candidates if owners.get(row.pk, set()) & _same(author)] if names else []


def perhaps_by(names: Iterable[str], author: Author) -> Q:
    """Works that may have one of these names: what the database can tell without reading them."""
    condition = Q(authors_told_apart__author__in=_same(author))
    for name in names:
        # Letters beyond a to z are written differently by each database, so they are left out.
        longest = max(PLAIN_LETTERS.findall(name), key=len, default="")
        condition |= Q(authors__icontains=longest)
    return Q(pk__in=Resource.objects.filter(condition).values("pk"))


def _same(author: Author) -> set[int]:
    rows = Author.objects.filter(Q(pk=author.pk) | Q(merged_into=author))
    return set(rows.values_list("pk", flat=True))


def _owners(resources: list[int], names: frozenset[str]) -> dict[int, set[int]]:
    """Work -> the authors whom its names mean. names: those to look at."""
    owner_of = dict(AuthorName.objects.filter(name__in=names).values_list("name", "author"))
    apart = AuthorOfWork.objects.filter(resource__in=resources)
    named_apart = {(row.resource_id, row.name): row.author_id for row in apart}
    owners: dict[int, set[int]] = {}
    for pk, printed in Resource.objects.filter(pk__in=resources).values_list("pk", "authors"):
        meant = (named_apart.get((pk, name), owner_of.get(name)) for name in printed)
        owners[pk] = {owner for owner in meant if owner is not None}
    return owners


def works_by_author(person: Actor, now: datetime) -> Counter[int]:
    """Author -> number of its works that a person may see, duplicates counted for their author."""
    rows = Author.objects.exclude(merged_into=None).values_list("pk", "merged_into")
    merged = {pk: into for pk, into in rows if into is not None}
    resources = list(open_resources(person, now).exclude(authors=[]).values_list("pk", flat=True))
    names = frozenset(AuthorName.objects.values_list("name", flat=True))
    works: Counter[int] = Counter()
    for owners in _owners(resources, names).values():
        works.update({merged.get(owner, owner) for owner in owners})
    return works


def open_authors(person: Actor, now: datetime) -> QuerySet[Author]:
    """The authors of works that a person may see; those that staff have hidden for staff alone."""
    rows = Author.objects.filter(merged_into=None, pk__in=works_by_author(person, now).keys())
    return rows if has_permission(person, STAFF) else rows.filter(hidden_at=None)


def author_for(key: str, person: Actor, now: datetime) -> Author:
    """The author of a key, or the one it was merged into. Raises NotFound, also if it is hidden."""
    author = author_with_key(key)
    author = author.merged_into or author
    hidden = author.hidden_at is not None and not has_permission(person, STAFF)
    known = None if hidden or not works_of(author, person, now) else author
    return require_found(known, f"there is no author {key}")


def author_with_key(key: str) -> Author:
    """The author of a key, merged or not. The caller checks who may see it. Raises NotFound."""
    author = Author.objects.select_related("merged_into").filter(key=key).first()
    return require_found(author, f"there is no author {key}")


def author_called(name: str) -> Author | None:
    """The author that has a name form, exactly as written; None if none has it."""
    row = AuthorName.objects.select_related("author__merged_into").filter(name=name.strip()).first()
    return (row.author.merged_into or row.author) if row is not None else None


def names_of(author: Author) -> QuerySet[AuthorName]:
    """The name forms of an author, with those of its duplicates."""
    return AuthorName.objects.filter(Q(author=author) | Q(author__merged_into=author))


def different_from(author: Author) -> list[Author]:
    """The authors who were found to be other people than this one."""
    rows = DifferentAuthors.objects.filter(Q(first=author) | Q(second=author))
    pairs = rows.select_related("first", "second")
    return [row.second if row.first == author else row.first for row in pairs]


def credited_authors(resource: Resource) -> list[CreditedAuthor]:
    """The authors of a record in their order, with the public page of each that has one."""
    names = frozenset(resource.authors)
    rows = AuthorName.objects.filter(name__in=names).select_related("author__merged_into")
    owner: Mapping[str, Author] = {row.name: row.author for row in rows}
    apart = resource.authors_told_apart.select_related("author__merged_into")
    owner = {**owner, **{row.name: row.author for row in apart}}
    return [
        CreditedAuthor(
            in_reading_order(name, body=name in resource.author_bodies), _page_of(owner.get(name))
        )
        for name in resource.authors
    ]


def _page_of(author: Author | None) -> Author | None:
    author = None if author is None else author.merged_into or author
    return None if author is None or author.hidden_at is not None else author


def authors_named(words: str, person: Actor, now: datetime) -> list[Author]:
    """The authors whose name somebody searched for, in either order: "Ann Lee", "Lee, Ann"."""
    words = " ".join(words.split())[:LONGEST_NAME]
    first, _, last = words.rpartition(" ")
    forms = Q(name__iexact=words) | (Q(name__iexact=f"{last}, {first}") if first else Q())
    rows = AuthorName.objects.filter(forms).select_related("author__merged_into") if words else ()
    authors = dict.fromkeys(page for row in rows if (page := _page_of(row.author)) is not None)
    return [author for author in authors if works_of(author, person, now)]


def names_without_author(person: Actor) -> list[NameWithoutAuthor]:
    """Names on works that no author has, the most frequent first. Raises NotPermitted."""
    require_permission(person, STAFF)
    known = set(AuthorName.objects.values_list("name", flat=True))
    works: Counter[str] = Counter()
    bodies: set[str] = set()
    rows = Resource.objects.exclude(authors=[]).values_list("authors", "author_bodies")
    for printed, named_bodies in rows:
        works.update(set(printed) - known)
        bodies.update(named_bodies)
    ordered = sorted(works.items(), key=lambda pair: (-pair[1], pair[0]))
    return [NameWithoutAuthor(name, number, name in bodies) for name, number in ordered]


def with_author_bodies(description: ResourceDescription) -> ResourceDescription:
    """The description with those of its authors that are bodies, where it does not say.

    The record of an author decides; then a board, the publisher or one of another record with
    exactly this name; then the look of the name.
    """
    return all_with_author_bodies([description])[0]


def all_with_author_bodies(
    descriptions: Sequence[ResourceDescription],
) -> list[ResourceDescription]:
    """Descriptions as with_author_bodies() gives each, in three queries for all of them."""
    names = {
        name
        for description in descriptions
        if description.author_bodies is None
        for name in description.authors
    }
    kinds: dict[str, str] = {}
    bodies: set[str] = set()
    if names:
        kinds.update(AuthorName.objects.filter(name__in=names).values_list("name", "author__kind"))
        publishers = Resource.objects.filter(publisher__in=names).order_by().distinct()
        bodies.update(name for name, kind in kinds.items() if kind == AuthorKind.BODY)
        bodies.update(BodyName.objects.filter(name__in=names).values_list("name", flat=True))
        bodies.update(publishers.values_list("publisher", flat=True))
    persons = {name for name, kind in kinds.items() if kind == AuthorKind.PERSON}
    return [_with_bodies(description, bodies, persons) for description in descriptions]


def _with_bodies(
    description: ResourceDescription, bodies: AbstractSet[str], persons: AbstractSet[str]
) -> ResourceDescription:
    if description.author_bodies is not None or not description.authors:
        return replace(description, author_bodies=description.author_bodies or ())
    known = {*bodies, description.publisher} - persons
    among = bodies_among(description.authors, bodies=known, persons=persons)
    return replace(description, author_bodies=among)
