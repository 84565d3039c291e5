"""Write RIS with rispy."""

import re
from collections.abc import Sequence
from typing import Any

import rispy

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.library.exchange.record import ARTICLE, ArticlePlace, RecordData
from waymark.library.exchange.writers.plain import (
    evaluation_statements,
    rights_statements,
    single_line,
)

TYPES = {
    "web-page": "ELEC",
    "answered-question": "ELEC",
    "tool": "GEN",
    "training-course": "GEN",
    ARTICLE: "JOUR",
}
REPORT = "RPRT"
NUMBER = re.compile(r"^\d+\.\n(?=TY  - )", re.MULTILINE)
"""The number that rispy writes before each reference; it is not part of the format."""


def write_ris(records: Sequence[RecordData]) -> bytes:
    """Each record as a reference, in UTF-8, with the line ends CR LF of the format."""
    text: str = rispy.dumps([_ris_reference(record) for record in records])
    return NUMBER.sub("", text).replace("\n", "\r\n").encode()


def _ris_reference(record: RecordData) -> dict[str, Any]:
    place = record.article_place
    values: dict[str, Any] = {
        "type_of_reference": TYPES.get(record.kind, REPORT),
        "title": single_line(record.title),
        "authors": [single_line(name) for name in record.creators],
        "publisher": single_line(record.publisher or record.board),
        "year": "" if record.year is None else f"{record.year:04}",
        "date": f"{record.published_on:%Y/%m/%d}" if record.published_on else "",
        "abstract": single_line(record.abstract),
        "keywords": [single_line(word) for word in (*record.subjects, *record.keywords)],
        "secondary_title" if place else "tertiary_title": single_line(record.series),
        **(_article_fields(place) if place else {"number": single_line(record.report_number)}),
        "language": single_line(record.language),
        "issn": single_line(record.isbn),
        "doi": single_line(record.doi),
        "notes": [
            *evaluation_statements(record),
            *rights_statements(record),
            FORBIDDEN_USES_IN_FULL,
        ],
        "type_of_work": single_line(record.review_type),
        "urls": [single_line(address) for address in (record.url, record.page) if address],
        "id": single_line(record.key),
    }
    return {name: value for name, value in values.items() if value}


def _article_fields(place: ArticlePlace) -> dict[str, str]:
    return {
        "volume": place.volume,
        "number": place.issue,
        "start_page": place.first_page,
        "end_page": place.last_page,
    }
