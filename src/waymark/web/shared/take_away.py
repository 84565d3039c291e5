"""Cite, follow and download: one part for the pages of all public objects (take_away.html)."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from waymark.web.shared.addresses import shown_address

MOST_FOLLOWED = 5
"""Subjects in one feed: visitors may combine a few values of a filter."""


@dataclass(frozen=True, slots=True)
class NamedLink:
    """A link with its text."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class TakeAway:
    """Citation, feeds and files of one object.

    noun: what it is, in one word. follow: feeds. download: files; first: said before them.
    save: query string of a search that people with an account can save under the name. of: what
    has the rights holder and the licence, "" to say nothing of rights. by_email: where to follow it
    by email, "" for nowhere.
    """

    noun: str
    citation: str
    follow: Sequence[NamedLink]
    download: Sequence[NamedLink]
    first: str = ""
    save: str = ""
    name: str = ""
    of: str = ""
    holder: str = ""
    licence: str = ""
    by_email: str = ""


NO_LICENCE = "no licence is given: quote with a citation, and ask us for anything else"


def own_terms() -> dict[str, str]:
    """Rights holder and licence of what this installation wrote, as the page on terms has them."""
    return {
        "holder": settings.ORGANISATION or settings.SITE_NAME,
        "licence": settings.DATA_LICENCE or NO_LICENCE,
    }


def access_note(request: HttpRequest, address: str) -> str:
    """ "https://... (accessed 3 May 2026)." for the end of a citation."""
    accessed = date_format(timezone.localdate(), "j F Y")
    return f"{shown_address(request, address)} (accessed {accessed})."


def feed_of_search(label: str, parameters: Sequence[tuple[str, str]]) -> NamedLink:
    """Atom feed of a search."""
    return NamedLink(label, f"{reverse('feed-atom')}?{urlencode(parameters)}")


def feeds_of_record(noun: str, reference: str, subjects: Sequence[str]) -> list[NamedLink]:
    """Feeds for a record: its changes, if it has a reference, and what is new on its subjects."""
    feeds = []
    if reference:
        feeds.append(feed_of_search(f"Changes to this {noun}", [("q", f'review:"{reference}"')]))
    if subjects:
        chosen = [("subject", key) for key in subjects[:MOST_FOLLOWED]]
        feeds.append(feed_of_search("New on the same subjects", chosen))
    return feeds or [feed_of_search("New in the library", [])]
