"""Published overviews: pages, tables, files and the evidence for every number."""

import json
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.errors import NotFound
from waymark.core.site_address import NO_ADDRESS
from waymark.core.tables import ProtectedTable
from waymark.indicators.queries.indicators import indicators_of_overview
from waymark.library.queries.content_notes import content_notes_together
from waymark.overview.queries.overviews import kind_of
from waymark.overview.spec.schema import OverviewKind
from waymark.overview.tables.export import table_csv, table_csvw, table_json
from waymark.publishing import queries
from waymark.publishing.document.nodes import (
    ChapterNodes,
    FigureNode,
    HeadingNode,
    Node,
    QuotationNode,
    ReportDocument,
    TableNode,
    chapters_of,
)
from waymark.publishing.document.units import units_of
from waymark.publishing.formats.html import IN_FILE, render_fragment
from waymark.publishing.models import Publication
from waymark.publishing.queries import archive
from waymark.publishing.queries.closed_references import closed_sources
from waymark.publishing.queries.edition_files import LABELS
from waymark.publishing.queries.imprint import csvw_properties, imprint_of_site
from waymark.web.library.exports import AtomFeed, entry_html, feed_answer, tag_uri
from waymark.web.overviews.chapters import (
    FRONT,
    chapter_html,
    chapter_links,
    contents_of,
    links_in,
    main_points,
)
from waymark.web.overviews.editions import edition_citation, edition_links
from waymark.web.overviews.evidence import SIZE, evidence_context
from waymark.web.overviews.json_ld import overview_json_ld
from waymark.web.overviews.works import WORKS
from waymark.web.shared.addresses import cited_address
from waymark.web.shared.file_answers import file_answer
from waymark.web.shared.paging import Paging, page_number
from waymark.web.shared.take_away import NamedLink, TakeAway, own_terms


@require_safe
def overview_list(request: HttpRequest, work: OverviewKind = "overview") -> HttpResponse:
    """List of published overviews, theme studies or silence reports, newest first."""
    return render(
        request,
        "overview/list.html",
        {
            "publications": queries.editions_of_work(work),
            "work": WORKS[work],
            "works": WORKS.values(),
            "may_write": has_permission(request.user, "write overviews"),
        },
    )


@dataclass(frozen=True, slots=True)
class PageSection:
    """Section of the page. anchor: its HTML id."""

    title: str
    anchor: str


@require_safe
def overview_page(request: HttpRequest, slug: str) -> HttpResponse:
    """An overview: a list of chapters, each with its own page; older editions on one page."""
    publication = queries.published_edition(slug)
    now = timezone.now()
    document = queries.document_of(publication, now=now)
    tables = [item.protected.table for item in _tables_in(document)]
    closed = queries.has_closed_parts(publication, now)
    json_ld = overview_json_ld(
        request, publication, document, [table.id for table in tables], closed=closed
    )
    if not publication.content:
        return _on_one_page(request, publication, document, json_ld)
    links = links_in(document, slug)
    part = {
        name: render_fragment(
            replace(document, nodes=nodes), address=_overview_address(publication), links=links
        )
        for name, nodes in (("points", main_points(document)), ("lists", contents_of(document)))
    }
    return render(
        request,
        "overview/report.html",
        {
            "publication": publication,
            "document": document,
            "chapters": [item for item in chapters_of(document) if item.heading.anchor != FRONT],
            "tables": tables,
            "closed": closed,
            "corrections": archive.corrections_of(publication),
            "json_ld": json_ld,
            "take": _take_away(request, publication, closed=closed),
            "indicators": indicators_of_overview(slug, request.user),
            "work": WORKS[kind_of(publication.frozen)],
            "may_withdraw": has_permission(request.user, "publish overviews"),
            "may_write": has_permission(request.user, "write overviews"),
            **part,
        },
    )


def _on_one_page(
    request: HttpRequest, publication: Publication, document: ReportDocument, json_ld: str
) -> HttpResponse:
    return render(
        request,
        "overview/overview.html",
        {
            "publication": publication,
            "document": document,
            "corrections": archive.corrections_of(publication),
            "json_ld": json_ld,
            "sections": [
                PageSection(node.text, node.anchor)
                for node in document.nodes
                if isinstance(node, HeadingNode) and node.level == 2
            ],
            "tables": [node.protected.table for node in _tables_in(document)],
            "may_withdraw": has_permission(request.user, "publish overviews"),
            "take": _take_away(request, publication, closed=False),
            "body": render_fragment(document, address=_overview_address(publication)),
        },
    )


def _take_away(request: HttpRequest, publication: Publication, *, closed: bool) -> TakeAway:
    """closed: part of the edition is no longer public, so that there are no files."""
    slug = publication.slug
    noun = WORKS[kind_of(publication.frozen)].noun
    return TakeAway(
        noun=noun,
        citation=edition_citation(request, publication, reverse("overview", args=[slug])),
        follow=[NamedLink("New editions", reverse("overview-feed", args=[slug]))],
        download=[] if closed else _files(publication),
        of=f"this {noun}",
        **own_terms(),
    )


def _files(publication: Publication) -> list[NamedLink]:
    """Files of the current edition; PDF and data at addresses that always have the newest."""
    slug = publication.slug
    newest = {
        LABELS["pdf"]: reverse("overview-pdf", args=[slug]),
        LABELS["zip"]: reverse("overview-package", args=[slug]),
    }
    others = {link.label: link.url for link in edition_links(publication)}
    links = others | newest
    return [NamedLink(label, links[label]) for label in LABELS.values() if label in links]


@require_safe
def overview_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The editions of an overview that were not withdrawn, as an Atom feed, newest first."""
    current = queries.published_edition(slug)
    page = request.build_absolute_uri(reverse("overview", args=[slug]))
    feed = AtomFeed(
        title=f"{settings.SITE_NAME}: {current.title}",
        link=page,
        feed_guid=tag_uri(f"overviews/{slug}"),
        description="Editions of this overview, newest first.",
        language="en-gb",
        feed_url=request.build_absolute_uri(),
        feed_copyright=FORBIDDEN_USES_IN_FULL,
    )
    for edition in queries.editions_of(slug):
        feed.add_item(
            title=f"{edition.title}, edition {edition.edition}",
            link=request.build_absolute_uri(
                reverse("overview-edition", args=[slug, edition.edition])
            ),
            description=entry_html("\n\n".join(note.text for note in edition.notes.all())),
            unique_id=tag_uri(f"overviews/{slug}/{edition.edition}"),
            unique_id_is_permalink=False,
            pubdate=edition.published_at,
            updateddate=edition.published_at,
            author_name=settings.SITE_NAME,
        )
    return feed_answer(request, feed)


@require_safe
def chapter_page(request: HttpRequest, slug: str, chapter: str) -> HttpResponse:
    """One chapter of a report."""
    publication = queries.published_edition(slug)
    document = queries.document_of(publication, now=timezone.now())
    pages = chapter_links(document, slug) if publication.content else []
    # Place of the chapter among all, for the links to the one before and the one after.
    at = next((place for place, candidate in enumerate(pages) if candidate.name == chapter), None)
    if at is None:
        raise NotFound(f"this overview has no chapter {chapter}")
    chapter_nodes = next(
        candidate for candidate in chapters_of(document) if candidate.heading.anchor == chapter
    )
    links = links_in(document, slug, chapter)
    return render(
        request,
        "overview/chapter.html",
        {
            "publication": publication,
            "document": document,
            "chapter": chapter_nodes.heading,
            "content_notes": _content_notes(publication, chapter_nodes),
            "sections": [
                node
                for node in chapter_nodes.nodes
                if isinstance(node, HeadingNode) and node.level == 3
            ],
            "earlier": pages[at - 1] if at else None,
            "later": pages[at + 1] if at + 1 < len(pages) else None,
            "body": chapter_html(
                document, chapter_nodes, address=_overview_address(publication), links=links
            ),
        },
    )


def _content_notes(publication: Publication, chapter: ChapterNodes) -> str:
    """Content notes of the reviews that a chapter quotes, as one phrase."""
    report = queries.report_of(publication)
    passages = report.passages if report else {}
    quoted = {node.key for node in chapter.nodes if isinstance(node, QuotationNode)}
    return content_notes_together(passages[key].review for key in quoted & set(passages))


def _tables_in(document: ReportDocument) -> list[TableNode]:
    """Tables of a document in the order of their numbers, in whichever chapters they are."""
    tables = (node for node in document.nodes if isinstance(node, TableNode))
    return sorted(tables, key=lambda node: int(node.protected.table.id[1:]))


def _overview_address(publication: Publication) -> str:
    return reverse("overview", args=[publication.slug])


@require_safe
def overview_pdf(request: HttpRequest, slug: str) -> HttpResponseBase:
    """PDF of the edition, as published."""
    publication = queries.published_edition(slug)
    return file_answer(
        request,
        queries.public_pdf(publication, timezone.now()),
        name=f"{publication.slug}-edition-{publication.edition}.pdf",
        media_type="application/pdf",
        attachment=False,
    )


@require_safe
def table_page(request: HttpRequest, slug: str, table: str) -> HttpResponse:
    """One table with its figures and notes."""
    publication = queries.published_edition(slug)
    protected = queries.table_of(publication, table)
    document = queries.document_of(publication, now=timezone.now())
    mine = tuple(
        node.with_all_notes() if isinstance(node, TableNode) else node
        for node in document.nodes
        if _belongs_to(node, protected)
    )
    return render(
        request,
        "overview/table.html",
        {
            "publication": publication,
            "document": document,
            "table": protected.table,
            "units": _table_units(publication, protected),
            "opens": any(
                cell.records and not cell.mark for row in protected.table.rows for cell in row.cells
            ),
            "name": next(node.name for node in mine if isinstance(node, TableNode)),
            "body": render_fragment(
                replace(document, nodes=mine),
                address=_overview_address(publication),
                links=links_in(document, slug) if publication.content else IN_FILE,
            ),
            "restricted": publication.profile != "open"
            and has_permission(request.user, queries.RESTRICTED),
            **_neighbouring_tables(document, protected),
        },
    )


def _table_units(publication: Publication, protected: ProtectedTable) -> tuple[str, ...]:
    specs = {
        table_spec.id: table_spec for table_spec in queries.edition_release(publication).spec.tables
    }
    return units_of(specs[protected.table.id], protected.table)


def _belongs_to(node: Node, protected: ProtectedTable) -> bool:
    match node:
        case TableNode():
            return node.protected.table.id == protected.table.id
        case FigureNode():
            return node.figure.table == protected.table.id
        case _:
            return False


def _neighbouring_tables(
    document: ReportDocument, protected: ProtectedTable
) -> dict[str, TableNode | None]:
    """Previous and next table."""
    tables = _tables_in(document)
    at = [node.protected.table.id for node in tables].index(protected.table.id)
    return {
        "earlier": tables[at - 1] if at else None,
        "later": tables[at + 1] if at + 1 < len(tables) else None,
    }


@require_safe
def table_as_csv(request: HttpRequest, slug: str, table: str) -> HttpResponseBase:
    """A table as CSV: UTF-8 with a byte order mark, for spreadsheets."""
    publication = queries.published_edition(slug)
    protected = queries.table_of(publication, table)
    content = table_csv(protected).encode("utf-8-sig")
    return _table_download(request, content, "text/csv; charset=utf-8", publication, protected)


@require_safe
def table_as_csvw(request: HttpRequest, slug: str, table: str) -> HttpResponseBase:
    """Description of a table's CSV file, at the address where CSVW looks for it."""
    publication = queries.published_edition(slug)
    protected = queries.table_of(publication, table)
    imprint = imprint_of_site(cited_address(request, _overview_address(publication)) or NO_ADDRESS)
    name = f"{protected.table.id}.csv"
    content = table_csvw(protected, name, **csvw_properties(imprint))
    return file_answer(
        request,
        json.dumps(content, ensure_ascii=False, indent=1).encode(),
        name=f"{name}-metadata.json",
        media_type="application/csvm+json",
    )


@require_safe
def table_as_json(request: HttpRequest, slug: str, table: str) -> HttpResponseBase:
    """A table as JSON, with the citation keys of every cell that are public."""
    publication = queries.published_edition(slug)
    protected = queries.table_of(publication, table)
    content_data = table_json(protected, closed=closed_sources(protected, timezone.now()))
    content = json.dumps(content_data, ensure_ascii=False, indent=1).encode()
    return _table_download(request, content, "application/json", publication, protected)


def _table_download(
    request: HttpRequest,
    content: bytes,
    media_type: str,
    publication: Publication,
    table: ProtectedTable,
) -> HttpResponseBase:
    ending = "json" if media_type == "application/json" else "csv"
    name = f"{publication.slug}-edition-{publication.edition}-{table.table.id}.{ending}"
    return file_answer(request, content, name=name, media_type=media_type)


# ---- evidence ----


@require_safe
def evidence_page(
    request: HttpRequest, slug: str, table: str, row: str, column: str
) -> HttpResponse:
    """Every review that a number counts, with its passages."""
    publication = queries.published_edition(slug)
    page = page_number(request)
    cell_evidence = queries.cell_evidence(
        publication,
        table,
        row,
        column,
        person=request.user,
        now=timezone.now(),
        part=slice((page - 1) * SIZE, page * SIZE),
    )
    paging = Paging.of(request, page, total=cell_evidence.total, size=SIZE)
    context = {
        "publication": publication,
        "cell": cell_evidence.cell,
        **evidence_context(cell_evidence, paging),
    }
    return render(request, "overview/evidence.html", context)
