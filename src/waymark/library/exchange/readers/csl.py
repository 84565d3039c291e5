"""Read CSL-JSON, which Zotero, Mendeley, Crossref and citation processors write.

[{"type": "article-journal", "title": "A study", "author": [{"family": "Byrne", "given": "A."}],
  "issued": {"date-parts": [[2011, 3, 5]]}, "container-title": "A journal"}]
"""

import json
from collections.abc import Iterator
from typing import Any

from waymark.documents.parsers.charset import decode_text
from waymark.library.exchange.readers.reference import (
    BODY,
    ReferenceFields,
    ReferenceForm,
    candidate_of,
    written_here,
)
from waymark.library.exchange.readers.result import LONGEST, ReadCollector, ReadResult
from waymark.library.exchange.record import ARTICLE

CSL = ReferenceForm(
    names={
        "type": ("type",),
        "kind": ("genre",),
        "title": ("title",),
        "short_title": ("title-short", "shortTitle"),
        "authors": ("author",),
        "editors": ("editor", "container-author"),
        "second_title": ("container-title",),
        "series": ("collection-title",),
        "publisher": ("publisher",),
        "place": ("publisher-place",),
        "volume": ("volume",),
        "issue": ("issue",),
        "number": ("number",),
        "pages": ("page",),
        "edition": ("edition",),
        "dates": ("issued",),
        "accessed": ("accessed",),
        "isbn_or_issn": ("ISBN", "ISSN"),
        "doi": ("DOI",),
        "url": ("URL",),
        "abstract": ("abstract",),
        "keywords": ("keyword",),
        "language": ("language",),
        "notes": ("note", "annote"),
        "rights": ("license",),
    },
    kinds={
        **dict.fromkeys(("article-journal", "article-magazine", "article-newspaper"), ARTICLE),
        "journal-article": ARTICLE,
        "book": "book",
        "chapter": "book-chapter",
        "entry-encyclopedia": "book-chapter",
        "thesis": "thesis",
        **dict.fromkeys(("legislation", "bill"), "legislation"),
        **dict.fromkeys(("webpage", "post-weblog", "post"), "web-page"),
        "dataset": "statistics",
        **dict.fromkeys(("motion_picture", "broadcast", "song"), "recording"),
    },
    silent=frozenset({"id", "citation-key", "source", "container-title-short"}),
    keyword_signs=r"[,;]",
    tells_bodies=True,
)
NAMES = frozenset({"author", "editor", "container-author", "translator", "collection-editor"})
DATES = frozenset({"issued", "accessed"})


def read_csl(content: bytes) -> ReadResult:
    """Read a CSL-JSON file: a list of items, an object that has them, or one item."""
    gathered = ReadCollector()
    text, warnings = decode_text(content)
    gathered.notes += warnings
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        gathered.fault(f"line {line}", f"is not valid JSON: {error}")
        return gathered.result()
    literal = written_here(text)
    for number, item in enumerate(_items(whole), start=1):
        if gathered.full:
            break
        place = f"record {number}"
        if not isinstance(item, dict):
            gathered.fault(place, "is not an item with fields")
            continue
        fields = ReferenceFields(_pairs_of(item, literal=literal), literal=literal)
        gathered.add(candidate_of(fields, CSL, place, literal=literal))
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", "contains no items of CSL-JSON")
    return gathered.result()


def _items(whole: Any) -> list[Any]:
    if isinstance(whole, dict):
        items = whole.get("items")
        return items if isinstance(items, list) else [whole]
    return whole if isinstance(whole, list) else []


def _pairs_of(item: dict[str, Any], *, literal: bool) -> Iterator[tuple[str, str]]:
    """(name, value) of the fields of an item; a name as "Surname, First", a date as 2011-3-5."""
    for name, value in item.items():
        if name in NAMES and isinstance(value, list):
            yield from (_name_pair(name, one) for one in value if isinstance(one, dict))
        elif name in DATES and isinstance(value, dict):
            yield name, _date(value)
        elif name in {"note", "annote"} and literal:
            yield from ((name, line) for line in str(value).split("\n"))
        elif isinstance(value, list):
            yield from ((name, str(one)[:LONGEST]) for one in value if isinstance(one, str | int))
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield name, str(value)[:LONGEST]
        elif value:
            yield name, json.dumps(value)[:LONGEST]


def _name_pair(name: str, person: dict[str, Any]) -> tuple[str, str]:
    text = {part: str(value) for part, value in person.items()}
    if text.get("literal"):
        return name, f"{BODY}{text['literal']}"
    particle = text.get("non-dropping-particle", "")
    family = " ".join(filter(None, (particle, text.get("family", ""))))
    given = " ".join(filter(None, (text.get("given", ""), text.get("dropping-particle", ""))))
    return name, ", ".join(filter(None, (family, given, text.get("suffix", ""))))


def _date(value: dict[str, Any]) -> str:
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        return "-".join(str(part) for part in parts[0] if part)
    return str(value.get("raw") or value.get("literal") or "")
