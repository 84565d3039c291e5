"""Advanced search and search history: forms that become searches in the query language."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from tests.factories import make_person
from tests.library.conftest import make_resource, shelve
from waymark.accounts.models import Role
from waymark.library.search.composed import AdvancedSearch, EarlierSearch, combined_query
from waymark.web.library.search_history import MOST

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def library(settings, tmp_path):
    settings.DATA = tmp_path
    shelve(
        make_resource("ash", title="Otters in ponds", authors=["Ash, Ann"], year=2004),
        make_resource("elm", title="Ponds without otters", kind="tool", year=2010),
    )


def sent_to(response):
    assert response.status_code == 302
    address = urlsplit(response.url)
    return address.path, {name: values[0] for name, values in parse_qs(address.query).items()}


# ---- the form ----


def test_each_field_becomes_a_part_of_the_query():
    search = AdvancedSearch(
        every="otter pond",
        phrase="bed sharing",
        either="lake OR river",
        without="sea",
        title="Ponds: a study",
        author="Ash A",
        publisher="A Press",
        subject="neglect",
    )
    assert search.as_query() == (
        'otter pond "bed sharing" (lake OR river) title:Ponds title:a title:study '
        'author:"Ash A" publisher:"A Press" subject:neglect NOT sea'
    )
    assert AdvancedSearch().as_query() == ""


def test_the_form_leads_to_the_results_of_its_search(client):
    page = client.get(reverse("advanced-search"), {"every": "ponds", "author": "Ash A"})
    path, asked = sent_to(page)
    assert (path, asked) == ("/find/", {"q": 'ponds author:"Ash A"'})
    results = client.get(page.url)
    assert [hit.record.reference for hit in results.context["answer"].hits] == ["ash"]


def test_limits_become_filters(client):
    asked = {"kind": "tool", "from": "2009", "to": "2011", "every": "", "title": ""}
    path, sent = sent_to(client.get(reverse("advanced-search"), asked))
    assert (path, sent) == ("/find/", {"kind": "tool", "from": "2009", "to": "2011"})


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"every": ""}, "Enter words or choose a limit to search for."),
        ({"every": "x", "from": "04"}, "Enter a year of four digits, such as 2004."),
        ({"every": "x", "kind": "podcast"}, "podcast"),
    ],
)
def test_what_cannot_be_searched_is_told(client, asked, message):
    page = client.get(reverse("advanced-search"), asked)
    assert page.status_code == 400
    assert message in page.content.decode()


def test_search_engines_do_not_list_the_form(client):
    page = client.get(reverse("advanced-search"))
    assert (page.status_code, page["X-Robots-Tag"]) == (200, "noindex, nofollow")
    assert "/find/advanced/" in client.get("/find/").content.decode()


# ---- history ----


def test_earlier_searches_are_combined_with_their_filters_as_fields():
    neglect = EarlierSearch("neglect OR harm", {"kind": ["tool", "guidance"], "age": ["u1"]})
    ponds = EarlierSearch("ponds", {"from": ["2004"], "collection": ["reviews"]})
    assert combined_query([neglect, ponds], either=False) == (
        "(neglect OR harm) (kind:tool OR kind:guidance) ponds year:2004-"
    )
    assert combined_query([EarlierSearch("a b", {}), EarlierSearch("c", {})], either=True) == (
        "a b OR c"
    )
    assert combined_query([EarlierSearch("", {})], either=True) == ""


def test_a_signed_in_person_finds_the_searches_of_this_session_again(client):
    client.force_login(make_person(Role.READER))
    for query in ("otters", "ponds", "otters"):
        client.get("/find/", {"q": query})
    page = client.get(reverse("search-history"))
    searches = page.context["searches"]
    assert [(row.request.text, row.total) for row in searches] == [("otters", 2), ("ponds", 2)]
    numbers = [row.number for row in searches]
    combined = client.get(reverse("combined-search"), {"n": numbers, "how": "any"})
    assert sent_to(combined) == ("/find/", {"q": "ponds OR otters"})
    alone = client.get(reverse("combined-search"), {"n": numbers[:1]})
    assert alone.status_code == 400
    assert "Choose two or more searches to combine." in alone.content.decode()
    assert alone.context["searches"] == searches


def test_the_history_is_limited_and_can_be_deleted(client):
    client.force_login(make_person(Role.READER))
    for number in range(MOST + 2):
        client.get("/find/", {"q": f"otter{number}"})
    searches = client.get(reverse("search-history")).context["searches"]
    assert len(searches) == MOST
    assert searches[0].request.text == f"otter{MOST + 1}"
    client.post(reverse("search-history"))
    assert client.get(reverse("search-history")).context["searches"] == []


def test_a_visitor_has_no_history_and_gets_no_cookie(client):
    page = client.get("/find/", {"q": "otters"})
    assert not page.cookies
    assert client.get(reverse("search-history")).status_code == 302
