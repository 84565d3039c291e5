"""Write RIS with rispy."""

import re
from collections.abc import Sequence
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.extras import LaterModule
from waymark.library.exchange.record import ARTICLE, RecordData
from waymark.library.exchange.statements import ORGANISATION, PERSON
from waymark.library.exchange.writers.plain import (
    evaluation_statements,
    paragraphs_of,
    rights_statements,
    single_line,
    statements,
)

rispy = LaterModule("rispy")
TYPES = {
    ARTICLE: "JOUR",
    "book": "BOOK",
    "book-chapter": "CHAP",
    "thesis": "THES",
    "legislation": "STAT",
    "recording": "VIDEO",
    "web-page": "ELEC",
    "answered-question": "ELEC",
    "tool": "GEN",
    "training-course": "GEN",
}
REPORT = "RPRT"
IN_HOST = frozenset({ARTICLE, "book-chapter"})
NUMBER = re.compile(r"^\d+\.\n(?=TY  - )", re.MULTILINE)
"""The number that rispy writes before each reference; it is not part of the format."""
STATED = ("kind", "board", "pseudonym", "period", "nation", "audience", "conducted_by")
"""Fields that RIS has not; with key points, contents and the address of a transcript."""


def write_ris(records: Sequence[RecordData]) -> bytes:
    """Each record as a reference, in UTF-8, with the line ends CR LF of the format."""
    text: str = rispy.dumps([_ris_reference(record) for record in records])
    return NUMBER.sub("", text).replace("\n", "\r\n").encode()


def _ris_reference(record: RecordData) -> dict[str, Any]:
    in_host = record.kind in IN_HOST
    first_page, _, last_page = single_line(record.pages).partition("-")
    stated = [*STATED, "key_points", "contents", "transcript_url", ORGANISATION, PERSON]
    stated += ["report_number"] if record.host_title else []
    stated += ["issn"] if record.isbn else []
    values: dict[str, Any] = {
        "type_of_reference": TYPES.get(record.kind, REPORT),
        "title": single_line(record.full_title),
        "short_title": single_line(record.title) if record.strapline else "",
        "authors": [single_line(name) for name in record.creators],
        "secondary_authors": [single_line(name) for name in record.editors],
        "publisher": single_line(record.publisher or record.board),
        "place_published": single_line(record.place),
        "edition": single_line(record.edition),
        "year": "" if record.year is None else f"{record.year:04}",
        "date": f"{record.published_on:%Y/%m/%d}" if record.published_on else "",
        # An empty line and a space: the text goes on, and no word of it begins a field.
        "abstract": "\n\n ".join(paragraphs_of(record.abstract)),
        "keywords": [single_line(word) for word in (*record.subjects, *record.keywords)],
        "secondary_title" if in_host else "alternate_title3": single_line(record.host_title),
        "tertiary_title": single_line(record.series),
        "volume": single_line(record.volume),
        "number": single_line(record.issue if record.host_title else record.report_number),
        "start_page": first_page,
        "end_page": last_page,
        "language": single_line(record.language),
        "issn": single_line(record.isbn or record.issn),
        "doi": single_line(record.doi),
        "access_date": f"{record.accessed_on:%Y/%m/%d}" if record.accessed_on else "",
        "notes": [
            FORBIDDEN_USES_IN_FULL,
            *evaluation_statements(record),
            *rights_statements(record),
            *statements(record, stated),
        ],
        "type_of_work": single_line(record.review_type),
        "urls": [single_line(address) for address in (record.url, record.page) if address],
        "id": single_line(record.key),
    }
    return {name: value for name, value in values.items() if value}
