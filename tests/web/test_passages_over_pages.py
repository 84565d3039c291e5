"""A passage that a page break cuts, in the reader, in the search and in what is kept of it."""

import html5lib
import pytest
from django.urls import reverse

from tests.documents.making import line, paragraph, pdf_of
from tests.factories import NOON, answer_identifiers, make_report, make_review
from waymark import pipeline
from waymark.accounts.models import State
from waymark.core.spans import Span
from waymark.documents import services
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Page, Passage, Report, ReportText
from waymark.library.queries import search_json

FIRST = (
    "The health visitor called at the house in the first week of May and found nobody at home,",
    "and she made a note that the family was about to move to",
)
REST = ("another town, where nobody knew that a plan had been made for the child.",)
OPENING = "The chair of the panel met the parents of the child twice in the summer of that year."
SVG = "{http://www.w3.org/2000/svg}"
HEADER = "Learning review: Child Oak"


@pytest.fixture
def report(db, settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    edges = [line(60, 800, HEADER), line(60, 30, "Page 1")]
    first = [*edges, line(60, 700, OPENING), *paragraph(60, 100, FIRST)]
    second = [line(60, 800, HEADER), line(60, 30, "Page 2"), *paragraph(60, 700, REST)]
    path = pdf_of([b"".join(first), b"".join(second)], tmp_path / "oak.pdf")
    pipeline.ingest_files([path], workers=1, by=None)
    report = Report.objects.get()
    answer_identifiers(report)
    for item in (report, report.review):
        pipeline.change_state(by=None, item=item, state=State.PUBLISHED, now=NOON)
    return report


@pytest.fixture
def passage(report):
    return Passage.objects.get(report=report, page=1, last_page=2)


def tree_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
        answer.content.decode()
    )


def page_of(client, report, number, at):
    return tree_of(client, f"{reverse('report-page', args=[report.key, number])}?at={at}")


def marked(tree):
    return [" ".join(mark.text.split()) for mark in tree.iter("mark")]


def test_both_pages_mark_their_part_of_the_passage_in_text_and_image(client, report, passage):
    first = page_of(client, report, 1, passage.key)
    second = page_of(client, report, 2, passage.key)
    assert marked(first) == [" ".join(FIRST)]
    assert marked(second) == [" ".join(REST)]
    rectangles = [len(list(tree.iter(f"{SVG}rect"))) for tree in (first, second)]
    assert rectangles == [len(FIRST), len(REST)]


def test_the_first_page_leads_to_the_rest_of_the_passage(client, report, passage):
    tree = page_of(client, report, 1, passage.key)
    (link,) = [link for link in tree.iter("a") if link.text == "The passage continues on page 2"]
    address = reverse("report-page", args=[report.key, 2])
    assert link.get("href") == f"{address}?at={passage.key}#at"
    other = Passage.objects.exclude(pk=passage.pk).get()
    words = " ".join(page_of(client, report, 1, other.key).itertext())
    assert "continues on page" not in words
    assert "continues on page" not in " ".join(page_of(client, report, 2, passage.key).itertext())


def test_a_page_shows_its_header_and_footer_apart_from_its_text(client, report):
    tree = tree_of(client, reverse("report-page", args=[report.key, 2]))
    shown = [
        " ".join("".join(words.itertext()).split())
        for words in tree.iter("p")
        if words.get("class") == "furniture"
    ]
    assert shown == [f"Header or footer of the page: {line}" for line in (HEADER, "Page 2")]
    assert HEADER not in ReportText.objects.get().content


def test_a_quotation_over_the_page_break_is_found(report, passage):
    answer = search_json('"about to move to another town"')
    assert [hit["passages"][0]["id"] for hit in answer["hits"]] == [passage.key]


def test_an_anchor_over_the_page_break_has_the_words_without_header_and_footer(report, passage):
    anchor = ReportAnchors(report).anchor(Span(passage.start, passage.end))
    assert anchor.exact == " ".join([*FIRST, *REST])
    assert anchor.page == 1


def test_an_erased_report_keeps_no_header(report):
    services.set_report_state(by=None, report=report, state=State.WITHDRAWN, now=NOON)
    services.erase_original(by=None, report=report, now=NOON)
    assert ReportText.objects.get().running_lines == []


def test_the_text_of_an_earlier_extractor_shows_the_headers_that_are_in_it(client, db):
    # As it was stored: the header is in the text, and the paragraph is in two.
    stored = make_report(make_review(), HEADER, "The first half,", "the second.")
    ReportText.objects.filter(report=stored).update(furniture=[[0, len(HEADER)]])
    Passage.objects.get(report=stored, start=0).delete()
    tree = tree_of(client, reverse("report-page", args=[stored.key, 1]))
    shown = ["".join(p.itertext()).strip() for p in tree.iter("p") if p.get("class") == "furniture"]
    assert shown == [HEADER]
    services.set_report_state(by=None, report=stored, state=State.WITHDRAWN, now=NOON)
    services.erase_original(by=None, report=stored, now=NOON)
    assert ReportText.objects.get(report=stored).furniture == []
    assert not Page.objects.filter(report=stored).exists()
