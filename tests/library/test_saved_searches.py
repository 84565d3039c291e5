"""Searches that people keep: what is kept of them, and that they outlive what they were made on."""

import json

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import ask, found, make_subject, shelve
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.library.models import SavedSearch
from waymark.library.queries import saved_search, saved_searches
from waymark.library.search.parser import parse_query
from waymark.library.services import rebuild_index
from waymark.library.services.saved_searches import (
    MOST_SAVED,
    delete_search,
    rename_search,
    save_search,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_person(Role.READER)


def keep(person, query="baby NOT fracture", name="Babies", **how):
    return save_search(by=person, name=name, query=query, now=NOON, **how)


def test_what_was_typed_and_chosen_is_kept(person):
    keep(
        person,
        '(baby OR infan*) "not seen" added:2026-01',
        filters={"nation": ["Wales"], "state": ["internal"], "year": []},
        sort="added",
        broaden=False,
    )
    (kept,) = saved_searches(person)
    assert kept.tree == parse_query('(baby OR infan*) "not seen" added:2026-01').tree
    assert kept.text == '(baby OR infan*) "not seen" added:2026-01'
    assert kept.filters == {"nation": ("Wales",)}
    assert (kept.name, kept.sort, kept.broaden, kept.unreadable) == (
        "Babies",
        "added",
        False,
        False,
    )


def test_the_years_that_limit_a_search_are_saved_with_it(person):
    keep(person, filters={"from": ["2004"], "to": ["2011"], "kind": ["scr"]})
    (saved,) = saved_searches(person)
    assert saved.filters == {"from": ("2004",), "to": ("2011",), "kind": ("scr",)}


def test_a_kept_search_holds_no_word_that_the_thesaurus_added(person):
    make_subject("neglect", "Neglect", "Failure to care")
    shelve(make_review("R1"))
    assert ask("neglect").related_terms
    keep(person, "neglect")
    assert SavedSearch.objects.get().tree == {"language": 2, "tree": {"word": "neglect"}}


def test_a_search_for_everything_can_be_kept(person):
    keep(person, "", filters={"nation": ["Wales"]})
    (kept,) = saved_searches(person)
    assert (kept.tree, kept.text, kept.unreadable) == (None, "", False)


def test_a_kept_search_finds_the_same_after_the_index_is_built_anew(person):
    review = make_review("R1")
    make_report(review, "The baby was seen.")
    shelve(review)
    number = keep(person, "baby").pk
    rebuild_index(now=NOON)
    assert found(ask(saved_search(number, person).text)) == ["R1"]


def test_a_search_kept_in_the_first_version_of_the_language_still_runs(person):
    saved = keep(person)
    saved.tree = {"language": 1, "tree": {"all": [{"word": "baby"}, {"not": {"word": "fracture"}}]}}
    saved.save()
    kept = saved_search(saved.pk, person)
    assert (kept.text, kept.unreadable) == ("baby NOT fracture", False)


def test_a_search_kept_by_a_newer_version_stays_and_is_told(person):
    saved = keep(person)
    newer = {"language": 99, "tree": {"near": ["baby", "fracture"]}}
    saved.tree = newer
    saved.save()
    kept = saved_search(saved.pk, person)
    assert (kept.unreadable, kept.text) == (True, "")
    assert [one.name for one in saved_searches(person)] == ["Babies"]
    rename_search(by=person, number=saved.pk, name="Later", now=NOON)
    saved.refresh_from_db()
    assert (saved.name, saved.tree) == ("Later", newer)


def test_a_search_is_renamed_and_deleted_by_whoever_keeps_it(person):
    number = keep(person).pk
    rename_search(by=person, number=number, name="  Infants   and more ", now=NOON)
    assert saved_search(number, person).name == "Infants and more"
    delete_search(by=person, number=number, now=NOON)
    assert saved_searches(person) == []


def test_nobody_else_sees_or_changes_a_kept_search(person):
    number = keep(person).pk
    other = make_person(Role.ADMINISTRATOR)
    assert saved_searches(other) == []
    for act in (
        lambda: saved_search(number, other),
        lambda: saved_search(number, AnonymousUser()),
        lambda: rename_search(by=other, number=number, name="Mine", now=NOON),
        lambda: delete_search(by=other, number=number, now=NOON),
    ):
        with pytest.raises(NotFound):
            act()
    assert saved_search(number, person).name == "Babies"


def test_keeping_needs_an_account():
    with pytest.raises(NotPermitted):
        keep(AnonymousUser())
    assert saved_searches(AnonymousUser()) == []


@pytest.mark.parametrize(
    ("query", "name", "says"),
    [
        ("baby", "", "enter a name for the search"),
        ("baby", "  \n ", "enter a name for the search"),
        ("baby", "x" * 121, "120 characters"),
        ("baby", "Taken", "already have a search named Taken"),
        ("!!!", "New", "enter a search that contains words"),
    ],
)
def test_what_cannot_be_kept_is_told(person, query, name, says):
    keep(person, name="Taken")
    with pytest.raises(RuleError, match=says):
        keep(person, query, name)
    assert len(saved_searches(person)) == 1


def test_two_people_may_use_one_name(person):
    keep(person)
    keep(make_person(Role.READER))
    assert SavedSearch.objects.filter(name="Babies").count() == 2


def test_a_person_may_keep_so_many(person):
    SavedSearch.objects.bulk_create(
        SavedSearch(person=person, name=f"n{number}", created_at=NOON)
        for number in range(MOST_SAVED)
    )
    with pytest.raises(RuleError, match="delete one first"):
        keep(person)


def test_the_audit_tells_that_a_search_was_kept_but_not_what_for(person):
    number = keep(person, "zqxword", name="Zqxname").pk
    rename_search(by=person, number=number, name="Zqxother", now=NOON)
    delete_search(by=person, number=number, now=NOON)
    entries = AuditEntry.objects.filter(subject=f"saved search {number}")
    assert [entry.action for entry in entries] == ["save search", "rename search", "delete search"]
    assert "zqx" not in json.dumps(list(entries.values("subject", "detail"))).lower()
