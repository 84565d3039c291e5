"""Authority records of bodies: names, successors, merging, and who sees them."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from tests.factories import NOON, make_person, make_review
from waymark.accounts.models import Role, State
from waymark.bodies import queries, services
from waymark.bodies.models import Body, BodyName
from waymark.bodies.services import BodyAbout
from waymark.core.errors import NotFound, RuleError

pytestmark = pytest.mark.django_db
VISITOR = AnonymousUser()


def body(name="Northshire Board", **about):
    return services.add_body(by=None, about=BodyAbout(name, **about), now=NOON)


def seen_by(person):
    return [row.name for row in queries.open_bodies(person, NOON)]


def test_a_review_belongs_to_the_body_that_has_its_words_as_a_name():
    northshire = body(other_names=("Northshire ACPC",))
    make_review("A1", board="Northshire ACPC")
    make_review("A2", board="Southshire Board")
    found = queries.reviews_of(northshire, VISITOR, NOON)
    assert [review.reference for review in found] == ["A1"]


def test_a_name_belongs_to_one_body_only():
    body()
    with pytest.raises(RuleError, match="is a name of another record, Northshire Board: merge"):
        body("Another", other_names=("Northshire Board",))
    assert Body.objects.count() == 1


def test_two_bodies_of_like_names_have_addresses_of_their_own():
    assert [body("The Board").key, body("The Board!").key] == ["the-board", "the-board-2"]


def test_a_body_that_only_an_unpublished_review_names_is_seen_by_staff_alone():
    hidden = body("Hidden Board")
    make_review("A1", board="Hidden Board", state=State.INTERNAL)
    assert seen_by(VISITOR) == []
    assert seen_by(make_person(Role.CODER)) == ["Hidden Board"]
    with pytest.raises(NotFound):
        queries.body_for(hidden.key, VISITOR, NOON)


def test_a_body_is_public_once_a_public_review_names_it_or_staff_list_it():
    body("Named")
    make_review("A1", board="Named")
    body("Listed", listed=True)
    body("Neither")
    assert seen_by(VISITOR) == ["Listed", "Named"]


def test_a_merged_record_gives_its_names_and_reviews_to_the_other_and_back():
    stays, duplicate = body(), body("Northshire Bd")
    make_review("A1", board="Northshire Bd")
    preview = queries.merge_preview(duplicate, make_person(Role.CATALOGUER))
    assert (preview.names, preview.reviews) == (("Northshire Bd",), 1)
    services.merge_bodies(by=None, duplicate=duplicate, into=stays, now=NOON)
    assert queries.body_for("northshire-bd", VISITOR, NOON) == stays
    assert queries.body_called("Northshire Bd") == stays
    assert queries.reviews_of(stays, VISITOR, NOON).get().board == "Northshire Bd"
    services.undo_merge(by=None, duplicate=duplicate, now=NOON)
    assert queries.reviews_of(stays, VISITOR, NOON).count() == 0


def test_what_was_merged_into_a_duplicate_follows_it():
    first, second, third = body("One"), body("Two"), body("Three")
    services.merge_bodies(by=None, duplicate=first, into=second, now=NOON)
    services.merge_bodies(by=None, duplicate=second, into=third, now=NOON)
    assert queries.body_with_key("one") == third


def test_a_body_that_took_over_from_another_is_not_merged_with_it():
    acpc, board = body("Committee"), body("Board")
    services.add_succession(by=None, earlier=acpc, later=board, kind="replaced", now=NOON)
    with pytest.raises(RuleError, match="remove that first"):
        services.merge_bodies(by=None, duplicate=acpc, into=board, now=NOON)


def test_succession_has_no_circle():
    bodies = [body("A"), body("B"), body("C")]
    for earlier, later in ((0, 1), (1, 2)):
        services.add_succession(
            by=None, earlier=bodies[earlier], later=bodies[later], kind="merged", now=NOON
        )
    with pytest.raises(RuleError, match="A came before C"):
        services.add_succession(
            by=None, earlier=bodies[2], later=bodies[0], kind="merged", now=NOON
        )


def test_names_without_a_record_are_listed_and_get_one():
    make_review("A1", board="New Board", nation="Wales")
    make_review("A2", board="New Board")
    by = make_person(Role.CATALOGUER)
    (row,) = queries.names_without_body(by)
    assert (row.name, row.reviews) == ("New Board", 2)
    (made,) = services.add_bodies_of_reviews(by=by, now=NOON)
    assert (made.name, made.kind, queries.names_without_body(by)) == ("New Board", "board", [])


def test_the_boards_of_an_earlier_version_become_bodies_with_the_words_as_written():
    for number, (board, nation) in enumerate(
        [("Board of Ash", ""), ("Board of Ash", "Wales"), ("Board of  ash", ""), ("", "Wales")]
    ):
        make_review(f"A{number}", board=board, nation=nation)
    migration = import_module("waymark.bodies.migrations.0002_bodies_of_earlier_reviews")
    migration.add_bodies(apps, None)
    migration.add_bodies(apps, None)
    rows = Body.objects.order_by("key").values_list("key", "name", "nation", "kind")
    assert list(rows) == [
        ("board-of-ash", "Board of  ash", "", "board"),
        ("board-of-ash-2", "Board of Ash", "Wales", "board"),
    ]
    assert BodyName.objects.count() == 2


# ---- pages ----


def test_the_page_of_a_body_shows_its_reviews_and_what_became_of_it(client):
    acpc = body("Committee of Ash", ends_on=date(2009, 3, 31))
    later = body("Board of Ash", listed=True)
    services.add_succession(
        by=None, earlier=acpc, later=later, kind="replaced", on=date(2009, 4, 1), now=NOON
    )
    make_review("A1", board="Committee of Ash", title="Child Ash")
    words = client.get(reverse("body", args=[acpc.key])).content.decode()
    for expected in ("until 31 March 2009", "Child Ash", "Replaced by", "Board of Ash"):
        assert expected in words
    assert "Committee of Ash" in client.get(reverse("bodies")).content.decode()


def test_an_address_of_a_merged_record_leads_to_the_other(client):
    stays, duplicate = body(listed=True), body("Twice")
    services.merge_bodies(by=None, duplicate=duplicate, into=stays, now=NOON)
    answer = client.get(reverse("body", args=["twice"]))
    assert (answer.status_code, answer.url) == (301, reverse("body", args=[stays.key]))


def test_staff_add_change_and_merge_bodies(client):
    client.force_login(make_person(Role.CATALOGUER))
    sent = {"name": "Ash Trust", "kind": "health", "identifiers": "charity 12", "do": "save"}
    assert client.post(reverse("add-body"), sent).status_code == 302
    page = reverse("edit-body", args=["ash-trust"])
    assert client.post(page, sent | {"other_names": "Trust of Ash"}).status_code == 302
    stored = Body.objects.get()
    assert {row.name for row in stored.names.all()} == {"Ash Trust", "Trust of Ash"}
    assert str(stored.identifiers.get()) == "charity 12"
    body("Ash T.")
    merge = reverse("merge-body", args=["ash-t"])
    shown = client.post(merge, {"into": "Trust of Ash", "do": "preview"}).content.decode()
    assert "Ash Trust takes over" in shown
    assert Body.objects.filter(merged_into=None).count() == 2
    assert client.post(merge, {"into": "Trust of Ash", "do": "merge"}).status_code == 302
    assert Body.objects.get(key="ash-t").merged_into == stored


def test_staff_record_and_remove_what_became_of_a_body(client):
    client.force_login(make_person(Role.CATALOGUER))
    first = body("First")
    body("Second")
    page = reverse("edit-body", args=[first.key])
    sent = {"succession-later": "Second", "succession-how": "merged", "do": "succession"}
    assert client.post(page, sent).status_code == 302
    assert first.successions.get().later.name == "Second"
    assert client.post(page, sent | {"succession-later": "Nobody"}).status_code == 400
    client.post(page, {"later": "second", "do": "remove-succession"})
    assert first.successions.count() == 0


def test_a_body_is_also_json_with_its_names_successions_and_reviews(client):
    north = body("Northshire ACPC", other_names=("Northshire Area Committee",))
    board = body("Northshire Board")
    services.add_succession(
        by=None, earlier=north, later=board, kind="replaced", on=date(2012, 9, 1), now=NOON
    )
    make_review("A1", board="Northshire ACPC")
    make_review("A2", board="Northshire Board")
    answer = client.get(reverse("body-json", args=[north.key])).json()
    assert (answer["name"], answer["names"]) == ("Northshire ACPC", ["Northshire ACPC"])
    assert answer["later"] == [
        {"key": board.key, "name": board.name, "kind": "replaced", "on": "2012-09-01"}
    ]
    assert [row["reference"] for row in answer["reviews"]] == ["A1"]
    page = client.get(reverse("body", args=[north.key])).content.decode()
    assert "Copy citation" in page
    assert reverse("body-json", args=[north.key]) in page
