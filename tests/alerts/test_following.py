"""Topics, searches and saved searches lead to the alerts with the choice kept."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_person, make_report, make_review
from tests.library.conftest import shelve
from tests.web.test_pages import strictly, words_of
from waymark.accounts.models import Role
from waymark.alerts.choices import LONGEST_SEARCH
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription
from waymark.web.alerts.followed import MOST_SEARCHES, searches_in

pytestmark = pytest.mark.django_db


def email_link(answer) -> str:
    """The link that says "by email"."""
    links = [one for one in strictly(answer).iter("a") if "by email" in words_of(one)]
    (address,) = [one.get("href") for one in links if one.get("href").startswith("/alerts/")]
    return address


def ticked(answer) -> list[str]:
    """Labels of the choices that are ticked."""
    tree = strictly(answer)
    labels = {one.get("for"): words_of(one) for one in tree.iter("label")}
    boxes = [one for one in tree.iter("input") if one.get("type") == "checkbox"]
    return [labels[one.get("id")] for one in boxes if one.get("checked") is not None]


def test_a_topic_a_search_and_a_saved_search_lead_there_with_the_choice(client, settings, tmp_path):
    settings.DATA = tmp_path
    review = make_review("R1", title="Safer sleep", nation="Wales")
    make_report(review, "The school was told.")
    shelve(review)
    description = TopicDescription("Sleep", "How babies sleep.", words=("safer sleep",))
    add_topic(by=None, key="sleep", description=description, now=timezone.now())
    topic = email_link(client.get(reverse("topic", args=["sleep"])))
    assert ticked(client.get(topic)) == ["Sleep"]
    query = "?q=school&nation=Wales&sort=title"
    search = email_link(client.get(reverse("find") + query))
    assert ticked(client.get(search)) == ["school, with 1 filter"]
    client.force_login(make_person(Role.READER))
    client.post(reverse("save-search"), {"asks": query, "name": "Schools"})
    saved = email_link(client.get(reverse("saved-searches")))
    assert ticked(client.get(saved)) == ["school, with 1 filter"]


def test_all_records_are_no_search_to_follow():
    assert searches_in(["", "?", "?sort=title", "?page=2", "?nothing=1"]) == []


def test_a_form_follows_a_few_searches_and_none_that_is_too_long():
    assert len(searches_in(f"q=word{number}" for number in range(30))) == MOST_SEARCHES
    assert searches_in([f"q={'é' * (LONGEST_SEARCH // 4)}"]) == []
    (long,) = searches_in([f"q={'a ' * 150}b"])
    assert len(long.name) < 200
