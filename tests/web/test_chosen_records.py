"""Records that are ticked in the results of Find, as a file or the draft of an email."""

from email import message_from_bytes
from email.policy import default

import pytest
import rispy
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_review
from tests.library.conftest import make_resource, shelve
from waymark.library.services import index_changed

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves():
    for item in (
        make_review("A1", title="Review of care", board="A board"),
        make_resource("wise", title="Wise words"),
        make_resource("more", title="More words"),
    ):
        shelve(item, now=NOON)
    make_review("hidden", title="Hidden review")
    index_changed(now=NOON)


def chosen(ending: str, *keys: str):
    return Client().get(reverse("results", args=[ending]), {"chosen": "1", "record": keys})


def test_a_file_has_the_chosen_records_in_their_order_and_none_that_is_hidden(shelves) -> None:
    answer = chosen("ris", "resource/wise", "review/A1", "review/hidden", "resource/none", "x")
    assert answer["Content-Disposition"] == 'attachment; filename="chosen-records.ris"'
    titles = [reference["title"] for reference in rispy.loads(answer.content.decode())]
    assert titles == ["Wise words", "Review of care"]


def test_an_email_draft_has_them_with_their_addresses(shelves) -> None:
    message = message_from_bytes(chosen("eml", "review/A1").content, policy=default)
    text = message.get_body().get_content()
    assert (message["X-Unsent"], message["Subject"]) == ("1", "1 record from the library")
    assert "Review of care\nhttp://testserver/reviews/A1/" in text
    assert message["To"] is None


def test_who_chose_nothing_or_too_much_is_told(shelves) -> None:
    assert b"Choose records first" in chosen("ris").content
    many = [f"resource/r{number}" for number in range(51)]
    assert b"Choose 50 records or fewer" in chosen("apa.txt", *many).content


def test_every_result_can_be_chosen(shelves) -> None:
    page = Client().get(reverse("find"), {"q": "words"}).content.decode()
    assert page.count('name="record" form="chosen"') == 2
    assert 'value="resource/wise"' in page
    assert '<form id="chosen" method="get"' in page
