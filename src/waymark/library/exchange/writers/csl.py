"""Write CSL-JSON for citation processors: schema csl-data.json of the Citation Style Language."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.library.exchange.record import ARTICLE, RecordData
from waymark.library.exchange.writers.plain import (
    evaluation_statements,
    family_and_given,
    paragraphs_of,
    rights_statements,
    single_line,
    statements,
)

TYPES = {
    ARTICLE: "article-journal",
    "book": "book",
    "book-chapter": "chapter",
    "thesis": "thesis",
    "legislation": "legislation",
    "recording": "motion_picture",
    "web-page": "webpage",
    "answered-question": "webpage",
    "tool": "document",
    "training-course": "event",
}
STATED = ("kind", "board", "pseudonym", "period", "nation", "audience", "conducted_by")


def write_csl_json(records: Sequence[RecordData]) -> bytes:
    """A list of items."""
    return json.dumps(
        [csl_item(record) for record in records], ensure_ascii=False, indent=1
    ).encode()


def csl_item(record: RecordData) -> dict[str, Any]:
    """One record as an item."""
    stated = [*STATED, "key_points", "contents", "transcript_url"]
    values: dict[str, Any] = {
        "id": record.key or single_line(record.title),
        "type": TYPES.get(record.kind, "report"),
        "title": single_line(record.full_title),
        "title-short": single_line(record.title) if record.strapline else "",
        "author": _csl_names(record, record.creators),
        "editor": _csl_names(record, record.editors),
        "publisher": single_line(record.publisher or record.board),
        "publisher-place": single_line(record.place),
        "issued": _csl_date(record.published_on, record.year),
        "accessed": _csl_date(record.accessed_on),
        "genre": single_line(record.review_type),
        "container-title": single_line(record.host_title),
        "collection-title": single_line(record.series),
        "volume": single_line(record.volume),
        "issue": single_line(record.issue),
        "page": single_line(record.pages),
        "edition": single_line(record.edition),
        "number": single_line(record.report_number),
        "abstract": "\n\n".join(paragraphs_of(record.abstract)),
        "keyword": ", ".join(single_line(word) for word in (*record.subjects, *record.keywords)),
        "language": single_line(record.language),
        "ISBN": single_line(record.isbn),
        "ISSN": single_line(record.issn),
        "DOI": single_line(record.doi),
        "note": "\n".join([*evaluation_statements(record), FORBIDDEN_USES_IN_FULL]),
        "annote": "\n".join([*statements(record, stated), *rights_statements(record)]),
        "URL": single_line(record.url or record.page),
    }
    return {name: value for name, value in values.items() if value}


def _csl_names(record: RecordData, names: Sequence[str]) -> list[dict[str, str]]:
    return [_csl_name(name, body=record.is_body(name)) for name in names]


def _csl_name(name: str, *, body: bool) -> dict[str, str]:
    if body:
        return {"literal": single_line(name)}
    family, first_names = family_and_given(name)
    return {"family": family, "given": first_names} if first_names else {"family": family}


def _csl_date(day: date | None, year: int | None = None) -> dict[str, list[list[int]]] | None:
    if day is not None:
        return {"date-parts": [[day.year, day.month, day.day]]}
    return None if year is None else {"date-parts": [[year]]}
