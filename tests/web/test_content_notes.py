"""Content notes on the pages where words of reviews are read."""

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import shelve
from tests.web.test_overview_pages import SPEC, behind, given_out
from tests.web.test_pages import see, strictly
from waymark.accounts.models import Role
from waymark.library import services
from waymark.library.models import ReviewDetails

pytestmark = pytest.mark.django_db
NOTES = ["death-of-a-baby", "neglect"]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def noted(coded):
    """The coded review with two notes."""
    services.set_details(by=None, review=coded.review, content_notes=NOTES, now=NOON)
    return coded.review


def test_a_review_without_notes_says_that_it_is_about_death_or_serious_harm(client, coded):
    page = see(client, reverse("review", args=["W01"]))
    assert "This page describes the death or serious harm of a child" in page
    assert "Content note" not in page


def test_a_review_names_its_notes_before_its_words(client, noted):
    page = see(client, reverse("review", args=["W01"]))
    at = page.index("Content note: this review describes death of a baby and neglect.")
    assert at < page.index("Facts about the review")
    assert "serious harm of a child" not in page


def test_a_search_snippet_comes_after_the_notes_of_its_review(client, noted):
    shelve(noted)
    page = see(client, f"{reverse('find')}?q=depression")
    note = page.index("Content note: death of a baby and neglect")
    assert note < page.index("The mother had been treated for depression")


def test_the_passages_behind_a_number_come_after_the_notes_of_their_review(client, noted):
    given_out(SPEC)
    page = see(client, behind("T3", "infant_death", "n"))
    note = page.index("Content note: death of a baby and neglect")
    assert note < page.index("died suddenly at home")


def test_the_notes_of_a_review_that_is_not_public_are_not_shown_behind_a_number(client, noted):
    given_out(SPEC)
    noted.state = "withdrawn"
    noted.save()
    assert "Content note" not in see(client, behind("T3", "infant_death", "n"))


def test_the_passages_of_a_theme_come_after_the_notes_of_their_review(client, noted):
    page = see(client, reverse("code", args=["cr-core", "1.0.0", "prac.recording"]))
    note = page.index("Content note: death of a baby and neglect")
    assert note < page.index("The health visitor wrote no chronology.")


def test_the_pages_of_a_report_and_of_a_passage_name_the_notes(client, noted, key_of):
    key = key_of("died suddenly at home")
    for address in (
        reverse("passage", args=[key]),
        reverse("report-page", args=[key.split("-")[0], 1]),
    ):
        page = see(client, address)
        note = page.index("Content note: this review describes death of a baby and neglect.")
        assert note < page.index("died suddenly at home")


def test_where_nobody_chose_notes_the_words_of_a_report_come_after_a_general_one(
    client, coded, key_of
):
    shelve(coded.review)
    given_out(SPEC)
    key = key_of("died suddenly at home")
    code = reverse("code", args=["cr-core", "1.0.0", "prac.recording"])
    for address, words in (
        (reverse("passage", args=[key]), "died suddenly at home"),
        (reverse("report-page", args=[key.split("-")[0], 1]), "died suddenly at home"),
        (reverse("report", args=[key.split("-")[0]]), "died suddenly at home"),
        (behind("T3", "infant_death", "n"), "died suddenly at home"),
        (code, "wrote no chronology"),
        (f"{reverse('find')}?q=depression", "had been treated for depression"),
        (f"{reverse('find')}?q=depression&view=passages", "had been treated for depression"),
    ):
        page = see(client, address)
        assert page.index("the death or serious harm of a child") < page.index(words), address


def test_a_list_of_passages_comes_after_the_notes_of_their_reviews(client, noted):
    shelve(noted)
    page = see(client, f"{reverse('find')}?q=depression&view=passages")
    note = page.index("these passages are from reviews that describe death of a baby and neglect.")
    assert note < page.index("had been treated for depression")


def test_a_summary_without_detail_has_the_facts_and_none_of_the_words(client, noted):
    full = reverse("review", args=["W01"])
    (link,) = [
        link.get("href")
        for link in strictly(client.get(full)).iter("a")
        if link.text == "Summary without detail"
    ]
    page = see(client, f"{full}{link}")
    for words in (
        "Content note: this review describes death of a baby and neglect.",
        "Parental mental health problem: recorded as present",
        "Communication and information sharing",
    ):
        assert words in page
    for words in ("treated for depression", "died suddenly at home", "Child Beech was a girl"):
        assert words not in page
    assert full in [link.get("href") for link in strictly(client.get(f"{full}{link}")).iter("a")]


def test_the_summary_of_a_review_that_is_not_public_is_not_shown(client, noted):
    noted.state = "internal"
    noted.save()
    answer = client.get(f"{reverse('review', args=['W01'])}?view=summary")
    assert answer.status_code == 404


def test_a_cataloguer_ticks_the_notes_of_a_review(client):
    review = make_review("T1", title="Case review: Child Oak")
    make_report(review, "A girl died at home.")
    client.force_login(make_person(Role.CATALOGUER))
    address = reverse("edit-review", args=["T1"])
    tree = strictly(client.get(address))
    boxes = {
        box.get("value"): box for box in tree.iter("input") if box.get("name") == "content_notes"
    }
    assert list(boxes)[:2] == ["suicide", "self-harm"]
    seen = next(box.get("value") for box in tree.iter("input") if box.get("name") == "seen")
    form = {"title": review.title, "seen": seen, "do": "save"}
    assert (
        client.post(address, {**form, "content_notes": ["neglect", "suicide"]}).status_code == 302
    )
    assert ReviewDetails.objects.get().content_notes == ["suicide", "neglect"]
    ticked = [
        box.get("value")
        for box in strictly(client.get(address)).iter("input")
        if box.get("name") == "content_notes" and box.get("checked") is not None
    ]
    assert ticked == ["suicide", "neglect"]


def test_a_note_that_is_not_in_the_list_is_refused(client):
    review = make_review("T1", title="Case review: Child Oak")
    client.force_login(make_person(Role.CATALOGUER))
    address = reverse("edit-review", args=["T1"])
    answer = client.post(address, {"title": review.title, "do": "save", "content_notes": ["gore"]})
    assert answer.status_code == 400
    assert "Content notes: choose from the list." in answer.content.decode()


def test_the_cataloguer_is_told_which_notes_the_agreed_facts_point_to(client, coded):
    client.force_login(make_person(Role.CATALOGUER))
    page = see(client, reverse("edit-review", args=["W01"]))
    assert "The agreed facts also point to these content notes: death of a baby." in page
