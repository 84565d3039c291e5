"""Comparing two overviews, and a draft with an edition: choose tables, then what differs."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from tests.web.test_overview_pages import SPEC, given_out
from tests.web.test_pages import see, strictly, words_of
from tests.written_once import written_once
from waymark.accounts.models import Role
from waymark.core.errors import RuleError
from waymark.overview.queries.overviews import overview_for
from waymark.overview.services import create_overview, freeze_overview, revise_overview
from waymark.web.authoring import comparing

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
    return _first_edition()


@written_once
def _first_edition():
    return given_out(SPEC)


def shown(tree):
    """The summary of the choice, and the tables that are there, open or folded."""
    tables = tree.findall(".//details[@class='compared overview']")
    chosen = words_of(tree.find(".//details[@class='panel choose-tables no-print']/summary"))
    return chosen, [(words_of(one.find("summary")), one.get("open") == "") for one in tables]


def test_a_comparison_begins_with_the_choice_of_tables_and_shows_those_chosen(client, edition):
    page = reverse("comparison", args=["small", "small"])
    see(client, page)
    titles = ["Reviews read", "Nature of the incident", "Children by sex"]
    tree = strictly(client.get(page))
    assert shown(tree) == ("Choose tables (5)", [])
    section = next(one for one in tree.iter("section") if one.get("aria-labelledby") == "all-rows")
    offered = [(words_of(one), one.get("href")) for one in section.findall("./ul/li/a")]
    assert [title for title, _ in offered[:3]] == titles
    assert offered[1] == ("Nature of the incident", "?table=T3")
    (every,) = [one.get("href") for one in tree.iter("a") if words_of(one) == "Show all tables"]
    _, tables = shown(strictly(client.get(page + every)))
    assert [title for title, _ in tables[:3]] == titles
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
    assert strictly(client.get(f"{page}?table=T5")).find(".//table") is not None
    # A title is no number: nothing differs, and the first is the edition.
    retitled = SPEC.replace("title: Children by sex", "title: Girls and boys")
    overview = overview_for("small")
    revise_overview(by=analyst, overview=overview, spec=retitled, file="small.yaml", now=NOON)
    freeze_overview(by=analyst, overview=overview, now=NOON)
    words = see(client, f"{page}?with=small@1&table=T5")
    assert "No row is listed here: choose a table to see its numbers." in words
    assert "Choose tables (1 of 5 shown)" in words


def test_two_overviews_that_differ_list_the_rows_and_the_tables_that_have_them(client, edition):
    # The other selects a second review, which nobody has coded: only the table of the reviews
    # read differs, in the rows "selected" and "not coded".
    second = make_review("W02", title="Case management review: Child Rowan")
    make_report(second, "A report that nobody has coded yet.")
    given_out(SPEC.replace("overview: small", "overview: other").replace("[W01]", "[W01, W02]"))
    page = reverse("comparison", args=["small", "other"])
    tree = strictly(client.get(page))
    (differing,) = tree.findall(".//table")
    links = {one.get("href") for one in differing.iter("a")}
    (address,) = {link.partition("#")[0] for link in links}
    assert address == "?table=T1"
    rows = len(differing.findall("./tbody/tr"))
    assert rows >= 1
    words = words_of(tree)
    assert f"Reviews read {rows} row{'s' if rows > 1 else ''} differ" in words
    (reason,) = [one for one in tree.iter("div") if one.get("id") == "why-not"]
    assert [one.get("href") for one in reason.iter("a")] == [reverse("compare")]
    chosen = strictly(client.get(page + address))
    assert shown(chosen) == ("Choose tables (1 of 5 shown)", [("Reviews read", True)])
    ids = {one.get("id") for one in chosen.iter()}
    for link in links:
        assert link.partition("#")[2] in ids


def test_a_draft_that_cannot_be_compared_is_refused_with_what_to_do(client, edition, monkeypatch):
    client.force_login(make_person(Role.ANALYST))

    def refuse(*_):
        raise RuleError("the draft cannot be shown under k5")

    monkeypatch.setattr(comparing, "compare_with_draft", refuse)
    tree = strictly(client.get(reverse("compare-draft", args=["small"])))
    assert "The draft cannot be shown under k5." in words_of(tree)
    links = {one.get("href") for one in tree.iter("a")}
    assert {reverse(name, args=["small"]) for name in ("decide", "overview-freeze")} <= links


def test_a_draft_without_numbers_leads_to_freezing_them(client, edition):
    analyst = make_person(Role.ANALYST)
    client.force_login(analyst)
    spec = SPEC.replace("overview: small", "overview: new")
    create_overview(by=analyst, spec=spec, file="new.yaml", now=NOON)
    tree = strictly(client.get(reverse("compare-draft", args=["new"])))
    assert "have not been frozen" in words_of(tree)
    assert reverse("overview-freeze", args=["new"]) in {one.get("href") for one in tree.iter("a")}


def test_an_edition_that_is_not_there_is_refused_in_words(client, edition):
    client.force_login(make_person(Role.EDITOR))
    answer = client.get(reverse("compare-draft", args=["small"]), {"with": "small@9"})
    assert answer.status_code == 400
    assert "Choose an edition from the list." in words_of(strictly(answer))
