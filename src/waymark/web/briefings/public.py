"""Public pages of briefings and guides: the list, an edition, what it rests on, its short form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.briefings.queries import editions
from waymark.briefings.queries.files import offered_files
from waymark.briefings.queries.uses import shown_uses
from waymark.briefings.text.briefing import BriefingContent
from waymark.briefings.text.compose import statement_words
from waymark.core.errors import NotFound
from waymark.library.queries.content_notes import content_notes_together
from waymark.publishing.document.compose import CLOSED
from waymark.publishing.document.nodes import (
    HeadingNode,
    ParagraphNode,
    ReportDocument,
    Words,
)
from waymark.publishing.formats.html import PageLinks, render_fragment
from waymark.publishing.models import Publication
from waymark.web.middleware.tombstones import withdrawn_page
from waymark.web.shared.take_away import NamedLink, TakeAway, access_note, own_terms

LINKS = PageLinks(
    passage=lambda key: reverse("passage", args=[key]),
    review=lambda reference: reverse("review", args=[reference]),
)


@dataclass(frozen=True, slots=True)
class ListedBriefing:
    """Briefing of the list: its current edition and what its description says."""

    publication: Publication
    content: BriefingContent

    @property
    def has_short_form(self) -> bool:
        return bool(self.content.short.parts)


@require_safe
def briefing_list(request: HttpRequest) -> HttpResponse:
    """Current briefings and guides, the newest first."""
    rows = [ListedBriefing(row, editions.content_of(row)) for row in editions.published_briefings()]
    return render(
        request,
        "briefings/list.html",
        {
            "briefings": [row for row in rows if row.publication.kind == "briefing"],
            "guides": [row for row in rows if row.publication.kind == "guide"],
            "may_write": has_permission(request.user, "write briefings"),
        },
    )


def edition_shown(kind: str, slug: str, number: int | None) -> Publication:
    """An edition of the public site. number: None for the current one. Raises NotFound."""
    if number is None:
        return editions.published_briefing(kind, slug)
    return editions.briefing_edition(kind, slug, number)


def gone(request: HttpRequest, work: str, slug: str, number: int | None) -> HttpResponse:
    """Tombstone of a withdrawn edition. Raises NotFound if there was none."""
    row = editions.withdrawn_edition(work, slug, number)
    if row is None or row.withdrawn_at is None:
        raise NotFound(f"there is no published {work} {slug}")
    return withdrawn_page(
        request,
        f"{row.get_kind_display()}, edition {row.edition}",
        timezone.localdate(row.withdrawn_at),
    )


@require_safe
def briefing_page(
    request: HttpRequest, work: str, slug: str, number: int | None = None
) -> HttpResponse:
    """An edition, in full. number: None for the current one."""
    try:
        publication = edition_shown(work, slug, number)
    except NotFound:
        return gone(request, work, slug, number)
    now = timezone.now()
    document = editions.briefing_document(publication, now)
    content = editions.content_of(publication)
    files = offered_files(publication, editions.edition_state(publication, now))
    return render(
        request,
        "briefings/briefing.html",
        {
            **edition_context(request, publication, now),
            "document": document,
            "content": content,
            "body": _body(document, content),
            "sections": [
                node for node in document.nodes if isinstance(node, HeadingNode) and node.level == 2
            ],
            "notes": content_notes_together(editions.reviews_cited(publication)),
            "broken": editions.broken_statements(publication, now),
            "uses": shown_uses(publication.manuscript),
            "older": [
                row
                for row in editions.briefing_editions(work, slug)
                if row.edition != publication.edition
            ],
            "take": _take_away(request, publication, files),
            "may_write": has_permission(request.user, "write briefings"),
            "may_withdraw": has_permission(request.user, "publish briefings"),
        },
    )


def edition_context(
    request: HttpRequest, publication: Publication, now: datetime
) -> dict[str, object]:
    """What all pages of an edition need.

    newer: the current edition, if this is an older one; is_older: also where the newest was
    withdrawn.
    """
    content = editions.content_of(publication)
    current = editions.current_of(publication)
    return {
        "publication": publication,
        "kind": publication.kind,
        "about": content.about,
        "hidden_number": editions.hides_number(content),
        "short_form": bool(content.short.parts),
        "reading_minutes": content.reading_minutes,
        "newer": current if current != publication else None,
        "is_older": current != publication,
    }


def _body(document: ReportDocument, content: BriefingContent) -> SafeString:
    """HTML of a document: publishing.formats.html escapes everything."""
    overview = content.numbers.overview
    address = reverse("overview", args=[overview]) if content.numbers.cells else None
    return mark_safe(render_fragment(document, address=address, links=LINKS))  # noqa: S308


def _take_away(
    request: HttpRequest, publication: Publication, files: Mapping[str, str]
) -> TakeAway:
    """files: name -> label of those that there are."""
    place = [publication.kind, publication.slug, publication.edition]
    download = [
        NamedLink(label, reverse("briefing-file", args=[*place, name]))
        for name, label in files.items()
    ]
    year = publication.published_at.year
    address = access_note(request, reverse("briefing-edition", args=place))
    return TakeAway(
        noun=publication.kind,
        citation=(
            f"{settings.SITE_NAME} ({year}). {publication.title}, edition {publication.edition}."
            f" {address}"
        ),
        follow=[NamedLink("New briefings", reverse("briefings-feed"))],
        download=download,
        of=f"this {publication.kind}",
        **own_terms(),
    )


# ---- check this briefing ----

SHOWN = {"all": "All", "problems": "To check again", "own": "Our own view"}


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """Statement of the page that checks a briefing. words: HTML; section: its title."""

    row: editions.CheckedStatement
    words: SafeString
    section: str


@require_safe
def check_page(request: HttpRequest, work: str, slug: str, number: int) -> HttpResponse:
    """Each statement of an edition beside its passages."""
    try:
        publication = edition_shown(work, slug, number)
    except NotFound:
        return gone(request, work, slug, number)
    now = timezone.now()
    content = editions.content_of(publication)
    chosen = request.GET.get("show", "all")
    return render(
        request,
        "briefings/check.html",
        {
            **edition_context(request, publication, now),
            **check_context(content, chosen if chosen in SHOWN else "all", now),
        },
    )


Rows = list[editions.CheckedStatement]


def check_context(content: BriefingContent, chosen: str, now: datetime) -> dict[str, object]:
    """Statements with what they rest on, and how many there are of each sort."""
    rows = editions.checked_statements(content, now)
    sorts: dict[str, Rows] = {
        "all": rows,
        "problems": [row for row in rows if row.problems],
        "own": [row for row in rows if row.statement.own],
    }
    return {
        "statements": shown_statements(content, sorts[chosen]),
        "chosen": chosen,
        "filters": [(key, label, len(sorts[key])) for key, label in SHOWN.items()],
        "total": len(rows),
        "supported": sum(row.supported for row in rows),
        "own": len(sorts["own"]),
        "broken": sorts["problems"],
    }


def shown_statements(content: BriefingContent, rows: Rows) -> list[ShownStatement]:
    """Statements with their words and the title of their section."""
    titles = content.titles
    return [
        ShownStatement(row, statement_html(content, row), titles[row.statement.slot])
        for row in rows
    ]


def statement_html(content: BriefingContent, row: editions.CheckedStatement) -> SafeString:
    """Words of a statement, with links to the evidence of its numbers."""
    if row.statement.quotation:
        # The words of a report that is no longer public are nowhere on the page.
        passage = row.passages[0].passage
        words: Words = (f"“{passage.words}”" if passage else f"[{CLOSED}]",)
    else:
        words = statement_words(
            content, row.statement, numbers_withdrawn=bool(editions.number_problem(content))
        )
    document = ReportDocument("", "", "", "", timezone.now(), (ParagraphNode(words),))
    return _body(document, content)


# ---- the seven-minute form ----


@require_safe
def short_page(request: HttpRequest, work: str, slug: str, number: int) -> HttpResponse:
    """The seven-minute form of an edition."""
    try:
        publication = edition_shown(work, slug, number)
    except NotFound:
        return gone(request, work, slug, number)
    now = timezone.now()
    content = editions.content_of(publication)
    document = editions.short_document(publication, now)
    return render(
        request,
        "briefings/short.html",
        {
            **edition_context(request, publication, now),
            "document": document,
            "body": _body(document, content),
            "words": content.short_words,
            "broken": [
                row
                for row in editions.broken_statements(publication, now)
                if row.statement.slot == "short"
            ],
            "notes": content_notes_together(editions.reviews_cited(publication)),
            "closed": bool(editions.edition_state(publication, now).unreadable),
        },
    )
