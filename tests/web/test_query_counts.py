"""The number of database queries of a page does not depend on how many reviews there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, make_report, make_review
from tests.library.conftest import agree_code, make_resource, make_subject, shelve
from waymark.accounts.content_state import ContentCache
from waymark.accounts.models import AuditEntry
from waymark.documents.models import Review
from waymark.frameworks.models import Code
from waymark.library.models import CatalogueRecord, Concept
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription

FEW, MANY = 5, 50
PAGES = {
    "/": 15,
    "/find/": 9,
    "/find/?sort=oldest": 9,
    "/find/?q=visits": 15,
    "/find/?q=visits&nation=Wales": 15,
    "/find/?q=visits&view=passages": 16,
    "/library/results.json?q=visits": 12,
    "/library/results.ris?q=visits": 14,
    "/library/feed.atom": 13,
    "/topics/": 9,
    "/topics/visiting/": 12,
    "/subjects/": 8,
    "/subjects/visits/": 10,
    "/reviews/Q001/": 14,
    "/reviews/Q001/record.ris": 14,
    "/reports/{report}/": 9,
    "/reports/{report}/pages/1/": 9,
    "/p/{passage}/": 22,
    "/resources/guide/": 24,
    "/overviews/": 5,
    "/methods/": 6,
    "/frameworks/small/1.0.0/": 12,
    "/frameworks/small/1.0.0/a/": 20,
    "/data/": 7,
    "/sitemap.xml": 6,
    "/oai/?verb=ListRecords&metadataPrefix=oai_dc": 15,
    "/oai/?verb=ListIdentifiers&metadataPrefix=oai_dc": 14,
}
"""Address -> most queries it may ask, when what it caches is cached."""


@pytest.fixture(autouse=True)
def own_index(settings, tmp_path):
    settings.DATA = tmp_path


def add_reviews(first, last):
    """Reviews from one number to another, each coded, catalogued and about visits."""
    code, subject = Code.objects.get(code="a"), Concept.objects.get(key="visits")
    added = []
    for number in range(first, last + 1):
        review = make_review(f"Q{number:03}", nation="Wales", title=f"Review {number}")
        report = make_report(review, "The visits stopped in May.", "Nobody asked why.")
        agree_code(review, code, on=report, words="visits stopped")
        added.append(review)
    shelve(*added)
    for record in CatalogueRecord.objects.filter(review__in=added):
        record.subjects.add(subject)
    return added


def queries_of(client, address):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
        content = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == 200, (address, answer.status_code)
    assert content
    return len(captured)


def counts(client, pages):
    """Address -> queries with nothing cached, and with everything cached."""
    numbers = {}
    for address in pages:
        # What is read once in the life of a process, such as files of frameworks, is read before.
        queries_of(client, address)
        ContentCache.clear_all()
        numbers[address] = queries_of(client, address), queries_of(client, address)
    return numbers


def test_no_page_asks_more_queries_of_fifty_reviews_than_of_five(client, framework):
    make_subject("visits", "Home visits")
    shelve(make_resource("guide", summary="About visits."))
    description = TopicDescription(
        "Visiting", "Visits to families.", ("visits",), ("visits",), ("a",)
    )
    add_topic(by=None, key="visiting", description=description, now=NOON)
    report = add_reviews(1, FEW)[0].reports.get()
    passage = report.passages.first().key
    addresses = {page.format(report=report.key, passage=passage): page for page in PAGES}
    few = counts(client, addresses)
    add_reviews(FEW + 1, MANY)
    assert Review.objects.count() == MANY
    assert counts(client, addresses) == few
    late = {
        address: cached
        for address, (_, cached) in few.items()
        if cached > PAGES[addresses[address]]
    }
    assert not late
    assert not AuditEntry.objects.filter(action="export data").exists()
