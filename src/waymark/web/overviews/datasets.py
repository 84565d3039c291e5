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

from waymark.accounts.permissions import has_permission
from waymark.core.errors import NotFound, require_found
from waymark.core.licences import licence_url
from waymark.datasets import queries, services
from waymark.datasets.queries import DataRequest
from waymark.publishing.document.method_text import limits_of_reviews
from waymark.publishing.formats.package import data_package
from waymark.publishing.formats.tidy.comma import csv_parts
from waymark.publishing.formats.tidy.package import PackageFile, datapackage_json
from waymark.publishing.formats.tidy.parquet import write_parquet
from waymark.publishing.formats.tidy.shape import (
    DICTIONARY,
    VALUES,
    Row,
    TableField,
    TableShape,
    dictionary_rows,
    value_rows,
)
from waymark.publishing.models import Publication
from waymark.publishing.queries import (
    current_editions,
    document_of,
    edition_release,
    published_edition,
)
from waymark.web.middleware.downloads import one_at_a_time
from waymark.web.overviews.json_ld import data_json_ld
from waymark.web.shared.file_answers import file_answer

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
class OverviewDownload:
    """Overview with its data. protected: its disclosure profile, "" where rows are published."""

    publication: Publication
    protected: str


@dataclass(frozen=True, slots=True)
class DescribedField:
    """Field as shown. values: with labels; if over LISTED, empty, and many counts them."""

    field: TableField
    kind: str
    values: tuple[tuple[str, str], ...]
    many: int


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """A table as the page shows it."""

    shape: TableShape
    fields: tuple[DescribedField, ...]


@require_safe
def data_page(request: HttpRequest) -> HttpResponse:
    """Description of each table, its licence and its files."""
    now = timezone.now()
    data_request = _current_request(request, now)
    withheld = queries.withheld_reviews(request.user)
    return render(
        request,
        "datasets/data.html",
        {
            "tables": [_described_table(shape) for shape in _table_shapes(data_request).values()]
            if data_request
            else [],
            "framework": data_request.framework if data_request else None,
            "staff": has_permission(request.user, "see unpublished reports"),
            "withheld": len(withheld),
            "overviews": [
                OverviewDownload(edition, "" if edition.profile == "open" else edition.profile)
                for edition in current_editions()
            ],
            "json_ld": data_json_ld(request, _table_shapes(data_request).values())
            if data_request
            else "",
            "limits": limits_of_reviews(),
            "licence": settings.DATA_LICENCE,
            "licence_url": licence_url(settings.DATA_LICENCE),
        },
    )


def _current_request(request: HttpRequest, now: datetime) -> DataRequest | None:
    """Data request for the latest published framework; None if there is none yet."""
    try:
        return queries.request_for(request.user, now)
    except NotFound:
        return None


def _table_shapes(data_request: DataRequest) -> dict[str, TableShape]:
    """The record tables, the data dictionary and the table of values."""
    return {**queries.record_shapes(data_request), DICTIONARY.name: DICTIONARY, VALUES.name: VALUES}


def _described_table(shape: TableShape) -> DescribedTable:
    fields = []
    for field in shape.fields:
        few = len(field.values) <= LISTED
        values = tuple((value.value, value.label) for value in field.values) if few else ()
        kind = KINDS[field.type]
        fields.append(DescribedField(field, kind, values, 0 if few else len(field.values)))
    return DescribedTable(shape, tuple(fields))


# ---- files ----


@require_safe
@one_at_a_time
def data_csv(request: HttpRequest, table: str) -> HttpResponseBase:
    """A table as CSV, streamed."""
    _, shape, rows = _table_rows(request, table)
    answer = StreamingHttpResponse(csv_parts(shape, rows()), content_type="text/csv; charset=utf-8")
    return _as_attachment(answer, f"{table}.csv")


@require_safe
@one_at_a_time
def data_parquet(request: HttpRequest, table: str) -> FileResponse:
    """A table as Parquet."""
    data_request, shape, rows = _table_rows(request, table)
    # Parquet has its index at the end, so the file must be complete before it is sent. If writing
    # fails, the stack closes the temporary file.
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        write_parquet(shape, rows(), file, services.about_records(data_request).metadata)
        file.seek(0)
        stack.pop_all()  # the response closes the file after it is sent
    media_type = "application/vnd.apache.parquet"
    return FileResponse(
        file, as_attachment=True, filename=f"{table}.parquet", content_type=media_type
    )


def _table_rows(
    request: HttpRequest, table: str
) -> tuple[DataRequest, TableShape, Callable[[], Iterator[Row]]]:
    """Rows of a table. The audit records people who receive more than the public."""
    now = timezone.now()
    data_request = queries.request_for(request.user, now)
    shape = require_found(_table_shapes(data_request).get(table), f"there is no table {table}")
    shapes = list(queries.record_shapes(data_request).values())
    if shape is DICTIONARY:
        return data_request, shape, lambda: dictionary_rows(shapes)
    if shape is VALUES:
        return data_request, shape, lambda: value_rows(shapes)
    # Only record tables contain rows about people; dictionaries are public and not recorded.
    services.record_export(by=request.user, what=f"table {table}", request=data_request, now=now)
    return data_request, shape, lambda: queries.record_rows(data_request, table)


def _as_attachment(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    # Made while it is sent, so a part of it would cost as much as the whole.
    answer["Accept-Ranges"] = "none"
    return answer


@require_safe
def data_listing(request: HttpRequest) -> HttpResponseBase:
    """datapackage.json: types, values and references of all tables."""
    data_request = queries.request_for(request.user, timezone.now())
    files = [
        PackageFile(shape, f"{name}.csv") for name, shape in _table_shapes(data_request).items()
    ]
    content = datapackage_json(services.about_records(data_request), files)
    return file_answer(request, content, name="datapackage.json", media_type="application/json")


@require_safe
@one_at_a_time
def overview_package(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Data package of an edition: the published numbers and nothing else."""
    publication = published_edition(slug)
    content = data_package(
        edition_release(publication),
        document_of(publication, now=timezone.now()),
        licence=settings.DATA_LICENCE,
    )
    name = f"{publication.slug}-edition-{publication.edition}-data.zip"
    return file_answer(request, content, name=name, media_type="application/zip")
