"""What each edition stores of the passages that its numbers count."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOON
from tests.overview.world import SPEC, hide
from tests.publishing.giving import give_out, stored_edition
from tests.written_once import written_once
from waymark import pipeline
from waymark.overview import services as overview
from waymark.overview.queries import evidence
from waymark.publishing import queries, services
from waymark.publishing.models import CountedCell, CountedPassage

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@written_once
def frozen(world, spec=SPEC):
    created = overview.create_overview(by=world.analyst, spec=spec, file="s.yaml", now=NOON)
    return overview.freeze_overview(by=world.analyst, overview=created, now=NOON)


@pytest.fixture
@written_once
def snapshot(world):
    return frozen(world)


@pytest.fixture
@written_once
def edition(world, snapshot):
    return give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)


def keys_behind(edition):
    """Every citation key that stands behind a cell of an edition."""
    tables = [protected.table for protected in queries.edition_release(edition).tables]
    return list(
        dict.fromkeys(
            key
            for table in tables
            for row in table.rows
            for cell in row.cells
            for key in cell.evidence
        )
    )


def counted_anew(edition, keys):
    return list(evidence.uses_of(edition.frozen, keys, edition.profile))


def test_an_edition_stores_the_cells_that_count_each_passage(edition):
    keys = keys_behind(edition)
    assert len(keys) >= 2
    for asked in ([key] for key in keys):
        assert [use.cell for use in queries.uses_of(asked)] == counted_anew(edition, asked) != []
    assert [use.cell for use in queries.uses_of(keys)] == counted_anew(edition, keys)
    assert {row.key for row in CountedPassage.objects.all()} == set(keys)


def test_a_passage_that_no_number_counts_is_stored_nowhere(edition):
    (key, *_) = keys_behind(edition)
    assert queries.uses_of([f"{key}0"]) == []


def test_the_cells_of_a_passage_are_asked_without_reading_the_snapshot(edition):
    keys = keys_behind(edition)
    with CaptureQueriesContext(
        connection,
    ) as few:
        queries.uses_of(keys[:1])
    with CaptureQueriesContext(connection) as many:
        queries.uses_of(keys)
    assert len(few) == len(many) == 3  # editions, passages, cells
    assert not [query for query in many.captured_queries if '."rows"' in query["sql"]]


def test_an_edition_of_an_earlier_version_is_counted_until_a_worker_starts(world, snapshot):
    edition = stored_edition(snapshot, by=world.editor)
    keys = keys_behind(edition)
    before = queries.uses_of(keys)
    assert [use.cell for use in before] == counted_anew(edition, keys) != []
    assert not CountedCell.objects.exists()
    pipeline.run_worker(once=True, jobs=())
    edition.refresh_from_db()
    assert edition.uses_stored
    assert queries.uses_of(keys) == before
    assert services.store_missing_uses() == 0


def test_a_withdrawn_edition_is_gone_from_its_passages_at_once(edition, world):
    keys = keys_behind(edition)
    services.withdraw_edition(by=world.editor, publication=edition, reason="x", now=LATER)
    assert queries.uses_of(keys) == []


def test_the_page_of_a_passage_is_gone_with_its_report(edition, world, client):
    (key, *_) = keys_behind(edition)
    address = reverse("passage", args=[key])
    assert [use.publication for use in client.get(address).context["uses"]] == [edition]
    hide(world.first)
    assert client.get(address).status_code == 404


def test_the_page_of_a_passage_costs_the_same_beside_more_editions(
    edition, world, client, django_assert_num_queries
):
    address = reverse("passage", args=[keys_behind(edition)[0]])
    client.get(address)
    with CaptureQueriesContext(connection) as beside_one:
        one = client.get(address).context["uses"]
    for name in ("second", "third"):
        stored_edition(
            frozen(world, SPEC.replace("overview: small", f"overview: {name}")), by=world.editor
        )
    assert services.store_missing_uses() == 2
    with django_assert_num_queries(len(beside_one)):
        three = client.get(address).context["uses"]
    assert len(three) == 3 * len(one) > 0
