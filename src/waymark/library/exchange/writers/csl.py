"""Write CSL-JSON for citation processors: schema csl-data.json of the Citation Style Language."""

import json
from collections.abc import Sequence
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.library.exchange.record import ARTICLE, RecordData
from waymark.library.exchange.writers.plain import (
    evaluation_statements,
    family_and_given,
    is_person,
    single_line,
)

TYPES = {
    "web-page": "webpage",
    "answered-question": "webpage",
    "tool": "document",
    "training-course": "event",
    ARTICLE: "article-journal",
}


def write_csl_json(records: Sequence[RecordData]) -> bytes:
    """A list of items."""
    return json.dumps(
        [csl_item(record) for record in records], ensure_ascii=False, indent=1
    ).encode()


def csl_item(record: RecordData) -> dict[str, Any]:
    """One record as an item."""
    values: dict[str, Any] = {
        "id": record.key or single_line(record.title),
        "type": TYPES.get(record.kind, "report"),
        "title": single_line(record.title),
        "author": [_csl_name(name) for name in record.creators],
        "publisher": single_line(record.publisher or record.board),
        "issued": _csl_date(record),
        "genre": single_line(record.review_type),
        "container-title" if record.kind == ARTICLE else "collection-title": single_line(
            record.series
        ),
        **_number_fields(record),
        "abstract": single_line(record.abstract),
        "keyword": ", ".join(single_line(word) for word in (*record.subjects, *record.keywords)),
        "language": single_line(record.language),
        "ISBN": single_line(record.isbn),
        "DOI": single_line(record.doi),
        "note": "\n".join([*evaluation_statements(record), FORBIDDEN_USES_IN_FULL]),
        "URL": single_line(record.url or record.page),
    }
    return {name: value for name, value in values.items() if value}


def _number_fields(record: RecordData) -> dict[str, str]:
    place = record.article_place
    if place is None:
        return {"number": single_line(record.report_number)}
    return {"volume": place.volume, "issue": place.issue, "page": place.pages}


def _csl_name(name: str) -> dict[str, str]:
    if not is_person(name):
        return {"literal": single_line(name)}
    family, first_names = family_and_given(name)
    return {"family": family, "given": first_names} if first_names else {"family": family}


def _csl_date(record: RecordData) -> dict[str, list[list[int]]] | None:
    if record.published_on is not None:
        day = record.published_on
        return {"date-parts": [[day.year, day.month, day.day]]}
    return None if record.year is None else {"date-parts": [[record.year]]}
