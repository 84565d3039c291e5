"""The pace of costly pages: visitors are limited by network, people with an account are not."""

from threading import BoundedSemaphore

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from tests.factories import make_person
from waymark.accounts.models import Role
from waymark.documents.files.storage import original_path, page_images_folder
from waymark.web.middleware import pacing
from waymark.web.server import slow_work

pytestmark = pytest.mark.django_db

OAI = "/oai/?verb=Identify"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test."""
    settings.DATA = tmp_path


@pytest.mark.parametrize(
    ("limiter", "address"),
    [
        (pacing.HARVESTS, OAI),
        (pacing.EXPORTS, "/library/results.ris?q=neglect"),
        (pacing.EXPORTS, "/library/results.json?q=neglect"),
        (pacing.COMPARISONS, "/compare/one/two/"),
    ],
)
def test_a_network_over_the_pace_is_asked_to_wait_and_others_are_not(
    limiter, address, monkeypatch, caplog
):
    monkeypatch.setattr(limiter, "at_once", 2.0)
    monkeypatch.setattr(limiter, "a_minute", 0)
    statuses = [
        Client().get(address, REMOTE_ADDR=f"2001:db8::{at}").status_code for at in (1, 2, 3)
    ]
    assert statuses[2] == 429
    assert 429 not in statuses[:2]
    caplog.clear()
    refused = Client().get(address, REMOTE_ADDR="2001:db8::4")
    assert (refused["Retry-After"], caplog.records) == ("60", [])
    assert Client().get(address, REMOTE_ADDR="2001:db8:0:1::").status_code != 429


def send_to(name, address):
    page = Client(REMOTE_ADDR=address).post(reverse(name), {"q": "x"})
    return page.status_code


def test_one_ipv6_site_cannot_fill_a_form_from_its_many_networks(monkeypatch):
    """65,536 networks of 64 bits, each within its limit; other sites and IPv4 are not affected."""
    monkeypatch.setattr(pacing.FORMS_OF_SITES, "at_once", 3.0)
    monkeypatch.setattr(pacing.FORMS_OF_SITES, "a_minute", 0)
    assert [send_to("concern", f"2001:db8:5:{at:x}::1") for at in range(3)] == [400] * 3
    assert send_to("ask", "2001:db8:5:ffff::1") == 429
    assert Client(REMOTE_ADDR="2001:db8:5:ffff::1").get(reverse("ask")).status_code == 200
    assert send_to("ask", "2001:db8:6:1::1") == 400
    assert [send_to("ask", "192.0.2.1") for _ in range(4)] == [400] * 4


def test_staff_send_forms_from_a_site_that_is_over_the_limit(client, monkeypatch):
    monkeypatch.setattr(pacing.FORMS_OF_SITES, "at_once", 0.0)
    client.force_login(make_person(Role.CATALOGUER))
    answer = client.post(reverse("concern"), {"q": "x"}, REMOTE_ADDR="2001:db8:5:1::1")
    assert answer.status_code == 400


@pytest.mark.parametrize("name", sorted(pacing.OPEN_FORMS))
def test_each_form_that_is_paced_exists(name):
    assert get_resolver().reverse_dict.getlist(name)


def test_people_with_an_account_are_not_limited(client, monkeypatch):
    monkeypatch.setattr(pacing.HARVESTS, "at_once", 0.0)
    assert client.get(OAI).status_code == 429
    client.force_login(make_person(Role.READER))
    assert client.get(OAI).status_code == 200


@pytest.fixture
def pages(report):
    """Addresses of an image that is stored, and of one that has to be drawn."""
    report.pages.update(has_image=True)
    stored = page_images_folder() / report.key[:2] / f"{report.key}-1-480.webp"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"IMAGE")
    original = original_path(report.original_id)
    original.parent.mkdir(parents=True)
    original.write_bytes(b"no PDF")
    return [reverse("page-image-webp", args=[report.key, 1, width]) for width in (480, 800)]


def statuses(addresses):
    return [Client().get(address).status_code for address in addresses]


def test_only_images_that_have_to_be_drawn_are_paced(pages, monkeypatch):
    monkeypatch.setattr(pacing.DRAWINGS, "at_once", 0.0)
    assert statuses(pages) == [200, 429]


def test_two_threads_never_wait_for_an_image(pages, monkeypatch):
    monkeypatch.setattr(slow_work, "_places", BoundedSemaphore(1))
    assert slow_work.WAITING_AT_ONCE == slow_work.THREADS - 2
    with slow_work.place_to_wait():
        assert statuses(pages) == [200, 503]
    # Free again, also after a page that cannot be drawn.
    assert statuses(pages) == [200, 404]
    assert statuses(pages) == [200, 404]
