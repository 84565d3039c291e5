"""Data for researchers: the page that describes the tables, and their files."""

import tempfile
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
from waymark.core.errors import NotFound
from waymark.core.licences import licence_url
from waymark.datasets import queries, services
from waymark.datasets.descriptions import about_records
from waymark.datasets.queries import DataRequest
from waymark.datasets.stored_tables import (
    DataTable,
    compressed_path,
    data_table,
    is_public,
    stored_paths,
    table_shapes,
    write_file,
)
from waymark.publishing.document.method_text import limits_of_reviews
from waymark.publishing.formats.package import data_package
from waymark.publishing.formats.tidy.comma import csv_parts
from waymark.publishing.formats.tidy.package import PackageFile, datapackage_json
from waymark.publishing.formats.tidy.parquet import write_parquet
from waymark.publishing.formats.tidy.shape import TableField, TableShape
from waymark.publishing.models import Publication
from waymark.publishing.queries import (
    current_editions,
    document_of,
    edition_of,
    edition_release,
    published_edition,
)
from waymark.publishing.queries.edition_files import public_file
from waymark.publishing.queries.imprint import with_imprint
from waymark.web.middleware.downloads import BUSY, one_at_a_time
from waymark.web.middleware.errors import error_page
from waymark.web.middleware.stored_files import stored_file
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
            "tables": [_described_table(shape) for shape in table_shapes(data_request).values()]
            if data_request
            else [],
            "framework": data_request.framework if data_request else None,
            "staff": has_permission(request.user, "see unpublished reports"),
            "withheld": len(withheld),
            "overviews": [
                OverviewDownload(edition, "" if edition.profile == "open" else edition.profile)
                for edition in current_editions()
            ],
            "json_ld": data_json_ld(request, table_shapes(data_request).values())
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


def _described_table(shape: TableShape) -> DescribedTable:
    fields = []
    for field in shape.fields:
        few = len(field.values) <= LISTED
        values = tuple((value.value, value.label) for value in field.values) if few else ()
        kind = KINDS[field.type]
        fields.append(DescribedField(field, kind, values, 0 if few else len(field.values)))
    return DescribedTable(shape, tuple(fields))


# ---- files ----

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
TRIES = 3


@require_safe
def data_csv(request: HttpRequest, table: str) -> HttpResponseBase:
    """A table as CSV."""
    return _table_file(request, table, "csv")


@require_safe
def data_parquet(request: HttpRequest, table: str) -> HttpResponseBase:
    """A table as Parquet."""
    return _table_file(request, table, "parquet")


def _table_file(request: HttpRequest, name: str, file_format: str) -> HttpResponseBase:
    """The stored file where everybody gets the same rows; else the rows of this person."""
    now = timezone.now()
    data_request = queries.request_for(request.user, now)
    table = data_table(data_request, name)
    if is_public(request.user):
        stored = _stored_file(request, name, file_format)
        return stored or _newly_stored_file(request, name, file_format)
    if table.has_records:
        # Dictionaries are public. The audit records people who receive more than the public.
        services.record_export(by=request.user, what=f"table {name}", request=data_request, now=now)
    return _own_file(request, table, file_format)


def _stored_file(request: HttpRequest, name: str, file_format: str) -> HttpResponseBase | None:
    """The file of this state of the content; None if it is not written yet."""
    data_request = queries.request_for(request.user, timezone.now())
    path = stored_paths(data_request)[name, file_format]
    try:
        return stored_file(
            request,
            path,
            compressed_path(path),
            name=f"{name}.{file_format}",
            media_type=MEDIA_TYPES[file_format],
        )
    except FileNotFoundError:
        return None


@one_at_a_time
def _newly_stored_file(request: HttpRequest, name: str, file_format: str) -> HttpResponseBase:
    """The file, written now, and again if something changes while it is written."""
    for _ in range(TRIES):
        data_request = queries.request_for(request.user, timezone.now())
        path = stored_paths(data_request)[name, file_format]
        write_file(data_table(data_request, name), path)
        stored = _stored_file(request, name, file_format)
        if stored is not None:
            return stored
    return error_page(request, BUSY)


@one_at_a_time
def _own_file(request: HttpRequest, table: DataTable, file_format: str) -> HttpResponseBase:
    """The rows of a person who gets more than everybody; stored nowhere."""
    headers = _file_headers(table.shape.name, file_format)
    if file_format == "csv":
        return StreamingHttpResponse(csv_parts(table.shape, table.rows()), headers=headers)
    # Parquet has its index at the end, so the file must be complete before it is sent. If writing
    # fails, the stack closes the temporary file.
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        write_parquet(table.shape, table.rows(), file, table.metadata)
        file.seek(0)
        stack.pop_all()  # the response closes the file after it is sent
    return FileResponse(file, headers=headers)


def _file_headers(name: str, file_format: str) -> dict[str, str]:
    return {
        "Content-Type": MEDIA_TYPES[file_format],
        "Content-Disposition": f'attachment; filename="{name}.{file_format}"',
    }


@require_safe
def data_listing(request: HttpRequest) -> HttpResponseBase:
    """datapackage.json: types, values and references of all tables."""
    data_request = queries.request_for(request.user, timezone.now())
    files = [
        PackageFile(shape, f"{name}.csv") for name, shape in table_shapes(data_request).items()
    ]
    content = datapackage_json(about_records(data_request), files)
    return file_answer(request, content, name="datapackage.json", media_type="application/json")


@require_safe
@one_at_a_time
def overview_package(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Data package of an edition: the published numbers and nothing else."""
    publication = published_edition(slug)
    now = timezone.now()
    try:
        content = public_file(publication, "zip", now)
    except NotFound:
        # Not made yet, or it has words that are closed now: the numbers are public all the same.
        content = data_package(
            edition_release(publication),
            with_imprint(document_of(publication, now=now), slug, edition_of(publication)),
            licence=settings.DATA_LICENCE,
        )
    name = f"{publication.slug}-edition-{publication.edition}-data.zip"
    return file_answer(request, content, name=name, media_type="application/zip")
