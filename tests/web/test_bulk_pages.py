"""Choosing records in a list, previewing a bulk change, confirming and undoing it; exports."""

import json

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.test_thesaurus_kept import SMALL
from tests.web.test_lists import a_resource
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.content_state import ContentCache
from waymark.accounts.models import Role, State
from waymark.documents.models import Report, Review
from waymark.library.models import BulkChange, Concept, Concern, Resource
from waymark.library.services import catalogue_review
from waymark.library.services.thesaurus import load_thesaurus
from waymark.web.catalogue import bulk

pytestmark = pytest.mark.django_db
REVIEWS = reverse("bulk-preview", args=["review"])


@pytest.fixture
def editor(client):
    person = make_person(Role.EDITOR, name="editor")
    client.force_login(person)
    return person


def checked(reference, state=State.INTERNAL):
    review = make_review(reference, state=state, nation="England", published_on=NOON.date())
    make_report(review, "Words.", state=state)
    Report.objects.update(hidden_text_checked_at=NOON, anonymity_checked_at=NOON)
    record = catalogue_review(by=None, review=review, now=NOON)
    record.subjects.add(Concept.objects.get_or_create(key="care")[0])
    return review


def confirm(client, query):
    """Send the form of a preview."""
    tree = strictly(client.get(REVIEWS + query))
    form = next(form for form in tree.find(".//main").iter("form") if form.get("method") == "post")
    token = form.find("input[@name='token']").get("value")
    return client.post(form.get("action"), {"token": token})


def test_from_the_list_by_preview_to_the_change_and_back(client, editor):
    for number in range(1, 4):
        checked(f"A{number}")
    listed = strictly(client.get(reverse("staff")))
    form = next(form for form in listed.iter("form") if form.get("action") == REVIEWS)
    boxes = [box.get("value") for box in form.iter("input") if box.get("name") == "chosen"]
    assert sorted(boxes) == ["A1", "A2", "A3"]
    query = "?chosen=A1&chosen=A2&do=publish"
    preview = see(client, REVIEWS + query)
    assert "Nothing has changed yet. Of 2 reviews, 2 would change, 0 are refused." in preview
    answer = confirm(client, query)
    done = BulkChange.objects.get()
    assert answer["Location"] == reverse("bulk-change", args=[done.key])
    assert "2 reviews changed." in see(client, answer["Location"])
    assert Review.objects.filter(state=State.PUBLISHED).count() == 2
    page = see(client, reverse("bulk-changes"))
    assert "Publish: reviews" in page
    assert "editor" in page
    assert "Preview undo" in see(client, answer["Location"])
    undo = reverse("bulk-undo", args=[done.key])
    preview = see(client, undo)
    assert "2 reviews would get back what they had before, and 0 would stay" in preview
    assert client.post(undo)["Location"] == answer["Location"]
    assert "The change is undone." in see(client, answer["Location"])
    assert not Review.objects.filter(state=State.PUBLISHED).exists()


def test_all_that_match_are_those_of_the_search_and_its_filters(client, editor):
    for number in range(1, 31):
        make_review(f"A{number}", title="Review of the north", state=State.INTERNAL)
    make_review("B1", title="Review of the south", state=State.INTERNAL)
    make_review("B2", title="Review of the north", state=State.PUBLISHED)
    listed = strictly(client.get(reverse("staff") + "?q=north&state=internal"))
    form = next(form for form in listed.iter("form") if form.get("action") == REVIEWS)
    hidden = {
        box.get("name"): box.get("value")
        for box in form.iter("input")
        if box.get("type") == "hidden"
    }
    assert hidden == {"q": "north", "state": "internal"}
    assert "Continue with all 30 found" in words_of(form)
    query = "?q=north&state=internal&all=yes&do=internal"
    assert "Of 30 reviews, 0 would change" in see(client, REVIEWS + query)


def test_a_choice_of_nothing_goes_back_to_the_list(client, editor):
    answer = client.get(REVIEWS + "?do=publish")
    assert answer["Location"] == reverse("staff")
    assert "Choose at least one record" in see(client, reverse("staff"))


def test_subjects_are_asked_for_by_name(client, editor):
    load_thesaurus(by=None, source=SMALL.encode(), file="small.ttl", now=NOON)
    review = checked("A1")
    query = "?chosen=A1&do=add-subjects"
    assert "1 review chosen." in see(client, REVIEWS + query)
    page = see(client, REVIEWS + query + "&subject=Negl%C3%A9ct", status=400)
    assert "There is no subject “Negléct”." in page
    assert "Subjects: Fire." in see(client, REVIEWS + query + "&subject=blaze&subject=")
    confirm(client, query + "&subject=blaze")
    assert list(review.record.subjects.values_list("key", flat=True)) == ["care", "fire"]


@pytest.mark.parametrize("spoil", ["", "x", "other"])
def test_a_confirmation_can_do_only_what_its_preview_showed(client, editor, spoil):
    checked("A1")
    tree = strictly(client.get(REVIEWS + "?chosen=A1&do=publish"))
    token = tree.find(".//input[@name='token']").get("value")
    if spoil == "other":
        client.force_login(make_person(Role.EDITOR))
    else:
        token = spoil
    answer = client.post(REVIEWS, {"token": token})
    assert answer.status_code == 400
    assert Review.objects.get().state == State.INTERNAL
    assert not BulkChange.objects.exists()


def test_a_token_of_something_else_is_no_confirmation(client, editor):
    token = signing.dumps({"by": editor.pk, "kind": "review"}, salt="another")
    assert client.post(REVIEWS, {"token": token}).status_code == 400


def test_exactly_the_chosen_records_are_exported(client, editor):
    checked("A1", State.PUBLISHED)
    checked("A2", State.PUBLISHED)
    checked("A3", State.WITHDRAWN)
    Review.objects.filter(reference="A1").update(title="=Review A1")
    query = "?chosen=A1&chosen=A3&do="
    answer = client.get(REVIEWS + query + "csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer["Content-Disposition"] == 'attachment; filename="reviews.csv"'
    assert lines[0].startswith("key,kind,title")
    assert [line.split(",")[0] for line in lines[1:]] == ["review/A1"]
    assert "'=Review A1" in lines[1]
    assert client.get(REVIEWS + query + "ris").content.decode().count("TY  -") == 1
    assert len(json.loads(client.get(REVIEWS + query + "json").content)) == 1


def test_other_staff_may_export_and_not_change(client):
    client.force_login(make_person(Role.CODER))
    checked("A1", State.PUBLISHED)
    assert "Export as CSV" in see(client, reverse("staff"))
    assert "Make internal" not in see(client, reverse("staff"))
    assert client.get(REVIEWS + "?chosen=A1&do=csv").status_code == 200
    see(client, REVIEWS + "?chosen=A1&do=publish", status=403)


def test_too_many_records_are_refused_with_what_to_do(client, editor, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_RECORDS", 1)
    monkeypatch.setattr(bulk, "MOST_EXPORTED", 1)
    for reference in ("A1", "A2"):
        checked(reference)
    for action, unit in (("publish", "change"), ("csv", "file")):
        address = REVIEWS + f"?all=yes&q=Review&do={action}"
        page = see(client, address, status=400)
        assert f"You chose 2 reviews. One {unit} can have 1. Nothing has changed." in page
        assert "narrow the list with its search and filters" in page
        assert 'href="/staff/?q=Review"' in client.get(address).content.decode()
    # The page says so before somebody finds out.
    assert "One change can have 1 record." in see(client, REVIEWS + "?chosen=A1&do=publish")


def test_a_preview_in_another_window_is_not_said_to_be_of_someone_else(client, editor):
    checked("A1")
    checked("A2")
    tree = strictly(client.get(REVIEWS + "?chosen=A1&chosen=A2&do=publish"))
    token = tree.find(".//input[@name='token']").get("value")
    Review.objects.filter(reference="A1").update(title="Changed in another window")
    client.post(REVIEWS, {"token": token})
    page = see(client, reverse("bulk-change", args=[BulkChange.objects.get().key]))
    assert "Changed since the preview" in page
    assert "1 left because it was changed after the preview" in page
    assert "omeone else" not in page
    wrong = client.post(reverse("bulk-preview", args=["resource"]), {"token": token})
    assert "omeone else" not in wrong.content.decode()


def test_the_preview_of_an_undo_names_the_concern_that_holds_a_record_back(client, editor):
    checked("A1", State.PUBLISHED)
    confirm(client, "?chosen=A1&do=internal")
    Concern.objects.create(
        reference="C-1",
        page="/reviews/A1/",
        kind="identifying",
        text="A name.",
        item_kind="review",
        item_key="A1",
        received_at=NOON,
    )
    key = BulkChange.objects.get().key
    preview = see(client, reverse("bulk-undo", args=[key]))
    assert "Left as it is : nobody has decided on the concern C-1 about it" in preview
    assert "None of these can be changed back together" in preview
    client.post(reverse("bulk-undo", args=[key]))
    assert Review.objects.get().state == State.INTERNAL
    see(client, reverse("bulk-undo", args=[key]), status=400)


@pytest.mark.parametrize("action", ["internal", "publish"])
def test_the_preview_of_a_state_asks_as_many_queries_for_thirty_records_as_for_one(
    client, editor, action
):
    def queries():
        ContentCache.clear_all()
        with CaptureQueriesContext(connection) as asked:
            client.get(REVIEWS + f"?all=yes&do={action}")
        return len(asked)

    checked("A0")
    client.get(REVIEWS + f"?all=yes&do={action}")
    one = queries()
    for number in range(1, 30):
        checked(f"A{number}")
    assert queries() == one


def test_resources_are_changed_from_their_list(client, editor):
    for number in (1, 2):
        a_resource(number)
    page = reverse("bulk-preview", args=["resource"])
    tree = strictly(client.get(page + "?all=yes&do=publish"))
    token = tree.find(".//input[@name='token']").get("value")
    client.post(page, {"token": token})
    assert set(Resource.objects.values_list("state", flat=True)) == {"published"}
    see(client, reverse("bulk-preview", args=["report"]), status=404)


def test_a_field_is_chosen_previewed_and_changed_from_the_list_of_resources(client, editor):
    for number in (1, 2):
        a_resource(number)
    page = reverse("bulk-preview", args=["resource"])
    assert "2 resources chosen." in see(client, page + "?all=yes&do=set-field")
    query = "?all=yes&do=set-field&field=publisher&value=The+Press"
    assert "2 would change" in see(client, page + query)
    tree = strictly(client.get(page + query))
    token = tree.find(".//input[@name='token']").get("value")
    done = client.post(page, {"token": token})
    assert set(Resource.objects.values_list("publisher", flat=True)) == {"The Press"}
    assert "Publisher: The Press." in see(client, done.url)
    assert "set-field" in client.get(reverse("held-resources")).content.decode()
    checked("A1")
    assert "set-field" not in client.get(reverse("staff")).content.decode()
