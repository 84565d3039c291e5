"""schema.org as JSON-LD, and the citation tags that reference managers read from a page."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writing.plain import family_and_given, is_person, line

CONTEXT = "https://schema.org"
TYPES = {"web-page": "WebPage", "tool": "CreativeWork", "training-course": "Course"}


def json_ld(records: Sequence[RecordData]) -> bytes:
    """One record as itself, several as a graph."""
    nodes = [schema_org(one) for one in records]
    whole: dict[str, Any] = {"@context": CONTEXT}
    whole |= nodes[0] if len(nodes) == 1 else {"@graph": nodes}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def schema_org(of: RecordData) -> dict[str, Any]:
    """One record, without its context."""
    body = of.publisher or of.board
    year = "" if of.year is None else f"{of.year:04}"
    said: dict[str, Any] = {
        "@type": TYPES.get(of.kind, "Report"),
        "@id": of.page,
        "name": line(of.title),
        "author": [_agent(name) for name in of.creators],
        "publisher": {"@type": "Organization", "name": line(body)} if body else None,
        "datePublished": f"{of.published_on:%Y-%m-%d}" if of.published_on else year,
        "description": line(of.abstract),
        "keywords": [line(word) for word in (*of.subjects, *of.keywords)],
        "inLanguage": of.language,
        "isPartOf": {"@type": "CreativeWorkSeries", "name": line(of.series)} if of.series else None,
        "isbn": line(of.isbn),
        "sameAs": f"https://doi.org/{line(of.doi)}" if of.doi else "",
        "url": line(of.url or of.page),
    }
    return {name: value for name, value in said.items() if value}


def _agent(name: str) -> dict[str, str]:
    if not is_person(name):
        return {"@type": "Organization", "name": line(name)}
    family, given = family_and_given(name)
    return {"@type": "Person", "name": f"{given} {family}".strip(), "familyName": family}


def citation_tags(of: RecordData) -> Iterator[tuple[str, str]]:
    """Names and contents of the meta tags of a record's page."""
    year = "" if of.year is None else f"{of.year:04}"
    said = [
        ("citation_title", [of.title]),
        ("citation_author", of.creators),
        ("citation_publication_date", [f"{of.published_on:%Y/%m/%d}" if of.published_on else year]),
        ("citation_technical_report_institution", [of.publisher or of.board]),
        ("citation_doi", [of.doi]),
        ("citation_isbn", [of.isbn]),
        ("citation_language", [of.language]),
        ("citation_keywords", ["; ".join((*of.subjects, *of.keywords))]),
        ("citation_abstract_html_url", [of.page]),
    ]
    for name, values in said:
        for value in values:
            if text := line(value):
                yield name, text
