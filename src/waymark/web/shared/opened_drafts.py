"""Drafts that a person opened last, as long as they are signed in, and those that are not saved."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from waymark.accounts.models import User
from waymark.overview.models import Overview
from waymark.publishing.queries.drafts import unsaved_texts_of

SESSION_KEY = "opened_drafts"
MOST = 6


@dataclass(frozen=True, slots=True)
class OpenedDraft:
    """A chapter of an overview. unsaved: the person typed something that they have not saved."""

    overview: Overview
    title: str
    url: str
    unsaved: bool


def note_opened(request: HttpRequest, slug: str, slot: str, title: str) -> None:
    """Remember in the session that the person opened a chapter."""
    # Not in the database: where somebody read is their own affair, and ends with the session.
    others = [entry for entry in _opened_in(request) if entry[:2] != [slug, slot]]
    opened = [[slug, slot, title], *others][:MOST]
    if opened != request.session.get(SESSION_KEY):
        request.session[SESSION_KEY] = opened


def opened_drafts(request: HttpRequest, person: User) -> list[OpenedDraft]:
    """The chapters that the person opened last, then others with text that they have not saved."""
    unsaved = {
        (row.manuscript.overview.slug, row.slot)
        for row in unsaved_texts_of(person)
        if row.manuscript.overview is not None
    }
    titles = {(slug, slot): title for slug, slot, title in _opened_in(request)}
    places = list(dict.fromkeys([*titles, *sorted(unsaved)]))
    overviews = {row.slug: row for row in Overview.objects.filter(slug__in=[s for s, _ in places])}
    return [
        OpenedDraft(
            overviews[slug],
            titles.get((slug, slot), slot),
            reverse("write-text", args=[slug, slot]),
            (slug, slot) in unsaved,
        )
        for slug, slot in places
        if slug in overviews
    ]


def _opened_in(request: HttpRequest) -> list[list[str]]:
    return list(request.session.get(SESSION_KEY, []))
