"""CSL-JSON, as citation processors read it: schema csl-data.json of the Citation Style Language."""

import json
from collections.abc import Sequence
from typing import Any

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writing.plain import family_and_given, is_person, line

TYPES = {"web-page": "webpage", "tool": "document", "training-course": "event"}


def csl_json(records: Sequence[RecordData]) -> bytes:
    """A list of items."""
    return json.dumps([csl_item(one) for one in records], ensure_ascii=False, indent=1).encode()


def csl_item(of: RecordData) -> dict[str, Any]:
    """One record as an item."""
    said: dict[str, Any] = {
        "id": of.key or line(of.title),
        "type": TYPES.get(of.kind, "report"),
        "title": line(of.title),
        "author": [_name(name) for name in of.creators],
        "publisher": line(of.publisher or of.board),
        "issued": _date(of),
        "genre": line(of.review_type),
        "collection-title": line(of.series),
        "abstract": line(of.abstract),
        "keyword": ", ".join(line(word) for word in (*of.subjects, *of.keywords)),
        "language": line(of.language),
        "ISBN": line(of.isbn),
        "DOI": line(of.doi),
        "URL": line(of.url or of.page),
    }
    return {name: value for name, value in said.items() if value}


def _name(name: str) -> dict[str, str]:
    if not is_person(name):
        return {"literal": line(name)}
    family, given = family_and_given(name)
    return {"family": family, "given": given} if given else {"family": family}


def _date(of: RecordData) -> dict[str, list[list[int]]] | None:
    if of.published_on is not None:
        day = of.published_on
        return {"date-parts": [[day.year, day.month, day.day]]}
    return None if of.year is None else {"date-parts": [[of.year]]}
