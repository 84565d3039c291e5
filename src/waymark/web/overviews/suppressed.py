"""Protected numbers of editions, for people with permission; others get 404.

The permission is checked before anything else, so that neither the page nor its response time shows
whether a protected number exists.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import has_permission
from waymark.core.errors import NotFound
from waymark.publishing import queries, services
from waymark.publishing.models import Publication
from waymark.web.overviews.evidence import SIZE, evidence_context
from waymark.web.shared.paging import Paging, page_number


def _permitted_edition(request: HttpRequest, slug: str) -> Publication:
    if not has_permission(request.user, queries.RESTRICTED):
        raise NotFound(f"there is no page of protected numbers of {slug}")
    return queries.published_edition(slug)


def _uncached(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def protected_cells(request: HttpRequest, slug: str, table: str) -> HttpResponse:
    """Protected cells of a table (withheld, rounded or closed), without their numbers."""
    publication = _permitted_edition(request, slug)
    published = queries.table_of(publication, table).table
    cells = queries.withheld_cells(publication, table, person=request.user)
    context = {"publication": publication, "table": published, "cells": cells}
    return _uncached(render(request, "overview/withheld.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def protected_cell(
    request: HttpRequest, slug: str, table: str, row: str, column: str
) -> HttpResponse:
    """A protected cell: GET asks for confirmation; POST records the access and shows it."""
    publication = _permitted_edition(request, slug)
    page = page_number(request)
    # Opening is a POST, so that link previews, browsers that load pages in advance and the history
    # never open a number, and no access is recorded that nobody asked for.
    if request.method != "POST":
        cell = queries.withheld_cell(publication, table, row, column, person=request.user)
        published = queries.table_of(publication, table).table
        context = {"publication": publication, "table": published, "cell": cell, "page": page}
        return _uncached(render(request, "overview/withheld_ask.html", context))
    part = slice((page - 1) * SIZE, page * SIZE)
    withheld = services.open_withheld(
        by=request.user,
        publication=publication,
        table=table,
        row=row,
        column=column,
        now=timezone.now(),
        part=part,
    )
    paging = Paging.of(request, page, total=withheld.evidence.total, size=SIZE)
    context = {
        "publication": publication,
        "printed": withheld.printed,
        "why": withheld.why,
        **evidence_context(withheld.evidence, paging),
    }
    return _uncached(render(request, "overview/withheld_cell.html", context))
