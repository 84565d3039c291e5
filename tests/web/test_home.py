"""The home page: doors, topics, findings, what is new; each number links to what it counts."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import make_resource, shelve
from tests.web.test_pages import see, strictly, words_of
from tests.written_once import written_once
from waymark.accounts.models import Role, State
from waymark.library.services.topics import load_builtin_topics

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def library(settings, tmp_path):
    """Two public reviews and one of staff, two public resources and one of staff, the topics."""
    settings.DATA = tmp_path
    _shelved()


@written_once
def _shelved():
    load_builtin_topics(by=None, now=NOON)
    neglect = make_review("H1", title="A review of neglect")
    make_report(neglect, "Neglect was seen late.")
    sleep = make_review("H2", title="A review of co-sleeping")
    make_report(sleep, "Nobody asked where the baby slept.")
    hidden = make_review("H3", title="Internal review of neglect", state=State.INTERNAL)
    things = (
        *(make_resource("first", title="First words"), neglect, sleep, hidden),
        *(make_resource("last", title="Last words"), inside()),
    )
    for hours, thing in enumerate(things):
        shelve(thing, now=NOON + timedelta(hours=hours))


def inside():
    return make_resource("inside", title="Inside words", state=State.INTERNAL)


def numbers_on_home(client):
    """Address -> number, of each link of the home page that shows one."""
    links = strictly(client.get("/")).iterfind(".//main//a")
    numbers = [(link.get("href"), re.search(r"\d+", words_of(link))) for link in links]
    return {address: int(number[0]) for address, number in numbers if number}


def counted_on(client, address):
    """The number of things that a page says it lists, and that it lists."""
    page = strictly(client.get(address, follow=True))
    headings = [page.find(f".//h2[@id='{name}']") for name in ("found", "listed")]
    heading = next((heading for heading in headings if heading is not None), None)
    if heading is not None:
        return int(re.search(r"\d+", words_of(heading))[0])
    if address == reverse("overviews"):
        return len(page.findall(".//main//li/h2"))
    # A topic: the button leads to its reviews.
    ways = [link for link in page.iterfind(".//main//a") if "review" in words_of(link)]
    return counted_on(client, ways[0].get("href"))


@pytest.mark.parametrize("roles", [(), (Role.CATALOGUER,)], ids=["a visitor", "staff"])
def test_each_number_is_what_its_page_counts(client, roles):
    if roles:
        client.force_login(make_person(*roles))
    numbers = numbers_on_home(client)
    assert len([number for number in numbers.values() if number]) >= 4
    for address, number in numbers.items():
        if number:
            assert counted_on(client, address) == number, address


def test_staff_count_what_is_not_public_and_visitors_do_not(client):
    assert sorted(numbers_on_home(client).values(), reverse=True)[:2] == [2, 2]
    client.force_login(make_person(Role.CATALOGUER))
    assert sorted(numbers_on_home(client).values(), reverse=True)[:2] == [3, 3]


def test_three_doors_lead_to_pages_that_exist(client):
    doors = strictly(client.get("/")).findall(".//section[@class='door']")
    names = [words_of(door.find("h2")) for door in doors]
    assert names == ["I work with children", "I need evidence", "We commission reviews"]
    for door in doors:
        links = [link.get("href") for link in door.iter("a")]
        assert len(links) >= 2
        assert {client.get(address, follow=True).status_code for address in links} == {200}
    earlier = [link for link in doors[2].iter("a") if words_of(link) == "Earlier reviews"]
    assert [link.get("href") for link in earlier] == ["/find/?kind=case-review"]


def test_without_deposits_no_door_asks_for_one(client, settings):
    assert "Deposit a report" in see(client, "/")
    settings.DEPOSITS = False
    assert "Deposit a report" not in see(client, "/")


def test_no_door_offers_a_comparison_before_two_overviews_are_published(client):
    assert "Findings across reviews" in see(client, "/")
    assert "Compare two overviews" not in see(client, "/")


def test_new_are_the_last_public_reviews_and_resources_newest_first(client):
    client.force_login(make_person(Role.CATALOGUER))
    assert _newest_headings(client) == [
        "Last words",
        "A review of co-sleeping",
        "A review of neglect",
        "First words",
    ]


def test_a_visitor_and_a_search_engine_read_the_name_of_no_review_on_the_home_page(client):
    """Search engines may list it, so the words of a review must not lead to it."""
    headings = _newest_headings(client)
    assert headings == ["Last words", "Case review", "Case review", "First words"]
    page = client.get("/")
    assert "X-Robots-Tag" not in page
    links = strictly(page).iterfind(".//section[@aria-labelledby='newest']//a[@rel='nofollow']")
    assert len(list(links)) == 2


def _newest_headings(client):
    section = strictly(client.get("/")).find(".//section[@aria-labelledby='newest']")
    return [words_of(heading) for heading in section.iter("h3")]
