"""Authority records of authors: names, works, merging, telling apart, and pages taken away."""

import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.library.works import catalogued
from waymark.accounts import removals
from waymark.accounts.models import Role, State
from waymark.core.errors import NotFound, RuleError
from waymark.library.models import Author, AuthorKind
from waymark.library.queries import authors as queries
from waymark.library.services import authors as services
from waymark.library.services import index_changed
from waymark.library.services.authors import AuthorAbout
from waymark.library.services.resources import set_resource_state
from waymark.pipeline.removals.replay_removals import begin_journal, replay_removals

pytestmark = pytest.mark.django_db
VISITOR = AnonymousUser()


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


def work(*authors, title="A work", year="2013"):
    resource = catalogued(*authors, title=title, year=year)
    set_resource_state(by=None, resource=resource, state=State.PUBLISHED, now=NOON)
    return resource


def author(name="Ash, Ann", **about):
    return services.add_author(by=None, about=AuthorAbout(name, **about), now=NOON)


def titles(someone, person=VISITOR):
    return [row.title for row in queries.works_of(someone, person, NOON)]


# ---- works ----


def test_the_works_of_an_author_are_those_with_any_form_of_the_name_newest_first():
    work("Ash, Ann", title="First", year="2001")
    work("Ash, A.", "Yew, Yvonne", title="Second", year="2009")
    work("Ashby, Ann", title="Of another")
    assert titles(author(other_names=("Ash, A.",))) == ["Second", "First"]


def test_a_name_with_other_letters_is_found_in_every_database():
    work("Brontë, Élise", title="First")
    assert titles(author("Brontë, Élise")) == ["First"]


def test_a_work_that_is_not_public_makes_nobody_an_author_here():
    hidden = catalogued("Ash, Ann")
    ann = author()
    assert list(queries.open_authors(VISITOR, NOON)) == []
    with pytest.raises(NotFound):
        queries.author_for(ann.key, VISITOR, NOON)
    assert titles(ann, make_person(Role.CATALOGUER)) == [hidden.title]


def test_records_are_added_for_names_without_one_as_people_or_organisations():
    work("Ash, Ann", "Department of Trees")
    work("Ash, Ann", title="Another")
    names = queries.names_without_author(make_person(Role.CATALOGUER))
    assert [(row.name, row.works) for row in names] == [("Ash, Ann", 2), ("Department of Trees", 1)]
    services.add_authors_of_works(by=None, now=NOON)
    kinds = dict(Author.objects.values_list("key", "kind"))
    assert kinds == {"ash-ann": AuthorKind.PERSON, "department-of-trees": AuthorKind.BODY}
    assert queries.names_without_author(make_person(Role.CATALOGUER)) == []


def test_a_name_belongs_to_one_author_unless_a_work_says_otherwise():
    first, second = work("Lee, A.", title="By one"), work("Lee, A.", title="By the other")
    one = author("Lee, A.")
    with pytest.raises(RuleError, match="is a name of another record"):
        author("Lee, Arthur", other_names=("Lee, A.",))
    other = author("Lee, Arthur")
    services.move_work(by=None, resource=second, name="Lee, A.", author=other, now=NOON)
    assert (titles(one), titles(other)) == (["By one"], ["By the other"])
    assert [row.author for row in queries.credited_authors(second)] == [other]
    assert [row.author for row in queries.credited_authors(first)] == [one]
    services.move_work(by=None, resource=second, name="Lee, A.", author=one, now=NOON)
    assert titles(other) == []
    with pytest.raises(RuleError, match="has no author Yew"):
        services.move_work(by=None, resource=first, name="Yew", author=other, now=NOON)


# ---- the same author, or not ----


def test_a_merged_record_gives_its_names_and_works_to_the_other_and_back():
    work("Ash, Ann", title="One")
    work("Ash, A.", title="Two")
    stays, duplicate = author(), author("Ash, A.")
    services.merge_authors(by=None, duplicate=duplicate, into=stays, now=NOON)
    assert sorted(titles(stays)) == ["One", "Two"]
    assert queries.author_for("ash-a", VISITOR, NOON) == stays
    assert dict(queries.works_by_author(VISITOR, NOON)) == {stays.pk: 2}
    services.undo_author_merge(by=None, duplicate=duplicate, now=NOON)
    assert (titles(stays), titles(duplicate)) == (["One"], ["Two"])


def test_two_authors_who_were_told_apart_are_not_merged():
    one, other = author("Lee, Ann"), author("Lee, Anna")
    services.tell_authors_apart(by=None, first=one, second=other, now=NOON)
    with pytest.raises(RuleError, match="recorded as two different authors"):
        services.merge_authors(by=None, duplicate=other, into=one, now=NOON)
    assert queries.different_from(other) == [one]
    services.forget_difference(by=None, first=other, second=one, now=NOON)
    services.merge_authors(by=None, duplicate=other, into=one, now=NOON)


# ---- pages taken away ----


def test_a_page_that_was_removed_is_gone_and_the_name_stays_on_the_work(client):
    resource, ann = work("Ash, Ann"), author()
    services.hide_author(by=None, author=ann, reason="She asked for it.", now=NOON)
    assert client.get(reverse("author", args=["ash-ann"])).status_code == 404
    assert client.get(reverse("author-json", args=["ash-ann"])).status_code == 404
    assert "ash-ann" not in client.get(reverse("authors")).content.decode()
    page = client.get(reverse("resource", args=[resource.key])).content.decode()
    assert "Ann Ash" in page
    assert reverse("author", args=["ash-ann"]) not in page
    with pytest.raises(RuleError, match="give a reason"):
        services.hide_author(by=None, author=ann, reason=" ", now=NOON)


def test_a_removed_page_does_not_come_back_under_the_heading_it_is_merged_into():
    work("Ash, Ann")
    stays, duplicate = author(), author("Ash, A.")
    services.hide_author(by=None, author=duplicate, reason="Asked.", now=NOON)
    services.merge_authors(by=None, duplicate=duplicate, into=stays, now=NOON)
    assert Author.objects.get(pk=stays.pk).hidden_at is not None


def test_a_restored_database_removes_the_page_again(django_capture_on_commit_callbacks):
    work("Ash, Ann")
    ann = author()
    begin_journal(now=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        services.hide_author(by=None, author=ann, reason="Asked.", now=NOON)
    entry = removals.last_entries()["author ash-ann", services.HIDDEN, 0]
    assert entry["hidden"]
    # What a copy of the database from before has: the page, and the number of an earlier line.
    Author.objects.update(hidden_at=None)
    removals.Installation.objects.update(removals_seen=0)
    assert "author ash-ann" in replay_removals(now=NOON)
    assert Author.objects.get(pk=ann.pk).hidden_at is not None


def test_a_page_that_is_shown_again_stays_shown(django_capture_on_commit_callbacks):
    work("Ash, Ann")
    ann = author()
    services.hide_author(by=None, author=ann, reason="By mistake.", now=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        services.show_author(by=None, author=ann, now=NOON)
    assert not removals.last_entries()["author ash-ann", services.HIDDEN, 0]["hidden"]
    assert queries.author_for("ash-ann", VISITOR, NOON) == ann


# ---- pages ----


def test_the_page_of_an_author_has_works_name_forms_a_citation_and_json(client):
    resource = work("Ash, A.", title="On trees")
    author(other_names=("Ash, A.",))
    page = client.get(reverse("author", args=["ash-ann"])).content.decode()
    for words in ("<h1>Ann Ash</h1>", "Ash, A.", "On trees", "Copy citation", "tell us"):
        assert words in page, words
    answer = json.loads(client.get(reverse("author-json", args=["ash-ann"])).content)
    assert (answer["name"], answer["names"]) == ("Ash, Ann", ["Ash, A.", "Ash, Ann"])
    assert [(row["key"], row["title"]) for row in answer["works"]] == [(resource.key, "On trees")]
    assert answer["works_total"] == 1
    record = client.get(reverse("resource", args=[resource.key])).content.decode()
    assert reverse("author", args=["ash-ann"]) in record
    assert "/authors/ash-ann/" in client.get("/sitemap.xml").content.decode()


def test_the_json_of_an_author_has_a_limit_and_the_number_of_all(client, monkeypatch):
    monkeypatch.setattr("waymark.web.library.authors.MOST_IN_JSON", 1)
    work("Ash, Ann", title="On trees")
    work("Ash, Ann", title="On leaves")
    author()
    answer = client.get(reverse("author-json", args=["ash-ann"])).json()
    assert (len(answer["works"]), answer["works_total"]) == (1, 2)


def test_the_address_of_a_merged_record_leads_to_the_one_that_stays(client):
    work("Ash, Ann")
    stays, duplicate = author(), author("Ash, A.")
    services.merge_authors(by=None, duplicate=duplicate, into=stays, now=NOON)
    answer = client.get(reverse("author", args=["ash-a"]))
    assert (answer.status_code, answer["Location"]) == (301, "/authors/ash-ann/")


def test_a_search_for_an_author_in_either_order_leads_to_the_page(client):
    work("Ash, Ann", title="On trees")
    author()
    index_changed(now=NOON)
    for words in ("Ann Ash", "ash, ann"):
        assert "/authors/ash-ann/" in client.get(reverse("find"), {"q": words}).content.decode()
    assert "/authors/" not in client.get(reverse("find"), {"q": "Ann"}).content.decode()


def test_staff_add_merge_tell_apart_move_and_remove_on_pages(client):
    first = work("Ash, Ann", title="One")
    work("Yew, Y.", title="Two")
    client.force_login(make_person(Role.CATALOGUER))
    assert (
        client.post(reverse("keep-authors"), {"name": ["Ash, Ann", "Yew, Y."]}).status_code == 302
    )
    page = reverse("edit-author", args=["yew-y"])
    client.post(page, {"do": "apart", "other": "Ash, Ann", "note": "Met both."})
    refused = client.post(page, {"do": "merge", "other": "Ash, Ann"}, follow=True)
    assert "two different authors" in refused.content.decode()
    client.post(page, {"do": "forget", "other": "Ash, Ann"})
    client.post(page, {"do": "merge", "other": "Ash, Ann"})
    ann = Author.objects.get(key="ash-ann")
    assert sorted(titles(ann)) == ["One", "Two"]
    client.post(page, {"do": "undo-merge"})
    moved = {"do": "move", "work": first.key, "printed": "Ash, Ann", "other": "Yew, Y."}
    client.post(reverse("edit-author", args=["ash-ann"]), moved)
    assert sorted(titles(Author.objects.get(key="yew-y"))) == ["One", "Two"]
    saved = {"do": "save", "name": "Yew, Yvonne", "kind": "person", "other_names": "Yew, Y."}
    assert client.post(page, saved).status_code == 302
    assert Author.objects.get(key="yew-y").name == "Yew, Yvonne"
    client.post(page, {"do": "hide", "reason": "She asked."})
    assert Author.objects.get(key="yew-y").hidden_at is not None
    client.post(page, {"do": "show"})
    assert Author.objects.get(key="yew-y").hidden_at is None
