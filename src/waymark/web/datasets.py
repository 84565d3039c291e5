"""Data for researchers: the page that describes the tables, and their files."""

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
"""Values of a field listed on the page; longer lists are in the file of values."""


@dataclass(frozen=True, slots=True)
class Offered:
    """Overview with its data. protected: its disclosure profile, "" where rows are published."""

    publication: Publication
    protected: str


@dataclass(frozen=True, slots=True)
class Described:
    """Field as shown. values: with labels; if over LISTED, empty, and many counts them."""

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
    """Description of each table, its licence and its files."""
    now = timezone.now()
    data_request = _asked(request, now)
    withheld = queries.withheld_reviews(request.user)
    return render(
        request,
        "datasets/data.html",
        {
            "tables": [_described(shape) for shape in _shapes(data_request).values()]
            if data_request
            else [],
            "framework": data_request.framework if data_request else None,
            "staff": may(request.user, "see unpublished reports"),
            "withheld": len(withheld),
            "overviews": [
                Offered(edition, "" if edition.profile == "open" else edition.profile)
                for edition in publications()
            ],
            "limits": limits(),
            "licence": settings.DATA_LICENCE,
            "licence_url": LICENCES.get(settings.DATA_LICENCE, ""),
        },
    )


def _asked(request: HttpRequest, now: datetime) -> Request | None:
    """Data request for the latest published framework; None if there is none yet."""
    try:
        return queries.request_for(request.user, now)
    except NotFound:
        return None


def _shapes(data_request: Request) -> dict[str, Shape]:
    """The record tables, the data dictionary and the table of values."""
    return {**queries.record_shapes(data_request), DICTIONARY.name: DICTIONARY, VALUES.name: VALUES}


def _described(shape: Shape) -> Table:
    fields = []
    for field in shape.fields:
        few = len(field.values) <= LISTED
        values = tuple((value.value, value.label) for value in field.values) if few else ()
        kind = KINDS[field.type]
        fields.append(Described(field, kind, values, 0 if few else len(field.values)))
    return Table(shape, tuple(fields))


# ---- files ----


@require_safe
@one_at_a_time
def data_csv(request: HttpRequest, table: str) -> HttpResponseBase:
    """A table as CSV, streamed."""
    _, shape, rows = _rows(request, table)
    answer = StreamingHttpResponse(csv_parts(shape, rows()), content_type="text/csv; charset=utf-8")
    return _named(answer, f"{table}.csv")


@require_safe
@one_at_a_time
def data_parquet(request: HttpRequest, table: str) -> FileResponse:
    """A table as Parquet."""
    data_request, shape, rows = _rows(request, table)
    # Parquet has its index at the end, so the file must be complete before it is sent. If writing
    # fails, the stack closes the temporary file.
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        write_parquet(shape, rows(), file, services.about_records(data_request).said)
        file.seek(0)
        stack.pop_all()  # the response closes the file after it is sent
    media_type = "application/vnd.apache.parquet"
    return FileResponse(
        file, as_attachment=True, filename=f"{table}.parquet", content_type=media_type
    )


def _rows(request: HttpRequest, table: str) -> tuple[Request, Shape, Callable[[], Iterator[Row]]]:
    """Rows of a table. The audit records people who receive more than the public."""
    now = timezone.now()
    data_request = queries.request_for(request.user, now)
    shape = _shapes(data_request).get(table)
    if shape is None:
        raise NotFound(f"there is no table {table}")
    shapes = list(queries.record_shapes(data_request).values())
    if shape is DICTIONARY:
        return data_request, shape, lambda: dictionary_rows(shapes)
    if shape is VALUES:
        return data_request, shape, lambda: value_rows(shapes)
    # Only record tables contain rows about people; dictionaries are public and not recorded.
    services.account_for(by=request.user, what=f"table {table}", request=data_request, now=now)
    return data_request, shape, lambda: queries.record_rows(data_request, table)


def _named(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
def data_listing(request: HttpRequest) -> HttpResponseBase:
    """datapackage.json: types, values and references of all tables."""
    data_request = queries.request_for(request.user, timezone.now())
    files = [File(shape, f"{name}.csv") for name, shape in _shapes(data_request).items()]
    content = datapackage(services.about_records(data_request), files)
    return _named(HttpResponse(content, content_type="application/json"), "datapackage.json")


@require_safe
@one_at_a_time
def overview_package(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Data package of an edition: the published numbers and nothing else."""
    publication = publication_for(slug)
    content = package(
        release_for(publication),
        document_of(publication, now=timezone.now()),
        licence=settings.DATA_LICENCE,
    )
    name = f"{publication.slug}-edition-{publication.edition}-data.zip"
    return _named(HttpResponse(content, content_type="application/zip"), name)
