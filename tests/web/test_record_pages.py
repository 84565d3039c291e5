"""One page for a record: its tabs, its checklist, its next action, and publishing it last."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, answer_description, make_person, make_report, make_review
from tests.web.test_pages import see, strictly, words_of
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.documents.models import Report
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import Concept
from waymark.library.services import add_resource, catalogue_review

pytestmark = pytest.mark.django_db
TABS = {
    "record": "Record",
    "files": "Files",
    "subjects": "Subjects",
    "progress": "Progress",
    "visibility": "Visibility",
    "history": "History",
}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def review(client):
    """An internal review with one file, catalogued but for a subject; a cataloguer signs in."""
    client.force_login(make_person(Role.CATALOGUER, name="cataloguer"))
    made = make_review(
        "T1",
        title="Child Fern",
        state=State.INTERNAL,
        nation="England",
        published_on=date(2026, 5, 1),
    )
    make_report(made, "Nobody asked why.", state=State.IN_CHECK)
    catalogue_review(by=None, review=made, now=NOON)
    answer_description(made)
    return made


def next_action(page):
    """Label and address of the one button at the head of a record."""
    match = re.search(r'<p class="next">.*?href="([^"]*)">(.*?)</a>', page, re.S)
    return (match[2], match[1]) if match else None


def test_every_tab_is_a_page_with_the_same_frame(client, review):
    for part, label in TABS.items():
        answer = client.get(f"/staff/reviews/T1/{part}/")
        strictly(answer)
        page = answer.content.decode()
        assert answer.status_code == 200, part
        assert f'aria-current="page">{label}</a>' in page
        assert page.count("<h1") == 1
        assert "Checklist: 3 of 6 done" in page
        assert next_action(page) == ("Add subjects", "/staff/reviews/T1/subjects/")
        for other in TABS:
            assert f'href="/staff/reviews/T1/{other}/"' in page


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("reviews/T1/edit", "reviews/T1/record"),
        ("reviews/T1/about", "reviews/T1/subjects"),
        ("reviews/T1/steps", "reviews/T1/progress"),
        ("reviews/T1/state", "reviews/T1/visibility"),
        ("reports/abc/state", "reports/abc/visibility"),
        ("resources/a/edit", "resources/a/record"),
        ("resources/a/about", "resources/a/subjects"),
        ("resources/a/state", "resources/a/visibility"),
    ],
)
def test_earlier_addresses_lead_to_the_tabs_with_their_query(db, old, new):
    answer = Client().get(f"/staff/{old}/?subject=sleep")
    assert (answer.status_code, answer["Location"]) == (301, f"/staff/{new}/?subject=sleep")
    assert Client().post(f"/staff/{old}/", {"title": "A"}).status_code == 405


def test_the_checklist_links_to_the_check_of_the_file_that_is_open(client, review):
    report = review.reports.get()
    Report.objects.filter(pk=report.pk).update(anonymity_checked_at=None)
    page = see(client, reverse("edit-review", args=["T1"]))
    assert "1 check to answer: T1.txt" in page
    assert next_action(client.get(reverse("edit-review", args=["T1"])).content.decode()) == (
        "Answer the checks",
        reverse("anonymity", args=[report.key]),
    )
    assert "Check the anonymity" in see(client, reverse("review-files", args=["T1"]))


def test_publishing_is_refused_and_names_what_is_missing_until_a_person_confirms_it(client, review):
    address, report = reverse("publish-review", args=["T1"]), review.reports.get()
    form = {"from": "internal", "reports": [report.key]}
    refused = client.post(address, form)
    page = refused.content.decode()
    assert refused.status_code == 400
    assert "The record of T1 has no subject" in words_of(strictly(refused))
    assert '<a href="#incomplete">' in page
    assert 'aria-invalid="true"' in page
    assert Client().get("/reviews/T1/").status_code == 404
    assert client.post(address, {**form, "incomplete": "on"}).status_code == 302
    assert Client().get("/reviews/T1/").status_code == 200
    assert Client().get(f"/reports/{report.key}/").status_code == 200


def test_publishing_names_the_check_that_is_open_and_publishes_nothing(client, review):
    catalogue_review(by=None, review=review, now=NOON).subjects.add(
        Concept.objects.create(key="neglect")
    )
    report = review.reports.get()
    Report.objects.filter(pk=report.pk).update(hidden_text_checked_at=None)
    form = {"from": "internal", "reports": [report.key]}
    answer = client.post(reverse("publish-review", args=["T1"]), form)
    assert answer.status_code == 400
    assert "Check the hidden text" in words_of(strictly(answer))
    assert not Report.objects.filter(state=State.PUBLISHED).exists()


def test_an_internal_file_is_not_chosen_beforehand(client, review):
    kept_back = make_report(review, "For staff.", state=State.INTERNAL)
    page = client.get(reverse("publish-review", args=["T1"])).content.decode()
    boxes = dict(re.findall(r'name="reports" value="(\w+)"([^>]*)>', page))
    assert "checked" not in boxes[kept_back.key]
    assert "checked" in boxes[review.reports.get(state=State.IN_CHECK).key]


def test_when_all_is_done_the_next_action_is_to_publish_and_then_there_is_none(client, review):
    catalogue_review(by=None, review=review, now=NOON).subjects.add(
        Concept.objects.create(key="neglect")
    )
    address = reverse("review-history", args=["T1"])
    publish = ("Publish", reverse("publish-review", args=["T1"]))
    assert next_action(client.get(address).content.decode()) == publish
    pipeline.publish_record(by=None, review=review, now=NOON)
    assert next_action(client.get(address).content.decode()) is None


def test_the_history_has_the_changes_of_the_record_and_of_its_files(client, review):
    report = review.reports.get()
    pipeline.change_state(by=None, item=report, state=State.INTERNAL, now=NOON)
    history = see(client, reverse("review-history", args=["T1"]))
    assert "Set state T1.txt : internal" in history
    assert "Catalogue" in history


def test_a_withdrawn_review_has_its_visibility_alone(client, review):
    pipeline.change_state(by=None, item=review, state=State.WITHDRAWN, now=NOON)
    page = client.get(reverse("review-state", args=["T1"])).content.decode()
    assert re.findall(r'<li><a href="[^"]*" aria-current="page">(\w+)</a>', page)[-1:] == [
        "Visibility"
    ]
    assert "/staff/reviews/T1/record/" not in page
    assert "Checklist" not in page


def test_a_resource_has_the_same_frame(client, review):
    add_resource(
        by=None,
        key="seeing",
        description=ResourceDescription(
            kind="guidance", title="Seeing the child", url="https://press.example/a"
        ),
        now=NOON,
    )
    for part in ("record", "address", "subjects", "visibility", "history"):
        answer = client.get(f"/staff/resources/seeing/{part}/")
        assert answer.status_code == 200, part
        strictly(answer)
        assert f'aria-current="page">{part.capitalize()}</a>' in answer.content.decode()
    page = client.get("/staff/resources/seeing/address/").content.decode()
    assert 'value="https://press.example/a"' in page


def test_what_the_record_lacks_is_proposed_from_its_file_with_the_page_until_it_is_saved(
    client, review
):
    made = make_review("T2", title="Child Fern", state=State.INTERNAL)
    report = make_report(
        made,
        "Zennorshire Safeguarding Children Board",
        "The review was completed on 12 March 2013.",
    )
    address = reverse("edit-review", args=["T2"])
    page = client.get(address).content.decode()
    place = reverse("report-page", args=[report.key, 1])
    assert page.count(f'<b>Proposed.</b> The report says on <a href="{place}">page 1') == 2
    assert 'name="board" value="Zennorshire Safeguarding Children Board"' in page
    assert 'name="completed_on_year" value="2013"' in page
    assert "Missing: nation, date of completion or publication, board and abstract" in page
    made.refresh_from_db()
    assert (made.board, made.completed_on) == ("", None)
    seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
    form = {"title": made.title, "seen": seen, "do": "save", "nation": "England"}
    day = {"completed_on_day": "12", "completed_on_month": "3", "completed_on_year": "2013"}
    assert client.post(address, {**form, **day, "board": "A board"}).status_code == 302
    made.refresh_from_db()
    assert (made.board, made.completed_on) == ("A board", date(2013, 3, 12))
    assert "Proposed." not in client.get(address).content.decode()


def test_the_address_of_a_resource_is_changed_on_its_own_tab_and_nothing_else(client, review):
    description = ResourceDescription("guidance", "Safer sleep", summary="About sleep.")
    resource = add_resource(by=None, description=description, now=NOON)
    other = ResourceDescription("guidance", "Another guide", doi="10.1136/adc.2010.1")
    add_resource(by=None, description=other, now=NOON)
    page = reverse("resource-address", args=[resource.key])

    def send(**values):
        tree = strictly(client.get(page))
        seen = tree.find(".//input[@name='seen']").get("value")
        return client.post(page, {"seen": seen, "do": "save", **values})

    assert "Without an address, people ask for it" in see(client, page)
    assert send(url="https://guides.example/sleep", isbn="")["Location"] == page
    resource.refresh_from_db()
    assert resource.url == "https://guides.example/sleep"
    assert (resource.title, resource.summary) == ("Safer sleep", "About sleep.")
    wrong = send(url="no address")
    assert wrong.status_code == 400
    assert 'aria-invalid="true"' in wrong.content.decode()
    likely = send(url="https://guides.example/sleep", doi="10.1136/adc.2010.1").content.decode()
    assert "This may be in the catalogue already" in likely
    late = client.post(page, {"seen": "x", "do": "save", "url": "https://guides.example/2"})
    assert late.status_code == 400
    assert "was changed while you were editing" in late.content.decode()
    resource.refresh_from_db()
    assert resource.url == "https://guides.example/sleep"
