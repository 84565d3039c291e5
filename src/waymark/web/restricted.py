"""What editions withhold, for those who may see it; for all others there is no such page.

Whether somebody may is asked before anything else, so that neither the page nor the time it takes
says whether there is something behind an address.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import may
from waymark.core.errors import NotFound
from waymark.publishing import queries, services
from waymark.publishing.models import Publication
from waymark.web.behind import SIZE, counted_in, numbered, printed
from waymark.web.paging import Paging, page_number


def _edition(request: HttpRequest, slug: str) -> Publication:
    if not may(request.user, queries.RESTRICTED):
        raise NotFound(f"there is no page of what {slug} withholds")
    return queries.publication_for(slug)


def _kept_by_none(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def withheld(request: HttpRequest, slug: str, table: str) -> HttpResponse:
    """The cells of a table that are withheld, rounded or do not open, without their numbers."""
    publication = _edition(request, slug)
    shown = queries.table_of(publication, table).table
    answer = render(
        request,
        "overview/withheld.html",
        {
            "publication": publication,
            "table": shown,
            "cells": queries.covered_cells(publication, table, person=request.user),
        },
    )
    return _kept_by_none(answer)


@require_http_methods(["GET", "HEAD", "POST"])
def withheld_cell(
    request: HttpRequest, slug: str, table: str, row: str, column: str
) -> HttpResponse:
    """One of them: first what opening it means, then, recorded, its number and what is behind."""
    publication = _edition(request, slug)
    page = page_number(request)
    if request.method != "POST":
        cell = queries.covered_cell(publication, table, row, column, person=request.user)
        shown = queries.table_of(publication, table).table
        asked = {"publication": publication, "table": shown, "cell": cell, "page": page}
        return _kept_by_none(render(request, "overview/withheld_ask.html", asked))
    part = slice((page - 1) * SIZE, page * SIZE)
    found = services.open_withheld(
        by=request.user,
        publication=publication,
        table=table,
        row=row,
        column=column,
        now=timezone.now(),
        part=part,
    )
    opened = found.evidence
    paging = Paging.of(request, page, total=opened.total, size=SIZE)
    answer = render(
        request,
        "overview/withheld_cell.html",
        {
            "publication": publication,
            "table": opened.table,
            "row": opened.row,
            "column": opened.column,
            "value": printed(opened.cell),
            "printed": found.printed,
            "why": found.why,
            "counted": counted_in(opened.cell),
            "records": len(opened.cell.records),
            "reviews": numbered(opened.reviews, paging),
            "total": opened.total,
            "silent": not opened.cell.evidence,
            "closed": opened.closed,
            "paging": paging,
        },
    )
    return _kept_by_none(answer)
