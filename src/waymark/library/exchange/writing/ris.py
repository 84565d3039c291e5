"""Write RIS with rispy."""

import re
from collections.abc import Sequence
from typing import Any

import rispy

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writing.plain import line

TYPES = {"web-page": "ELEC", "tool": "GEN", "training-course": "GEN"}
REPORT = "RPRT"
NUMBER = re.compile(r"^\d+\.\n(?=TY  - )", re.MULTILINE)
"""The number that rispy writes before each reference; it is not part of the format."""


def ris(records: Sequence[RecordData]) -> bytes:
    """Each record as a reference, in UTF-8, with the line ends CR LF of the format."""
    text: str = rispy.dumps([_reference(record) for record in records])
    return NUMBER.sub("", text).replace("\n", "\r\n").encode()


def _reference(record: RecordData) -> dict[str, Any]:
    values: dict[str, Any] = {
        "type_of_reference": TYPES.get(record.kind, REPORT),
        "title": line(record.title),
        "authors": [line(name) for name in record.creators],
        "publisher": line(record.publisher or record.board),
        "year": "" if record.year is None else f"{record.year:04}",
        "date": f"{record.published_on:%Y/%m/%d}" if record.published_on else "",
        "abstract": line(record.abstract),
        "keywords": [line(word) for word in (*record.subjects, *record.keywords)],
        "tertiary_title": line(record.series),
        "language": line(record.language),
        "issn": line(record.isbn),
        "doi": line(record.doi),
        "type_of_work": line(record.review_type),
        "urls": [line(address) for address in (record.url, record.page) if address],
        "id": line(record.key),
    }
    return {name: value for name, value in values.items() if value}
