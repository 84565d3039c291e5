"""Words that were recognised in a scan are marked as such wherever they are shown or quoted."""

from dataclasses import replace

import pytest

from tests.factories import NOON, make_person, make_report, make_review
from waymark.accounts.models import AuditEntry, Role, State
from waymark.documents.models import PageRecognition, Passage, RecognitionState
from waymark.documents.queries.scan_marks import ScanMarks, mark_of_report
from waymark.library import services as library
from waymark.pipeline import describe_review, review_description, update_index
from waymark.publishing.document.citations import (
    CitedPassage,
    ReportContent,
    from_json,
    to_json,
)

MARK = "Text recognised from a scan"
POOR = "Text recognised from a low quality scan: check against the page image"

pytestmark = pytest.mark.django_db


def scanned(source, reference="S1", words="The visits stopped in May. Nobody asked why."):
    report = make_report(make_review(reference), words)
    report.pages.update(source=source)
    report.passages.update(source=source)
    return report


@pytest.mark.parametrize(
    ("source", "mark"), [("", ""), ("layer", MARK), ("scan", MARK), ("poor-scan", POOR)]
)
def test_a_page_and_a_passage_are_marked_by_the_source_of_their_words(client, source, mark):
    report = scanned(source)
    key = Passage.objects.get(report=report).key
    for address in (f"/reports/{report.key}/pages/1/", f"/p/{key}/"):
        page = client.get(address).content.decode()
        assert mark in page
        assert ("recognised from" in page) is bool(mark)
        assert ("low quality" in page) is (source == "poor-scan")
    citation = client.get(f"/p/{key}/").context["take"].citation
    assert citation.endswith(f" {mark}." if mark else ").")


def test_a_search_hit_is_marked(client, settings, tmp_path):
    settings.DATA = tmp_path
    for report in (scanned("scan"), scanned("", "S2", "The visits began in June.")):
        library.catalogue_review(by=None, review=report.review, now=NOON)
    update_index(clock=lambda: NOON)
    page = client.get("/find/", {"q": "visits"}).content.decode()
    assert page.count("view on the page") == 2
    assert page.count(MARK) == 1


def test_the_mark_of_a_quotation_is_that_of_its_least_sure_page():
    report = make_report(make_review("S1"), "The visits stopped in May.", "Nobody asked why.")
    page = report.pages.get()
    page.end, page.source = 26, "scan"
    page.save()
    page.pk, page.number, page.start, page.end, page.source = None, 2, 27, 44, "poor-scan"
    page.save()
    marks = ScanMarks()
    assert marks.mark_of(f"{report.key}-0-26") == MARK
    assert marks.mark_of(f"{report.key}-27-44") == POOR
    assert marks.mark_of(f"{report.key}-4-40") == POOR
    assert marks.mark_of(f"{report.key}r2-0-26") == ""
    assert marks.mark_of("nothing") == ""


def test_the_sources_of_an_abstract_are_marked(client):
    report = scanned("scan")
    cataloguer = make_person(Role.CATALOGUER)
    described = replace(review_description(report.review), summary="The visits stopped in May.")
    places = (f"{report.key}-0-26",)
    describe_review(
        by=cataloguer, review=report.review, description=described, places=places, now=NOON
    )
    client.force_login(cataloguer)
    page = client.get(f"/staff/reviews/{report.review.reference}/record/").content.decode()
    assert MARK in page.partition("Sources of the abstract")[2]


def test_the_mark_of_a_report_is_that_of_its_least_sure_page():
    assert mark_of_report(scanned("scan")) == MARK
    assert mark_of_report(make_report(make_review("S2"), "The visits began.")) == ""


def test_many_quotations_of_a_report_cost_one_lookup(django_assert_num_queries):
    report = scanned("scan")
    marks = ScanMarks()
    with django_assert_num_queries(1):
        assert {marks.mark_of(f"{report.key}-{at}-{at + 3}") for at in range(9)} == {MARK}


def test_the_source_of_a_quotation_in_an_edition_says_that_it_was_recognised():
    cited = CitedPassage("k", "words", "R01", "Child Oak", "overview report", 4, scan=MARK)
    assert cited.note == f"R01, Child Oak, overview report, page 4. {MARK}."
    report = ReportContent("", passages={"k": cited})
    assert from_json(to_json(report)) == report


def test_an_edition_signed_before_scans_were_marked_keeps_its_hash():
    cited = CitedPassage("k", "words", "R01", "Child Oak", "overview report", 4)
    assert b"scan" not in to_json(ReportContent("", passages={"k": cited}))


def test_staff_see_which_reports_need_text_recognition(client):
    report = make_report(make_review("S1"), "The visits stopped.", state=State.RECEIVED)
    PageRecognition.objects.create(report=report, number=1, state=RecognitionState.WAITING)
    client.force_login(make_person(Role.CATALOGUER))
    assert "1 page needs OCR" in client.get("/staff/").content.decode()
    page = client.get(f"/staff/reports/{report.key}/visibility/").content.decode()
    assert "has scanned pages whose text is not recognised yet (page 1)" in page


def test_the_staff_list_leads_to_the_scanned_pages_of_a_report_for_those_who_publish(client):
    report = scanned("scan")
    PageRecognition.objects.create(report=report, number=1, state=RecognitionState.DONE)
    link = f'href="/staff/reports/{report.key}/scanned-pages/"'
    for role, linked in ((Role.CATALOGUER, True), (Role.CODER, False)):
        client.force_login(make_person(role, name=role))
        page = client.get("/staff/").content.decode()
        assert "1 page recognised from scans" in page
        assert (link in page) is linked


def test_staff_choose_that_scanned_pages_need_no_text(client):
    report = make_report(make_review("S1"), "The visits stopped.", state=State.RECEIVED)
    report.pages.update(has_image=True)
    PageRecognition.objects.create(report=report, number=1, state=RecognitionState.FAILED)
    client.force_login(make_person(Role.CATALOGUER))
    address = f"/staff/reports/{report.key}/scanned-pages/"
    assert "You cannot publish this report" in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 400
    refused = client.post(address, {"choice": "own-words"})
    assert "enter a reason" in refused.content.decode().lower()
    sent = {"choice": "own-words", "because": "A map without words."}
    assert client.post(address, sent).status_code == 302
    entry = AuditEntry.objects.get(action="choose words of pages")
    assert entry.detail["because"] == "A map without words."
    page = client.get(address).content.decode()
    assert "You cannot publish this report" not in page
    assert "own words are used" in page


def test_the_scanned_pages_of_a_report_are_for_staff_who_publish(client):
    report = scanned("scan")
    client.force_login(make_person(Role.READER))
    assert client.get(f"/staff/reports/{report.key}/scanned-pages/").status_code == 403


def test_staff_choose_the_languages_of_scanned_pages(client):
    report = make_report(make_review("S1"), "The visits stopped.", state=State.RECEIVED)
    report.pages.update(has_image=True)
    PageRecognition.objects.create(report=report, number=1, state=RecognitionState.DONE)
    client.force_login(make_person(Role.CATALOGUER))
    address = f"/staff/reports/{report.key}/scanned-pages/"
    assert client.post(address, {"choice": "recognise", "languages": "eng+cym"}).status_code == 302
    page = PageRecognition.objects.get()
    assert (page.state, page.languages) == (RecognitionState.WAITING, "eng+cym")
    assert client.post(address, {"choice": "recognise"}).status_code == 302
    assert PageRecognition.objects.get().languages == ""
    assert client.post(address, {"choice": "recognise", "languages": "xyz"}).status_code == 400


def test_staff_release_the_pages_of_a_stopped_run(client):
    report = scanned("")
    PageRecognition.objects.create(
        report=report, number=1, state=RecognitionState.RUNNING, attempts=1, lease_until=NOON
    )
    address = f"/staff/reports/{report.key}/scanned-pages/"
    client.force_login(make_person(Role.CATALOGUER))
    assert "Release pages" in client.get(address).content.decode()
    answer = client.post(f"{address}release/", follow=True).content.decode()
    assert "1 page released." in answer
    assert "Release pages" not in answer
    assert PageRecognition.objects.get().state == RecognitionState.WAITING
    client.force_login(make_person(Role.READER, name="reader"))
    assert client.post(f"{address}release/").status_code == 403
