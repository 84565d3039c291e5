"""The tables as pandas DataFrames: the same rows as the files, with types and categories."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser

from waymark.accounts.permissions import Person
from waymark.accounts.queries import find_account
from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.errors import NotPermitted
from waymark.core.extras import OptionalModule
from waymark.datasets.queries import (
    DataRequest,
    overview_shapes,
    record_rows,
    record_shapes,
    request_for,
    source_of,
)
from waymark.overview.queries.overviews import latest_snapshot, overview_for
from waymark.publishing.formats.tidy.cells import CELLS, rows_of
from waymark.publishing.formats.tidy.parquet import arrow_table
from waymark.publishing.formats.tidy.shape import (
    DICTIONARY,
    Row,
    TableShape,
    dictionary_rows,
    value_rows,
)
from waymark.publishing.queries.release_gate import release_to_show

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = OptionalModule("pandas", "data")
pa = OptionalModule("pyarrow", "data")


def data_frame(shape: TableShape, rows: Iterable[Row]) -> "pd.DataFrame":
    """Rows as a DataFrame. attrs: title, unit and forbidden uses.

    Categories list all their values, in order.
    """
    # Types with a missing value, so that whole numbers do not become floats.
    whole: dict[Any, Any] = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    table: pd.DataFrame = arrow_table(shape, rows, {}).to_pandas(
        types_mapper=whole.get, date_as_object=False
    )
    for field in shape.fields:
        if field.type == "category":
            categories = [value.value for value in field.values]
            table[field.name] = table[field.name].cat.set_categories(categories)
    table.attrs = {
        "title": shape.title,
        "unit": shape.unit,
        "forbidden_uses": FORBIDDEN_USES_IN_FULL,
    }
    return table


def records_frame(
    table: str, *, by: str, overview: str, framework: str, as_at: date | None, now: datetime
) -> "pd.DataFrame":
    """A table of records that an account may see (or, for "", that everybody may see).

    Raises NotPermitted if an overview withholds its rows from the person.
    """
    person: Person = find_account(by) if by else AnonymousUser()
    request = _records_request(person, overview, framework, as_at, now)
    return data_frame(record_shapes(request)[table], record_rows(request, table))


def _records_request(
    person: Person, overview: str, framework: str, as_at: date | None, now: datetime
) -> DataRequest:
    if not overview:
        return request_for(person, now, framework=framework, as_at=as_at)
    source = source_of(overview, person, now)
    if source.refused:
        raise NotPermitted(source.refused)
    return source.request


def cells_frame(slug: str, table: str, profile: str | None, *, now: datetime) -> "pd.DataFrame":
    """The cells of a table of the latest snapshot, under a disclosure profile."""
    release = release_to_show(latest_snapshot(overview_for(slug)), profile, now=now)
    name = release.table(table).table.id
    return data_frame(CELLS, (row for row in rows_of(release, "cells") if row[0] == name))


def dictionary_frame(*, framework: str, now: datetime) -> "pd.DataFrame":
    """One row for each field of each table, with its values as a mapping to their labels."""
    shapes = [
        *record_shapes(request_for(AnonymousUser(), now, framework=framework)).values(),
        *overview_shapes().values(),
    ]
    labels: dict[tuple[str, str], dict[str, str]] = {}
    for table, field, _, value, label, _ in value_rows(shapes):
        labels.setdefault((str(table), str(field)), {})[str(value)] = str(label)
    rows = [(*row, labels.get((str(row[0]), str(row[1])), {})) for row in dictionary_rows(shapes)]
    return pd.DataFrame(rows, columns=[*DICTIONARY.names, "values"])
