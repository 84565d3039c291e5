"""Pages that a search names: authors, bodies, and findings by the words of their title."""

from datetime import datetime

from django.urls import reverse

from waymark.accounts.permissions import Actor
from waymark.bodies.queries import body_called, open_bodies
from waymark.library.catalogue.author_names import in_reading_order
from waymark.library.models import Author, AuthorKind
from waymark.library.queries.authors import authors_named
from waymark.overview.queries.overviews import kind_of
from waymark.publishing.models import Publication
from waymark.publishing.queries import current_editions
from waymark.web.shared.take_away import NamedLink

MOST = 3
SHORTEST = 4
"""Letters of a word that tells one title from another."""


def named_pages(words: str, person: Actor, now: datetime) -> list[NamedLink]:
    """Pages of an author or body of this name, and findings with all longer words in the title."""
    links = [
        NamedLink(f"Author: {_heading(author)}", reverse("author", args=[author.key]))
        for author in authors_named(words, person, now)[:MOST]
    ]
    body = body_called(words) if words.strip() else None
    if body is not None and open_bodies(person, now).filter(pk=body.pk).exists():
        links.append(NamedLink(f"Body: {body.name}", reverse("body", args=[body.key])))
    return [*links, *(_link_to(edition) for edition in _titled(words)[:MOST])]


def _heading(author: Author) -> str:
    return in_reading_order(author.name, body=author.kind == AuthorKind.BODY)


def _link_to(edition: Publication) -> NamedLink:
    noun = kind_of(edition.frozen).replace("-", " ").capitalize()
    return NamedLink(f"{noun}: {edition.title}", reverse("overview", args=[edition.slug]))


def _titled(words: str) -> list[Publication]:
    telling = {word for word in words.lower().split() if len(word) >= SHORTEST}
    if not telling:
        return []
    return [row for row in current_editions() if telling <= set(row.title.lower().split())]
