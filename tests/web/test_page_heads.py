"""The head of a page: its own description, its address, and what a shared link shows of it."""

import pytest
from django.urls import reverse

from tests.factories import make_review
from tests.web.test_pages import strictly
from waymark.web.middleware.robots import pages_to_list

pytestmark = pytest.mark.django_db
GENERAL = "Learning from case reviews, with the evidence for every number."


def head_of(client, address):
    """Name or property -> content of the meta elements, and the canonical address."""
    page = strictly(client.get(address))
    metas = {
        meta.get("name") or meta.get("property"): meta.get("content") for meta in page.iter("meta")
    }
    links = [link.get("href") for link in page.iter("link") if link.get("rel") == "canonical"]
    return metas, links


def listed_pages(client):
    """Listed pages of the site that are HTML and do not lead elsewhere."""
    answers = {address: client.get(address) for address in pages_to_list()}
    return [
        address
        for address, answer in answers.items()
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
    ]


def test_every_listed_page_has_a_description_of_its_own_and_its_address(client):
    descriptions = {}
    for address in listed_pages(client):
        metas, canonical = head_of(client, address)
        descriptions[address] = metas["description"]
        assert canonical == [f"http://testserver{address}"], address
    assert len(descriptions) >= 9
    assert GENERAL not in descriptions.values()
    assert len(set(descriptions.values())) == len(descriptions)


def test_an_address_with_a_query_is_the_same_page(client):
    assert head_of(client, "/about/?from=a-newsletter")[1] == ["http://testserver/about/"]


def test_what_a_shared_link_shows_names_no_review(client):
    make_review("OG1", title="Case review: Child Maple")
    review, canonical = head_of(client, reverse("review", args=["OG1"]))
    home, _canonical = head_of(client, "/")
    shown = {name: text for name, text in review.items() if name and name.startswith("og:")}
    assert shown == {name: text for name, text in home.items() if name and name.startswith("og:")}
    assert len(shown) == 4
    assert "Maple" not in str(shown)
    assert canonical == []
