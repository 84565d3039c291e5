"""Pages for newer texts of reports, and addresses of passages in earlier ones."""

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review, reading_of
from tests.web.test_pages import see
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.coding import services as coding
from waymark.coding.models import Coding
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import AnchorMove, MoveDecision, Report

pytestmark = pytest.mark.django_db
OLD = "The visits stopped in May. Nobody asked why.", "The file held two letters."
NEW = "Read by a newer reader.", *OLD
REWORDED = "The visits stopped in May.", "No one had asked why it was.", OLD[1]


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()


@pytest.fixture
def editor(client):
    person = make_person(Role.EDITOR, name="editor")
    client.force_login(person)
    return person


@pytest.fixture
def asked(framework, report):
    """The key of a coding of "Nobody asked why."."""
    coder = make_person(Role.CODER)
    coding.assign_coder(by=coder, review=report.review, framework=framework, coder=coder, now=NOON)
    return coding.record_coding(
        by=coder,
        anchors=ReportAnchors(report),
        span=Span(27, 44),
        code=framework.codes.get(code="a"),
        qualifiers={},
        memo="",
        now=NOON,
    ).key


def propose(report, *paragraphs):
    return pipeline.propose_reading(by=None, report=report, read=reading_of(*paragraphs), now=NOON)


def source(client, address):
    return client.get(address).content.decode()


def page_of(report):
    return reverse("newer-text", args=[report.key])


def send(client, report, **values):
    return client.post(page_of(report), {"quote": "", **values})


def test_newer_texts_are_listed_and_accepted(client, editor, report, asked):
    propose(report, *NEW)
    page = see(client, reverse("newer-texts"))
    assert report.title in page
    page = see(client, page_of(report))
    assert "Accept newer text" in page
    assert "Nobody asked why." in page
    answer = client.post(reverse("accept-text", args=[report.key]), follow=True)
    assert "1 quotation moved with it" in answer.content.decode()
    report.refresh_from_db()
    assert report.reading == 2
    assert "There is no newer text to accept." in see(client, reverse("newer-texts"))


def test_a_quotation_that_is_not_certain_is_decided_on_its_page(client, editor, report, asked):
    propose(report, *REWORDED)
    assert "not found" in see(client, page_of(report))
    answer = send(client, report, key=asked, choice="point", quote="Nobody")
    assert answer.status_code == 400
    assert "not in the newer text" in answer.content.decode()
    answer = send(client, report, key=asked, choice="point", quote="No one had asked why")
    assert answer.status_code == 302
    move = AnchorMove.objects.get()
    assert (move.decision, move.decided_by) == (MoveDecision.MOVE, editor)
    client.post(reverse("accept-text", args=[report.key]))
    assert Coding.objects.get().exact == "No one had asked why"


@pytest.mark.parametrize("choice", ["point", "proposed"])
def test_without_words_nothing_is_decided(client, editor, report, asked, choice):
    propose(report, *REWORDED)
    assert send(client, report, key=asked, choice=choice).status_code == 400
    assert send(client, report, key="no-such-key", choice="keep").status_code == 404
    assert AnchorMove.objects.get().decision == ""


def test_a_person_sees_where_a_newer_text_differs_before_they_decide(client, editor, report):
    propose(report, *REWORDED)
    page = see(client, page_of(report))
    assert "Where the texts differ" in page
    assert page.count(OLD[0]) == 1
    assert page.count(REWORDED[1]) == 1
    # The paragraph that is the same is not shown.
    assert OLD[1] not in page
    client.post(reverse("accept-text", args=[report.key]))
    assert "Where the texts differ" not in see(client, page_of(report))


def test_a_newer_text_is_rejected_with_a_reason(client, editor, report, asked):
    propose(report, *REWORDED)
    page = reverse("reject-text", args=[report.key])
    assert page in source(client, page_of(report))
    assert "Reject newer text" in see(client, page)
    answer = client.post(page, {"reason": ""})
    assert answer.status_code == 400
    assert "Enter why the newer text is not to be used." in answer.content.decode()
    answer = client.post(page, {"reason": "It mixes two columns."}, follow=True)
    assert "It mixes two columns." in answer.content.decode()
    assert "There is no newer text to accept." in answer.content.decode()
    assert Coding.objects.get().key == asked
    # Somebody else rejected it first.
    assert client.post(page, {"reason": "Late."}).status_code == 400
    assert client.get(page).status_code == 302


def test_open_quotations_are_listed_until_a_person_decides(client, editor, report, asked):
    propose(report, *REWORDED)
    client.post(reverse("accept-text", args=[report.key]))
    assert "Quotations to decide on" in see(client, reverse("newer-texts"))
    assert send(client, report, key=asked, choice="keep").status_code == 302
    assert "Quotations to decide on" not in see(client, reverse("newer-texts"))


def test_reports_read_by_an_earlier_version_are_listed(client, editor, report):
    Report.objects.update(extractor="waymark-plain/0")
    assert "read by waymark-plain/0" in see(client, reverse("newer-texts"))
    assert "Read by an earlier version" in see(client, reverse("staff"))


@pytest.mark.parametrize("role", [Role.READER, Role.CODER, Role.ANALYST])
def test_others_neither_see_nor_accept_newer_texts(client, report, asked, role):
    propose(report, *REWORDED)
    client.force_login(make_person(role))
    for address in (reverse("newer-texts"), page_of(report)):
        assert client.get(address).status_code == 403
    assert client.post(reverse("accept-text", args=[report.key])).status_code == 403
    assert send(client, report, key=asked, choice="keep").status_code == 403
    report.refresh_from_db()
    assert (report.reading, AnchorMove.objects.get().decision) == (1, "")


def test_nothing_of_a_newer_text_is_seen_before_it_is_accepted(client, report):
    propose(report, *NEW)
    assert "newer reader" not in see(client, reverse("report-page", args=[report.key, 1]))
    assert client.get(reverse("passage", args=[f"{report.key}r2-0-10"])).status_code == 404


def test_an_address_in_an_earlier_text_says_where_the_words_are_now(client, report):
    propose(report, *NEW)
    pipeline.accept_reading(by=None, report=report, now=NOON)
    page = source(client, reverse("passage", args=[f"{report.key}-4-25"]))
    assert "visits stopped in May" in page
    assert reverse("passage", args=[f"{report.key}r2-28-49"]) in page
    assert "These words are now here" in page
    there = see(client, reverse("passage", args=[f"{report.key}r2-28-49"]))
    assert "visits stopped in May" in there
    assert "has been read again" not in there


def test_an_address_in_an_earlier_text_shows_the_codes_that_moved_with_its_words(
    client, framework, report, asked
):
    coder, analyst = Coding.objects.get().coder, make_person(Role.ANALYST)
    settled = {"review": report.review, "framework": framework, "now": NOON}
    coding.finish_coding(by=coder, **settled)
    coding.settle_codes(by=analyst, adjudicator=analyst, decisions={}, **settled)
    before = see(client, reverse("passage", args=[asked]))
    assert "Judgement: coded by one person" in before
    propose(report, *NEW)
    pipeline.accept_reading(by=None, report=report, now=NOON)
    assert Coding.objects.get().key == f"{report.key}r2-51-68"
    for address in (asked, f"{report.key}r2-51-68"):
        page = see(client, reverse("passage", args=[address]))
        assert "Judgement: coded by one person" in page
        assert "has not been coded" not in page
    # Other words of the earlier text, and what now has the positions of these, have no codes.
    for address in (f"{report.key}-4-25", f"{report.key}r2-27-44"):
        assert "has not been coded" in see(client, reverse("passage", args=[address]))


def test_words_that_are_no_longer_there_are_shown_from_the_earlier_text(client, report):
    propose(report, *REWORDED)
    pipeline.accept_reading(by=None, report=report, now=NOON)
    page = see(client, reverse("passage", args=[f"{report.key}-27-44"]))
    assert "Nobody asked why." in page
    assert "not found for certain" in page


@pytest.mark.parametrize("name", ["report", "report-page"])
def test_the_page_of_a_citation_shows_the_text_it_was_made_in(client, report, name):
    propose(report, *NEW)
    pipeline.accept_reading(by=None, report=report, now=NOON)
    address = reverse(name, args=[report.key] if name == "report" else [report.key, 1])
    earlier = source(client, f"{address}?at={report.key}-27-44")
    assert "This is an earlier text of the report" in earlier
    assert "newer reader" not in earlier
    assert '<mark class="target">Nobody asked why.</mark>' in earlier
    current = source(client, f"{address}?at={report.key}r2-51-68")
    assert "earlier text" not in current
    assert '<mark class="target">Nobody asked why.</mark>' in current
    # A key of a reading that does not exist shows the current text.
    assert "newer reader" in see(client, f"{address}?at={report.key}r9-0-5")


def test_a_withdrawn_report_is_gone_in_every_text(client, report, editor):
    propose(report, *NEW)
    pipeline.accept_reading(by=None, report=report, now=NOON)
    pipeline.change_state(by=None, item=report, state=State.WITHDRAWN, now=NOON)
    client.logout()
    for key in (f"{report.key}-4-25", f"{report.key}r2-28-49"):
        assert client.get(reverse("passage", args=[key])).status_code in {404, 410}
    client.force_login(editor)
    assert client.get(page_of(report)).status_code in {404, 410}


def test_two_reports_have_quotations_of_their_own(client, editor, report, asked):
    other = make_report(make_review(), *OLD)
    propose(other, *REWORDED)
    assert send(client, other, key=asked, choice="keep").status_code == 404
