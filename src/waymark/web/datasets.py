"""Data for researchers: what there is, what it means, and the files."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import may
from waymark.core.errors import NotFound
from waymark.datasets import queries, services
from waymark.datasets.queries import Request
from waymark.publishing.method import limits
from waymark.publishing.models import Publication
from waymark.publishing.package import package
from waymark.publishing.queries import document_of, publication_for, publications, release_for
from waymark.publishing.tidy.comma import csv_parts
from waymark.publishing.tidy.package import LICENCES, File, datapackage
from waymark.publishing.tidy.parquet import write_parquet
from waymark.publishing.tidy.shape import (
    DICTIONARY,
    VALUES,
    Field,
    Row,
    Shape,
    dictionary_rows,
    value_rows,
)
from waymark.web.downloads import one_at_a_time

KINDS: dict[str, str] = {
    "string": "Text",
    "category": "One of a list",
    "integer": "Whole number",
    "number": "Number",
    "boolean": "True or false",
    "date": "Date",
}
LISTED = 8
"""Values of a field that the page lists; more are in the file of values."""


@dataclass(frozen=True, slots=True)
class Offered:
    """An overview with its data. protected: the profile, where its rows are not given out."""

    publication: Publication
    protected: str


@dataclass(frozen=True, slots=True)
class Described:
    """A field as the page shows it. values: with labels, none where there are many (then many)."""

    field: Field
    kind: str
    values: tuple[tuple[str, str], ...]
    many: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the page shows it."""

    shape: Shape
    fields: tuple[Described, ...]


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """What is in each table, what may be done with it, and the files."""
    now = timezone.now()
    asked = _asked(request, now)
    withheld = queries.withheld_reviews(request.user)
    return render(
        request,
        "datasets/data.html",
        {
            "tables": [_described(one) for one in _shapes(asked).values()] if asked else [],
            "framework": asked.framework if asked else None,
            "staff": may(request.user, "see unpublished reports"),
            "withheld": len(withheld),
            "overviews": [
                Offered(one, "" if one.profile == "open" else one.profile) for one in publications()
            ],
            "limits": limits(),
            "licence": settings.DATA_LICENCE,
            "licence_url": LICENCES.get(settings.DATA_LICENCE, ""),
        },
    )


def _asked(request: HttpRequest, now: datetime) -> Request | None:
    """What stands now, by the framework published last; None where there is none yet."""
    try:
        return queries.request_for(request.user, now)
    except NotFound:
        return None


def _shapes(asked: Request) -> dict[str, Shape]:
    """The tables, and the two that explain them."""
    return {**queries.record_shapes(asked), DICTIONARY.name: DICTIONARY, VALUES.name: VALUES}


def _described(shape: Shape) -> Table:
    fields = []
    for one in shape.fields:
        few = len(one.values) <= LISTED
        values = tuple((value.value, value.label) for value in one.values) if few else ()
        kind = KINDS[one.type]
        fields.append(Described(one, kind, values, 0 if few else len(one.values)))
    return Table(shape, tuple(fields))


# ---- files ----


@require_safe
@one_at_a_time
def data_csv(request: HttpRequest, table: str) -> HttpResponseBase:
    """A table as CSV, sent while it is read."""
    _, shape, rows = _rows(request, table)
    answer = StreamingHttpResponse(csv_parts(shape, rows()), content_type="text/csv; charset=utf-8")
    return _named(answer, f"{table}.csv")


@require_safe
@one_at_a_time
def data_parquet(request: HttpRequest, table: str) -> FileResponse:
    """A table as Parquet."""
    asked, shape, rows = _rows(request, table)
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        write_parquet(shape, rows(), file, services.about_records(asked).said)
        file.seek(0)
        stack.pop_all()  # the answer closes the file when it is sent
    media_type = "application/vnd.apache.parquet"
    return FileResponse(
        file, as_attachment=True, filename=f"{table}.parquet", content_type=media_type
    )


def _rows(request: HttpRequest, table: str) -> tuple[Request, Shape, Callable[[], Iterator[Row]]]:
    """A table of what stands now; whoever is given more than the public is kept in the audit."""
    now = timezone.now()
    asked = queries.request_for(request.user, now)
    shape = _shapes(asked).get(table)
    if shape is None:
        raise NotFound(f"there is no table {table}")
    shapes = list(queries.record_shapes(asked).values())
    if shape is DICTIONARY:
        return asked, shape, lambda: dictionary_rows(shapes)
    if shape is VALUES:
        return asked, shape, lambda: value_rows(shapes)
    services.account_for(by=request.user, what=f"table {table}", request=asked, now=now)
    return asked, shape, lambda: queries.record_rows(asked, table)


def _named(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
def data_listing(request: HttpRequest) -> HttpResponseBase:
    """What the files are, as a data package says it: types, values, how tables refer to others."""
    asked = queries.request_for(request.user, timezone.now())
    files = [File(shape, f"{name}.csv") for name, shape in _shapes(asked).items()]
    content = datapackage(services.about_records(asked), files)
    return _named(HttpResponse(content, content_type="application/json"), "datapackage.json")


@require_safe
@one_at_a_time
def overview_package(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The numbers of an edition as a data package: what it shows, and no more."""
    publication = publication_for(slug)
    content = package(
        release_for(publication),
        document_of(publication, now=timezone.now()),
        licence=settings.DATA_LICENCE,
    )
    name = f"{publication.slug}-edition-{publication.edition}-data.zip"
    return _named(HttpResponse(content, content_type="application/zip"), name)
