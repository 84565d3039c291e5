"""The pages of the searches that a person keeps."""

import pytest
from django.urls import reverse

from tests.factories import make_person, make_report, make_review
from tests.library.conftest import shelve
from tests.web.test_pages import see, strictly
from waymark.accounts.models import Role
from waymark.library.models import SavedSearch

pytestmark = pytest.mark.django_db
PAGE = "saved-searches"


@pytest.fixture
def person(client, settings, tmp_path):
    settings.DATA = tmp_path
    review = make_review("R1", nation="Wales")
    make_report(review, "The school was told.")
    shelve(review)
    somebody = make_person(Role.READER)
    client.force_login(somebody)
    return somebody


def keep(client, asks="?q=school", name="Schools"):
    return client.post(reverse("save-search"), {"asks": asks, "name": name}, follow=True)


def test_a_search_is_kept_from_its_page_run_renamed_and_deleted(client, person):
    asked = {"q": "school", "nation": "Wales", "sort": "title", "broaden": "no"}
    page = strictly(client.get(reverse("find"), asked))
    form = next(one for one in page.iter("form") if one.get("action") == reverse("save-search"))
    asks = form.find(".//input[@name='asks']").get("value")
    kept = keep(client, asks)
    assert kept.redirect_chain[-1][0] == reverse(PAGE)
    assert "The search is saved as “Schools”." in kept.content.decode()
    number = SavedSearch.objects.get().pk
    run = client.get(reverse("saved-search", args=[number]))
    assert run.url == f"{reverse('find')}?q=school&nation=Wales&sort=title&broaden=no"
    assert "1 record" in see(client, run.url)
    client.post(reverse("rename-search", args=[number]), {"name": "All schools"})
    assert "All schools" in see(client, reverse(PAGE))
    client.post(reverse("delete-search", args=[number]))
    assert "You have no saved searches yet" in see(client, reverse(PAGE))


def test_a_name_that_is_taken_is_told_and_nothing_is_lost(client, person):
    keep(client)
    again = keep(client)
    assert "The search was not saved: you already have a search named Schools" in (
        again.content.decode()
    )
    assert again.redirect_chain[-1][0] == f"{reverse('find')}?q=school"
    keep(client, name="Other")
    other = SavedSearch.objects.get(name="Other")
    wrong = client.post(reverse("rename-search", args=[other.pk]), {"name": "Schools"})
    assert wrong.status_code == 400
    assert strictly(wrong).find(".//title").text.startswith("Error: ")
    assert "You already have a search named Schools" in wrong.content.decode()


def test_a_search_of_a_newer_version_is_shown_but_not_run(client, person):
    keep(client)
    SavedSearch.objects.update(tree={"language": 99, "tree": {}})
    assert "it cannot be run now" in see(client, reverse(PAGE))
    answer = client.get(reverse("saved-search", args=[SavedSearch.objects.get().pk]), follow=True)
    assert "saved by a newer version" in answer.content.decode()


def test_who_is_not_signed_in_is_asked_to_and_offered_nothing_to_keep(client, person):
    keep(client)
    number = SavedSearch.objects.get().pk
    client.logout()
    assert "Save this search" not in see(client, f"{reverse('find')}?q=school")
    for name, args in ((PAGE, []), ("saved-search", [number])):
        assert client.get(reverse(name, args=args)).url.startswith(reverse("sign-in"))
    for name, args in (
        ("save-search", []),
        ("rename-search", [number]),
        ("delete-search", [number]),
    ):
        assert client.post(reverse(name, args=args)).url.startswith(reverse("sign-in"))
    assert SavedSearch.objects.count() == 1


def test_another_persons_search_is_not_there(client, person):
    keep(client)
    number = SavedSearch.objects.get().pk
    client.force_login(make_person(Role.ADMINISTRATOR))
    assert client.get(reverse("saved-search", args=[number])).status_code == 404
    assert client.post(reverse("delete-search", args=[number])).status_code == 404
    assert client.post(reverse("rename-search", args=[number]), {"name": "x"}).status_code == 404
    assert "You have no saved searches yet" in see(client, reverse(PAGE))


@pytest.mark.parametrize(
    "asks", ["", "?", "?q=%00", "nonsense", "?page=x&sort=sideways", "x" * 20_000]
)
def test_whatever_is_sent_to_be_kept_gets_an_answer(client, person, asks):
    assert keep(client, asks).status_code == 200


def test_a_search_is_changed_by_post_alone(client, person):
    keep(client)
    number = SavedSearch.objects.get().pk
    for name, args in (
        ("save-search", []),
        ("rename-search", [number]),
        ("delete-search", [number]),
    ):
        assert client.get(reverse(name, args=args)).status_code == 405
