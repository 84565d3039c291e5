"""Archive of the editions of an overview: each at its address, with its files and notes."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.core.errors import NotFound
from waymark.core.uk_time import uk_date
from waymark.overview.queries.overviews import kind_of
from waymark.publishing import queries
from waymark.publishing.models import Publication
from waymark.publishing.queries import archive
from waymark.publishing.queries.edition_files import (
    LABELS,
    MEDIA_TYPES,
    file_endings,
    public_file,
)
from waymark.publishing.queries.editions import has_left_profile
from waymark.web.middleware.tombstones import withdrawn_page
from waymark.web.overviews.works import WORKS
from waymark.web.shared.file_answers import file_answer
from waymark.web.shared.take_away import NamedLink, TakeAway, access_note, own_terms

PUBLISH = "publish overviews"


@require_safe
def edition_list(request: HttpRequest, slug: str) -> HttpResponse:
    """All editions of an overview, the newest first, and how they are revised."""
    editions = archive.archived_editions(slug)
    publication = queries.published_edition(slug)
    return render(
        request,
        "overview/editions.html",
        {
            "publication": publication,
            "editions": editions,
            "next_edition": publication.manuscript.next_edition,
            "method": archive.method_chapters(publication),
            "work": WORKS[kind_of(publication.frozen)],
            "may_note": has_permission(request.user, PUBLISH),
        },
    )


@require_safe
def edition_page(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One edition: what it counted, what changed and was corrected, and its files."""
    try:
        edition = archive.archived_edition(slug, number)
    except NotFound:
        return _gone(request, archive.withdrawn_edition(slug, number))
    publication = edition.publication
    left = has_left_profile(publication)
    closed = queries.has_closed_parts(publication, timezone.now())
    return render(
        request,
        "overview/edition.html",
        {
            "publication": publication,
            "edition": edition,
            "here": f"Edition {publication.edition}",
            "facts": archive.edition_facts(edition),
            "closed": closed,
            "left": left,
            "take": _take_away(request, publication, closed=closed or left),
            "work": WORKS[kind_of(publication.frozen)],
            "may_note": has_permission(request.user, PUBLISH),
        },
    )


def _gone(request: HttpRequest, row: Publication) -> HttpResponse:
    return withdrawn_page(
        request,
        f"{WORKS[kind_of(row.frozen)].noun.capitalize()}, edition {row.edition}",
        uk_date(row.withdrawn_at or row.published_at),
    )


def edition_links(publication: Publication) -> list[NamedLink]:
    """The files of an edition, each with its name."""
    return [
        NamedLink(
            LABELS[ending],
            reverse("overview-edition-file", args=[publication.slug, publication.edition, ending]),
        )
        for ending in file_endings(publication)
    ]


def edition_citation(request: HttpRequest, publication: Publication, address: str) -> str:
    """Citation of an edition at an address of the site."""
    publisher = settings.ORGANISATION or settings.SITE_NAME
    year = uk_date(publication.published_at).year
    return (
        f"{publisher} ({year}). {publication.title},"
        f" edition {publication.edition}. {access_note(request, address)}"
    )


def _take_away(request: HttpRequest, publication: Publication, *, closed: bool) -> TakeAway:
    slug = publication.slug
    address = reverse("overview-edition", args=[slug, publication.edition])
    return TakeAway(
        noun="edition",
        citation=edition_citation(request, publication, address),
        follow=[NamedLink("New editions", reverse("overview-feed", args=[slug]))],
        download=[] if closed else edition_links(publication),
        of="this edition",
        **own_terms(),
    )


@require_safe
def edition_file(request: HttpRequest, slug: str, number: int, ending: str) -> HttpResponseBase:
    """A file of an edition, as it was made when the edition was published."""
    publication = archive.archived_edition(slug, number).publication
    now = timezone.now()
    if ending not in MEDIA_TYPES:
        raise NotFound(f"an edition has no file {ending}")
    content = (
        queries.public_pdf(publication, now)
        if ending == "pdf"
        else public_file(publication, ending, now)
    )
    name = f"{slug}-edition-{number}{'-data' if ending == 'zip' else ''}.{ending}"
    return file_answer(
        request,
        content,
        name=name,
        media_type=MEDIA_TYPES[ending],
        attachment=ending != "pdf",
    )
