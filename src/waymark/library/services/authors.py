"""The only writers of authority records of authors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from waymark.accounts import audit, removals
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.core.journal import Entry
from waymark.library.models import (
    Author,
    AuthorKind,
    AuthorName,
    AuthorOfWork,
    DifferentAuthors,
    Resource,
)
from waymark.library.queries.authors import names_of, names_without_author, perhaps_by
from waymark.library.services.indexing import mark_changed

CATALOGUE, REMOVE = "catalogue", "publish reports"
MOST_NAMES = 50
HIDDEN = "author hidden"
"""Kind of line in the journal of removals."""


@dataclass(frozen=True, slots=True)
class AuthorAbout:
    """Description of an author. other_names: further forms. See Author."""

    name: str
    kind: str = AuthorKind.PERSON
    note: str = ""
    other_names: tuple[str, ...] = ()


@audit.serialized
def add_author(*, by: Actor, about: AuthorAbout, now: datetime) -> Author:
    """Create an author with its names. Raises RuleError for a name that another author has."""
    require_permission(by, CATALOGUE)
    author = Author(key=_free_key(about.name), added_at=now)
    _describe(author, about)
    audit.record_about(by, "add author", author, now)
    return author


@audit.serialized
def change_author(*, by: Actor, author: Author, about: AuthorAbout, now: datetime) -> None:
    """Replace the description of an author; another kind is that of its names on works, too.

    Raises NotPermitted, RuleError.
    """
    require_permission(by, CATALOGUE)
    earlier = author.kind
    _describe(author, about)
    if author.kind != earlier:
        _set_kind_on_works(author, now)
    audit.record_about(by, "change author", author, now)


@audit.serialized
def add_authors_of_works(*, by: Actor, now: datetime, names: Sequence[str] = ()) -> list[Author]:
    """Create an author for each name on a work that has none; names: only these.

    Each is a person or an organisation as the works have it, until somebody says else.
    """
    require_permission(by, CATALOGUE)
    made = []
    for row in names_without_author(by):
        if not names or row.name in names:
            kind = AuthorKind.BODY if row.body else AuthorKind.PERSON
            about = AuthorAbout(row.name, kind)
            made.append(add_author(by=by, about=about, now=now))
    return made


@audit.serialized
def merge_authors(*, by: Actor, duplicate: Author, into: Author, now: datetime) -> None:
    """Make one record replace another of the same author; its address leads to the first.

    Nothing is rewritten, so the merge can be undone. Raises NotPermitted, RuleError.
    """
    require_permission(by, CATALOGUE)
    if duplicate == into or into.merged_into_id is not None:
        raise RuleError(f"{duplicate} cannot be merged into {into}: choose another record")
    if duplicate.merged_into_id is not None:
        raise RuleError(f"{duplicate} is already merged into another record")
    if DifferentAuthors.objects.filter(_pair(duplicate, into)).exists():
        raise RuleError(
            f"{duplicate} and {into} are recorded as two different authors: remove that first if"
            " they are the same"
        )
    Author.objects.filter(Q(pk=duplicate.pk) | Q(merged_into=duplicate)).update(merged_into=into)
    audit.record_about(by, "merge authors", duplicate, now, into=into.key)
    # Whoever asked for the page to go must not come back under another heading.
    if duplicate.hidden_at is not None and into.hidden_at is None:
        _set_hidden(into, now, now)


@audit.serialized
def undo_author_merge(*, by: Actor, duplicate: Author, now: datetime) -> None:
    """Take a merge back: the record has its own names and works again."""
    require_permission(by, CATALOGUE)
    Author.objects.filter(pk=duplicate.pk).update(merged_into=None)
    audit.record_about(by, "undo merge of authors", duplicate, now)


@audit.serialized
def tell_authors_apart(
    *, by: Actor, first: Author, second: Author, now: datetime, note: str = ""
) -> None:
    """Record that two authors are not the same, so that nobody merges them. Raises RuleError."""
    require_permission(by, CATALOGUE)
    if first == second:
        raise RuleError(f"{first} cannot differ from itself: choose another record")
    if not DifferentAuthors.objects.filter(_pair(first, second)).exists():
        DifferentAuthors.objects.create(first=first, second=second, note=note.strip()[:300])
        audit.record_about(by, "tell authors apart", first, now, other=second.key)


@audit.serialized
def forget_difference(*, by: Actor, first: Author, second: Author, now: datetime) -> None:
    """Take back that two authors are not the same."""
    require_permission(by, CATALOGUE)
    DifferentAuthors.objects.filter(_pair(first, second)).delete()
    audit.record_about(by, "forget difference of authors", first, now, other=second.key)


@audit.serialized
def move_work(*, by: Actor, resource: Resource, name: str, author: Author, now: datetime) -> None:
    """Record that a name on one work means this author. Raises RuleError if it is not on it."""
    require_permission(by, CATALOGUE)
    if name not in resource.authors:
        raise RuleError(f"{resource} has no author {name}")
    own = AuthorName.objects.filter(name=name, author=author).exists()
    AuthorOfWork.objects.filter(resource=resource, name=name).delete()
    if not own:
        AuthorOfWork.objects.create(resource=resource, name=name, author=author)
    audit.record_about(by, "move work of author", author, now, resource=resource.key, name=name)


@audit.serialized
def hide_author(*, by: Actor, author: Author, reason: str, now: datetime) -> None:
    """Take the page of an author away, such as at their request; names stay on their works.

    Raises NotPermitted, RuleError without a reason.
    """
    require_permission(by, REMOVE)
    if not reason.strip():
        raise RuleError("give a reason for removing the page: it is kept in the audit log")
    if author.hidden_at is None:
        _set_hidden(author, now, now)
        audit.record_about(by, "hide author", author, now, reason=reason.strip()[:300])


@audit.serialized
def show_author(*, by: Actor, author: Author, now: datetime) -> None:
    """Show the page of an author again."""
    require_permission(by, REMOVE)
    if author.hidden_at is not None:
        Author.objects.filter(pk=author.pk).update(hidden_at=None)
        author.hidden_at = None
        # Only when it is stored: the journal must hide at least as much as the database.
        line = _hidden_line(author, now, hidden=False)
        transaction.on_commit(partial(removals.append_entries, [line]))
        audit.record_about(by, "show author", author, now)


def hide_again(*, key: str, entry: Entry, now: datetime) -> bool:
    """Hide an author again whom a restored database shows; False if nothing was left to do."""
    author = Author.objects.filter(key=key, hidden_at=None).first()
    if author is None or not entry["hidden"]:
        return False
    Author.objects.filter(pk=author.pk).update(hidden_at=now)
    audit.record_about(None, "hide author", author, now, reason="hidden before the restore")
    return True


def hidden_author_lines(now: datetime) -> list[Entry]:
    """A line of the journal for each hidden author."""
    return [
        _hidden_line(author, now, hidden=True) for author in Author.objects.exclude(hidden_at=None)
    ]


def _set_hidden(author: Author, at: datetime, now: datetime) -> None:
    Author.objects.filter(pk=author.pk).update(hidden_at=at)
    author.hidden_at = at
    line = _hidden_line(author, now, hidden=True)
    audit.before_commit(partial(removals.append_entries, [line]))


def _hidden_line(author: Author, now: datetime, *, hidden: bool) -> Entry:
    return removals.removal_entry(
        subject=author.audit_subject(), what=HIDDEN, now=now, hidden=hidden
    )


def _pair(first: Author, second: Author) -> Q:
    return Q(first=first, second=second) | Q(first=second, second=first)


def _describe(author: Author, about: AuthorAbout) -> None:
    names = tuple(dict.fromkeys(filter(None, map(str.strip, (about.name, *about.other_names)))))
    if not names or not about.name.strip():
        raise RuleError("enter the name of the author")
    if len(names) > MOST_NAMES:
        raise RuleError(f"an author can have at most {MOST_NAMES} names")
    others = AuthorName.objects.filter(name__in=names)
    if author.pk is not None:
        others = others.exclude(Q(author=author) | Q(author__merged_into=author))
    other = others.select_related("author").first()
    if other is not None:
        raise RuleError(f"{other.name} is a name of another record, {other.author}: merge them")
    author.name, author.kind, author.note = names[0][:200], about.kind, about.note.strip()
    if author.kind not in AuthorKind.values:
        raise RuleError(f"an author cannot be {author.kind!r}: choose person or body")
    author.save()
    known = set(names_of(author).values_list("name", flat=True))
    AuthorName.objects.filter(author=author).exclude(name__in=names).delete()
    AuthorName.objects.bulk_create(
        AuthorName(author=author, name=name[:200]) for name in names if name not in known
    )


def _set_kind_on_works(author: Author, now: datetime) -> None:
    """Store on each work that the names of an author are those of a body, or of a person."""
    names = frozenset(names_of(author).values_list("name", flat=True))
    changed = []
    for work in Resource.objects.filter(perhaps_by(names, author)):
        bodies = set(work.author_bodies) - names
        if author.kind == AuthorKind.BODY:
            bodies |= names
        named = [name for name in work.authors if name in bodies]
        if named != work.author_bodies:
            work.author_bodies = named
            changed.append(work)
    Resource.objects.bulk_update(changed, ["author_bodies"], batch_size=200)
    mark_changed(resources=[work.pk for work in changed], now=now)


def _free_key(name: str) -> str:
    """A key from a name that no author has: "devaney-john", "devaney-john-2"."""
    key = slugify(name)[:70].strip("-") or "author"
    number, free = 1, key
    while Author.objects.filter(key=free).exists():
        number += 1
        free = f"{key}-{number}"
    return free
