"""Snapshots in memory: read once, counted once, let go in time."""

from threading import Thread

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOON
from tests.overview.world import SPEC, hide
from tests.publishing.giving import give_out
from waymark.overview import services
from waymark.overview.models import Snapshot
from waymark.overview.queries import evidence as trace
from waymark.overview.queries import overviews
from waymark.overview.queries import snapshot_cache as holding
from waymark.overview.queries.snapshot_cache import cached_snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_held(monkeypatch):
    monkeypatch.setattr(holding, "_cached_snapshots", type(holding._cached_snapshots)())


@pytest.fixture
def snapshot(world):
    overview_made = services.create_overview(
        by=world.analyst, spec=SPEC, file="small.yaml", now=NOON
    )
    return services.freeze_overview(by=world.analyst, overview=overview_made, now=NOON)


def reading_rows(context):
    return [
        query for query in context.captured_queries if '"overview_snapshot"."rows"' in query["sql"]
    ]


def test_what_was_just_frozen_is_what_is_read_back(snapshot):
    frozen = cached_snapshot(snapshot).rows()
    holding._cached_snapshots.clear()
    with CaptureQueriesContext(connection) as captured:
        assert cached_snapshot(snapshot).rows() == frozen
    assert len(reading_rows(captured)) == 1


def test_a_snapshot_is_counted_once_for_each_profile(snapshot):
    first = overviews.release_of(snapshot, "open")
    again = Snapshot.objects.get(pk=snapshot.pk)
    assert overviews.release_of(again, "open") is first


def test_the_rows_of_a_snapshot_are_not_read_for_a_page_that_was_made_before(
    snapshot, world, client, settings, tmp_path
):
    settings.DATA = tmp_path
    give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)
    pages = [reverse("overview", args=["small"]), reverse("overview-table", args=["small", "T10"])]
    pages.append(reverse("evidence", args=["small", "T10", "a", "n"]))
    for page in pages:
        assert client.get(page).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        for page in pages:
            client.get(page)
    assert reading_rows(captured) == []


def test_those_asked_for_longest_ago_are_let_go_first(snapshot, monkeypatch):
    monkeypatch.setattr(holding, "MOST_REVIEWS", 6)  # of 3 reviews each: room for two
    others = []
    for number in (2, 3):
        copy = Snapshot.objects.get(pk=snapshot.pk)
        copy.pk, copy.number = None, number
        copy.save()
        others.append(copy)
    for item in (snapshot, others[0], snapshot, others[1]):
        cached_snapshot(item).rows()
    cached_snapshot(others[1])
    assert [name.pk for name in holding._cached_snapshots] == [snapshot.pk, others[1].pk]


def test_one_alone_is_held_however_large_it_is(snapshot, monkeypatch):
    monkeypatch.setattr(holding, "MOST_REVIEWS", 1)
    rows = cached_snapshot(snapshot).rows()
    assert cached_snapshot(snapshot).rows() is rows


def test_whoever_asks_for_what_is_being_counted_waits_for_it(snapshot, monkeypatch):
    counted = []
    result = overviews.make_release

    def slowly(*arguments, **named):
        counted.append(named["profile"])
        return result(*arguments, **named)

    monkeypatch.setattr(overviews, "make_release", slowly)
    overviews.suppressed_of(snapshot, "open", ())  # reads what it needs of the database
    results = []
    threads = [
        Thread(target=lambda: results.append(overviews.release_of(snapshot, "open")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == ["open"]
    assert len({id(thread) for thread in results}) == 1


def test_a_part_of_what_is_behind_a_number_is_asked_for_alone(snapshot, world):
    def asked(part):
        evidence = trace.cell_evidence(
            snapshot, "T2", "all", "n", person=world.analyst, now=NOON, profile="open", part=part
        )
        return [review.reference for review in evidence.reviews], evidence.total

    assert asked(slice(0, 1)) == (["S1"], 2)
    assert asked(slice(1, 2)) == (["S2"], 2)
    assert asked(slice(2, 3)) == ([], 2)


def test_closed_words_are_counted_whichever_part_is_asked_for(snapshot, world):
    hide(world.first)
    for part in (slice(0, 1), slice(1, 2)):
        evidence = trace.cell_evidence(
            snapshot,
            *("T2", "all", "n"),
            person=AnonymousUser(),
            now=NOON,
            profile="open",
            part=part,
        )
        assert evidence.closed == 1
