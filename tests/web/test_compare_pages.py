"""Comparing two overviews, and a draft with an edition: choose tables, then what differs."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.web.test_overview_pages import SPEC, given_out
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.models import Role
from waymark.overview.queries.overviews import overview_for
from waymark.overview.services import freeze_overview, revise_overview

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"first": "demo"}, "Choose two overviews."),
        ({"first": "demo", "second": "demo"}, "Choose two different overviews."),
        ({"first": "demo", "second": "other"}, "Choose overviews from the list."),
    ],
)
def test_a_choice_that_means_nothing_is_told(chosen, said):
    answer = Client().get(reverse("compare"), chosen)
    assert answer.status_code == 400
    assert said in answer.content.decode()


def test_without_two_overviews_there_is_nothing_to_choose():
    page = Client().get(reverse("compare")).content.decode()
    assert "when at least two have been published" in page


def test_what_does_not_stand_is_not_compared():
    assert Client().get(reverse("comparison", args=["a", "b"])).status_code == 404
    assert Client().get(reverse("comparison-csv", args=["a", "b"])).status_code == 404


# ---- two that are there ----


@pytest.fixture
def edition(coded, settings, tmp_path):
    """The first edition of an overview of one review."""
    settings.DATA = tmp_path
    return given_out(SPEC)


def shown(tree):
    """The summary of the choice, and the tables that are there, open or folded."""
    tables = tree.findall(".//details[@class='compared overview']")
    chosen = words_of(tree.find(".//details[@class='panel choose-tables no-print']/summary"))
    return chosen, [(words_of(one.find("summary")), one.get("open") == "") for one in tables]


def test_a_comparison_begins_with_the_choice_of_tables_and_folds_them(client, edition):
    page = reverse("comparison", args=["small", "small"])
    see(client, page)
    titles = ["Reviews read", "Nature of the incident", "Children by sex"]
    summary, tables = shown(strictly(client.get(page)))
    assert summary == "Choose tables (all 5 shown)"
    assert [title for title, _ in tables[:3]] == titles
    assert not any(is_open for _, is_open in tables)
    summary, tables = shown(strictly(client.get(page, {"table": ["T3", "T99"]})))
    assert (summary, tables) == (
        "Choose tables (1 of 5 shown)",
        [("Nature of the incident", True)],
    )


def test_the_file_has_the_chosen_tables(client, edition):
    page = reverse("comparison-csv", args=["small", "small"])
    rows = client.get(page, {"table": "T5"}).content.decode("utf-8-sig").splitlines()[1:]
    assert rows
    assert all(row.startswith("Children by sex,") for row in rows)


def test_staff_see_what_a_draft_would_change_with_the_same_parts(client, edition):
    analyst = make_person(Role.ANALYST)
    client.force_login(analyst)
    page = reverse("compare-draft", args=["small"])
    assert "Both count the same reviews" in see(client, page)
    assert strictly(client.get(page)).find(".//table") is not None
    # A title is no number: nothing differs, and the first is the edition.
    retitled = SPEC.replace("title: Children by sex", "title: Girls and boys")
    overview = overview_for("small")
    revise_overview(by=analyst, overview=overview, spec=retitled, file="small.yaml", now=NOON)
    freeze_overview(by=analyst, overview=overview, now=NOON)
    words = see(client, f"{page}?with=small@1&table=T5")
    assert "No row is listed here: the numbers are in the tables below." in words
    assert "Choose tables (1 of 5 shown)" in words


def test_an_edition_that_is_not_there_is_refused_in_words(client, edition):
    client.force_login(make_person(Role.EDITOR))
    answer = client.get(reverse("compare-draft", args=["small"]), {"with": "small@9"})
    assert answer.status_code == 400
    assert "Choose an edition from the list." in words_of(strictly(answer))
