"""RIS, by rispy."""

import re
from collections.abc import Sequence
from typing import Any

import rispy

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writing.plain import line

TYPES = {"web-page": "ELEC", "tool": "GEN", "training-course": "GEN"}
REPORT = "RPRT"
NUMBER = re.compile(r"^\d+\.\n(?=TY  - )", re.MULTILINE)
"""What rispy sets before each reference; it is no part of the format."""


def ris(records: Sequence[RecordData]) -> bytes:
    """Each record as a reference, in UTF-8, lines ending as the format has them."""
    text: str = rispy.dumps([_reference(one) for one in records])
    return NUMBER.sub("", text).replace("\n", "\r\n").encode()


def _reference(of: RecordData) -> dict[str, Any]:
    said: dict[str, Any] = {
        "type_of_reference": TYPES.get(of.kind, REPORT),
        "title": line(of.title),
        "authors": [line(name) for name in of.creators],
        "publisher": line(of.publisher or of.board),
        "year": "" if of.year is None else f"{of.year:04}",
        "date": f"{of.published_on:%Y/%m/%d}" if of.published_on else "",
        "abstract": line(of.abstract),
        "keywords": [line(word) for word in (*of.subjects, *of.keywords)],
        "tertiary_title": line(of.series),
        "language": line(of.language),
        "issn": line(of.isbn),
        "doi": line(of.doi),
        "type_of_work": line(of.review_type),
        "urls": [line(address) for address in (of.url, of.page) if address],
        "id": line(of.key),
    }
    return {name: value for name, value in said.items() if value}
