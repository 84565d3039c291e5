"""Publishers as bodies: their publications, links, and records that staff add for them."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.library.conftest import make_resource
from waymark.accounts.models import Role, State
from waymark.bodies.models import Body
from waymark.bodies.services import BodyAbout, add_body
from waymark.core.errors import NotPermitted
from waymark.library.queries import publishers
from waymark.library.services import catalogue_resource

pytestmark = pytest.mark.django_db
VISITOR = AnonymousUser()


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


def published(key, by, **about):
    resource = make_resource(key, publisher=by, **about)
    catalogue_resource(by=None, resource=resource, now=NOON)
    return resource


def titles(body, person=VISITOR):
    return [row.title for row in publishers.publications_of(body, person, NOON)]


def test_a_body_has_the_publications_with_any_of_its_names_newest_first():
    body = add_body(by=None, about=BodyAbout("Pond Trust", other_names=("PT",)), now=NOON)
    published("a", "Pond Trust", title="First", year=2001)
    published("b", "PT", title="Second", year=2009)
    published("c", "Lake Trust", title="Of another")
    published("d", "PT", title="Hidden", year=2010, state=State.INTERNAL)
    assert titles(body) == ["Second", "First"]
    assert titles(body, make_person(Role.CATALOGUER)) == ["Hidden", "Second", "First"]


def test_the_page_of_a_publication_links_to_its_publisher_and_back(client):
    published("a", "Pond Trust", title="Otters in ponds")
    assert "/bodies/" not in client.get("/resources/a/").content.decode().split("<main")[1]
    body = add_body(by=None, about=BodyAbout("Pond Trust", listed=True), now=NOON)
    assert reverse("body", args=[body.key]) in client.get("/resources/a/").content.decode()
    page = client.get(reverse("body", args=[body.key])).content.decode()
    assert "Otters in ponds" in page
    sent = client.get(reverse("body-json", args=[body.key])).json()
    assert [work["key"] for work in sent["publications"]] == ["a"]


def test_the_json_of_a_body_has_a_limit_and_the_number_of_all(client, monkeypatch):
    monkeypatch.setattr("waymark.web.bodies.public.MOST_IN_JSON", 2)
    body = add_body(by=None, about=BodyAbout("Pond Trust", listed=True), now=NOON)
    for year in (2001, 2002, 2003):
        published(f"a{year}", "Pond Trust", title=f"Otters of {year}", year=year)
    sent = client.get(reverse("body-json", args=[body.key])).json()
    assert [work["key"] for work in sent["publications"]] == ["a2003", "a2002"]
    assert (sent["publications_total"], sent["reviews_total"]) == (3, 0)


def test_a_body_without_a_public_page_is_not_linked(client):
    published("a", "Pond Trust")
    body = add_body(by=None, about=BodyAbout("Pond Trust"), now=NOON)
    assert reverse("body", args=[body.key]) not in client.get("/resources/a/").content.decode()


def test_staff_add_records_for_publishers_that_have_none(client):
    published("a", "Pond Trust")
    published("b", "Pond Trust")
    published("c", "Lake Trust")
    cataloguer = make_person(Role.CATALOGUER)
    proposed = publishers.publishers_without_body(cataloguer, NOON)
    assert proposed == [("Pond Trust", 2), ("Lake Trust", 1)]
    with pytest.raises(NotPermitted):
        publishers.publishers_without_body(VISITOR, NOON)
    client.force_login(cataloguer)
    assert "Pond Trust (2 publications)" in client.get(reverse("keep-bodies")).content.decode()
    names = ["Pond Trust", "Nobody's name"]
    client.post(reverse("keep-bodies"), {"of": "publishers", "name": names})
    assert list(Body.objects.values_list("name", "listed")) == [("Pond Trust", True)]
    assert publishers.publishers_without_body(cataloguer, NOON) == [("Lake Trust", 1)]


@pytest.mark.parametrize("state", [State.INTERNAL, State.WITHDRAWN, State.EXPIRED])
def test_a_publisher_whose_records_nobody_can_see_gets_no_public_record(client, state):
    """Its name may be what the record was withdrawn for; one public record makes it public."""
    published("a", "Pond Trust", state=state)
    cataloguer = make_person(Role.CATALOGUER)
    assert publishers.publishers_without_body(cataloguer, NOON) == []
    client.force_login(cataloguer)
    assert "Pond Trust" not in client.get(reverse("keep-bodies")).content.decode()
    client.post(reverse("keep-bodies"), {"of": "publishers", "name": ["Pond Trust"]})
    assert not Body.objects.exists()
    published("b", "Pond Trust")
    assert publishers.publishers_without_body(cataloguer, NOON) == [("Pond Trust", 1)]
