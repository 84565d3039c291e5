"""Write schema.org as JSON-LD, and the citation tags that reference managers read from a page."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.licences import licence_url
from waymark.library.exchange.record import ARTICLE, RecordData
from waymark.library.exchange.writers.plain import family_and_given, single_line

CONTEXT = "https://schema.org"
TYPES = {
    "web-page": "WebPage",
    "answered-question": "QAPage",
    "tool": "CreativeWork",
    "training-course": "Course",
    ARTICLE: "ScholarlyArticle",
    "book": "Book",
    "book-chapter": "Chapter",
    "thesis": "Thesis",
    "legislation": "Legislation",
    "recording": "MediaObject",
}


def write_json_ld(records: Sequence[RecordData]) -> bytes:
    """One record as one node, several as a graph."""
    nodes = [schema_org_node(record) for record in records]
    whole: dict[str, Any] = {"@context": CONTEXT}
    whole |= nodes[0] if len(nodes) == 1 else {"@graph": nodes}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def schema_org_node(record: RecordData) -> dict[str, Any]:
    """One record as a node without @context."""
    body, holder = record.publisher or record.board, record.rights_holder
    year = "" if record.year is None else f"{record.year:04}"
    values: dict[str, Any] = {
        "@type": TYPES.get(record.kind, "Report"),
        "@id": record.page,
        "name": single_line(record.full_title),
        "editor": [_agent_node(name, body=record.is_body(name)) for name in record.editors],
        "transcript": single_line(record.transcript_url),
        "author": [_agent_node(name, body=record.is_body(name)) for name in record.creators],
        "publisher": {"@type": "Organization", "name": single_line(body)} if body else None,
        "datePublished": f"{record.published_on:%Y-%m-%d}" if record.published_on else year,
        "description": single_line(record.abstract),
        "keywords": [single_line(word) for word in (*record.subjects, *record.keywords)],
        "inLanguage": record.language,
        "isPartOf": _wholes(record),
        "pagination": single_line(record.pages),
        "bookEdition": single_line(record.edition) if record.kind == "book" else "",
        "reportNumber": single_line(record.report_number),
        "audience": {"@type": "Audience", "audienceType": single_line(record.audience)}
        if record.audience
        else None,
        "isbn": single_line(record.isbn),
        "sameAs": f"https://doi.org/{single_line(record.doi)}" if record.doi else "",
        "url": single_line(record.url or record.page),
        "copyrightHolder": _agent_node(holder, body=record.is_body(holder)) if holder else None,
        "license": licence_url(record.licence) or single_line(record.licence),
        "usageInfo": {"@type": "CreativeWork", "text": FORBIDDEN_USES_IN_FULL},
    }
    return {name: value for name, value in values.items() if value}


def _wholes(record: RecordData) -> list[dict[str, Any]]:
    """The series of a work, and its journal with volume and issue or its book."""
    wholes: list[dict[str, Any]] = []
    if record.series:
        wholes.append({"@type": "CreativeWorkSeries", "name": single_line(record.series)})
    if record.host_title:
        host: dict[str, Any] = {
            "@type": "Periodical" if record.kind == ARTICLE else "Book",
            "name": single_line(record.host_title),
        }
        if record.issn:
            host["issn"] = single_line(record.issn)
        if record.volume:
            volume = single_line(record.volume)
            host = {"@type": "PublicationVolume", "volumeNumber": volume, "isPartOf": host}
        if record.issue:
            issue = single_line(record.issue)
            host = {"@type": "PublicationIssue", "issueNumber": issue, "isPartOf": host}
        wholes.append(host)
    return wholes


def _agent_node(name: str, *, body: bool) -> dict[str, str]:
    if body:
        return {"@type": "Organization", "name": single_line(name)}
    family, first_names = family_and_given(name)
    return {"@type": "Person", "name": f"{first_names} {family}".strip(), "familyName": family}


def _tags_of_host(record: RecordData) -> list[tuple[str, list[str]]]:
    first_page, _, last_page = record.pages.partition("-")
    host = "citation_journal_title" if record.kind == ARTICLE else "citation_inbook_title"
    return [
        (host, [record.host_title]),
        ("citation_volume", [record.volume]),
        ("citation_issue", [record.issue]),
        ("citation_firstpage", [first_page]),
        ("citation_lastpage", [last_page]),
        ("citation_issn", [record.issn]),
    ]


def citation_tags(record: RecordData) -> Iterator[tuple[str, str]]:
    """(name, content) of the meta tags on a record's page."""
    year = "" if record.year is None else f"{record.year:04}"
    tags = [
        ("citation_title", [record.full_title]),
        ("citation_author", record.creators),
        (
            "citation_publication_date",
            [f"{record.published_on:%Y/%m/%d}" if record.published_on else year],
        ),
        *_tags_of_host(record),
        ("citation_technical_report_institution", [record.publisher or record.board]),
        ("citation_doi", [record.doi]),
        ("citation_isbn", [record.isbn]),
        ("citation_language", [record.language]),
        ("citation_keywords", ["; ".join((*record.subjects, *record.keywords))]),
        ("citation_abstract_html_url", [record.page]),
    ]
    for name, values in tags:
        for value in values:
            if text := single_line(value):
                yield name, text
