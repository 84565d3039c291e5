"""The head of a page: its own description, its address, and what a shared link shows of it."""

import json
import re

import pytest
from django.urls import reverse

from tests.factories import NOON, make_review
from tests.library.conftest import shelve
from tests.web.test_overview_pages import SPEC, behind, given_out
from tests.web.test_pages import strictly
from waymark.library.services import set_details
from waymark.web.middleware.robots import pages_to_list

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test."""
    settings.DATA = tmp_path


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
    assert canonical == ["http://testserver/reviews/OG1/"]


def test_every_public_page_has_a_description_and_one_address_of_its_own(client, coded, key_of):
    """Also those that search engines must not list: people share and print them."""
    given_out(SPEC)
    review = coded.review
    review.title, review.summary = "Review of Maple", "About Maple."
    review.save()
    key = key_of("died suddenly at home")
    seen = {}
    for address in (
        reverse("review", args=["W01"]),
        reverse("report", args=[coded.key]),
        reverse("report-page", args=[coded.key, 1]),
        reverse("passage", args=[key]),
        reverse("code", args=["cr-core", "1.0.0", "prac.recording"]),
        behind("T3", "infant_death", "n"),
        reverse("overview", args=["small"]),
        reverse("overview-table", args=["small", "T3"]),
    ):
        metas, canonical = head_of(client, address)
        assert canonical == [f"http://testserver{address}"], address
        assert "Maple" not in metas["description"], address
        seen[address] = metas["description"]
    assert GENERAL not in seen.values()
    assert len(set(seen.values())) == len(seen)


def test_a_later_page_of_a_list_is_an_address_of_its_own(client):
    code = reverse("topics")
    assert head_of(client, f"{code}?page=2&from=mail")[1] == [f"http://testserver{code}?page=2"]
    for first in ("1", "01", "x", "\u0662"):
        assert head_of(client, f"{code}?page={first}")[1] == [f"http://testserver{code}"]


def test_pages_that_are_not_there_have_no_address(client):
    for address in ("/nowhere/", "/reviews/none/"):
        assert head_of(client, address)[1] == []


# ---- for search engines, as schema.org ----


def json_ld_of(client, address):
    page = strictly(client.get(address))
    (script,) = [
        element.text
        for element in page.iter("script")
        if element.get("type") == "application/ld+json"
    ]
    return json.loads(script)


def test_an_overview_is_a_report_whose_numbers_are_a_data_set(client, coded, settings):
    settings.ORGANISATION = "Northshire </script> Partnership"
    settings.DATA_LICENCE = "CC-BY-4.0"
    given_out(SPEC)
    address = reverse("overview", args=["small"])
    node = json_ld_of(client, address)
    assert (node["@context"], node["@type"]) == ("https://schema.org", "Report")
    assert node["@id"] == node["url"] == f"http://testserver{address}"
    assert node["publisher"] == {"@type": "Organization", "name": settings.ORGANISATION}
    assert node["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", node["datePublished"])
    data = node["hasPart"]
    assert data["@type"] == "Dataset"
    # Search engines ask for a name, and a description of at least 50 characters.
    assert data["name"] == f"{node['name']}: data"
    assert len(data["description"]) >= 50
    files = {part["contentUrl"]: part["encodingFormat"] for part in data["distribution"]}
    assert files[f"http://testserver{address}data.zip"] == "application/zip"
    for url, media_type in files.items():
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert answer["Content-Type"].startswith(media_type), url


def test_the_data_of_the_library_are_a_data_set_with_its_files(client, coded, settings):
    settings.DATA_LICENCE = ""
    node = json_ld_of(client, reverse("data"))
    assert node["@type"] == "Dataset"
    assert "license" not in node
    kinds = {part["encodingFormat"] for part in node["distribution"]}
    assert kinds == {"text/csv", "application/vnd.apache.parquet"}
    assert "http://testserver/data/reviews.csv" in {
        part["contentUrl"] for part in node["distribution"]
    }


def test_a_review_tells_search_engines_nothing_on_its_page_and_programs_its_rights(client):
    review = make_review("OG1", title="Case review: Child Maple")
    shelve(review)
    set_details(by=None, review=review, rights_holder="A board", licence="OGL-UK-3.0", now=NOON)
    assert (
        '<script type="application/ld+json'
        not in client.get(reverse("review", args=["OG1"])).content.decode()
    )
    node = json.loads(client.get(reverse("review-record", args=["OG1", "jsonld"])).content)
    assert node["@type"] == "Report"
    assert node["copyrightHolder"] == {"@type": "Organization", "name": "A board"}
    assert node["license"].startswith("https://www.nationalarchives.gov.uk/")
