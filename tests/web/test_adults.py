"""Adults and many facts on the page of a review."""

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.frameworks.test_version_1_1 import ALONE
from tests.pipeline.test_adults import DECIDE, GOOD
from tests.web.test_pages import see
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.frameworks.services import load_framework, publish_framework
from waymark.web.library import reviews

pytestmark = pytest.mark.django_db


@pytest.fixture
def coded(report):
    made = load_framework(by=None, source=ALONE, file="small.yaml", now=NOON)
    publish_framework(by=None, framework=made, now=NOON)
    make_person(Role.CODER, name="first")
    make_person(Role.ANALYST, name="judge")
    pipeline.import_coding_file(source=GOOD, file="T1.yaml", now=NOON)
    agreed = DECIDE.partition("decisions:")[0] + "decisions: []\n"
    pipeline.import_coding_file(source=agreed, file="T1.decided.yaml", now=NOON)
    return report


def test_the_page_of_a_review_shows_its_adults_with_the_words(client, coded):
    page = see(client, reverse("review", args=["T1"]))
    assert "The adults" in page
    assert "The lodger Age of the adult 34 years" in page
    assert "Nature of the incident Assault" in page


def test_adults_go_with_the_words_of_the_reports(client, coded):
    coded.state = State.WITHDRAWN
    coded.save()
    assert "The lodger" not in see(client, reverse("review", args=["T1"]))


def test_more_facts_than_fit_in_columns_are_a_list_for_each_child(client, coded, monkeypatch):
    monkeypatch.setattr(reviews, "MOST_COLUMNS", 0)
    page = see(client, reverse("review", args=["T1"]))
    assert "Child A Impairment of the child Hearing, Learning" in page
    assert "Not coded" not in page
