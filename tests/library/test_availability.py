"""Since when the public could find a record, and when harvesters are to be told of it again."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from tests.factories import NOON, make_report, make_review
from tests.library.conftest import make_resource
from waymark.accounts.models import State
from waymark.library.models import CatalogueRecord
from waymark.library.services import (
    catalogue_resource,
    catalogue_review,
    index_changed,
    mark_changed,
    rebuild_index,
)

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def times():
    """available_at and harvest_at of the one record."""
    record = CatalogueRecord.objects.get()
    return record.available_at, record.harvest_at


def put(thing, state, *, at, until=None):
    thing.state, thing.public_from = state, until
    thing.save()
    mark_changed(**{f"{thing._meta.model_name}s": [thing]}, now=at)


def test_what_is_catalogued_in_public_is_available_from_then_on():
    catalogue_review(by=None, review=make_review("R1"), now=NOON)
    assert times() == (NOON, NOON)


def test_what_is_not_public_is_neither_available_nor_told_to_harvesters():
    review = make_review("R1", state=State.INTERNAL)
    catalogue_review(by=None, review=review, now=NOON)
    mark_changed(reviews=[review], now=NOON + HOUR)
    index_changed(now=NOON + HOUR)
    assert times() == (None, None)


@pytest.mark.parametrize("kind", ["review", "resource"])
def test_publication_makes_available_and_nothing_changes_that_again(kind):
    thing, catalogue = {
        "review": (make_review("R1", state=State.IN_CHECK), catalogue_review),
        "resource": (make_resource("a", state=State.IN_CHECK), catalogue_resource),
    }[kind]
    catalogue(by=None, now=NOON, **{kind: thing})
    put(thing, State.PUBLISHED, at=NOON + HOUR)
    assert times() == (NOON + HOUR, NOON + HOUR)
    catalogue(by=None, now=NOON + 2 * HOUR, **{kind: thing})
    assert times() == (NOON + HOUR, NOON + 2 * HOUR)
    put(thing, State.WITHDRAWN, at=NOON + 3 * HOUR)
    assert times() == (NOON + HOUR, NOON + 3 * HOUR)
    put(thing, State.PUBLISHED, at=NOON + 4 * HOUR)
    assert times() == (NOON + HOUR, NOON + 4 * HOUR)
    rebuild_index(now=NOON + 5 * HOUR)
    assert times() == (NOON + HOUR, NOON + 4 * HOUR)


@pytest.mark.parametrize("kind", ["review", "resource"])
def test_the_end_of_an_embargo_is_the_moment_of_availability_however_late_it_is_noticed(kind):
    thing, catalogue = {
        "review": (make_review("R1", state=State.EMBARGOED, public_from=NOON), catalogue_review),
        "resource": (
            make_resource("a", state=State.EMBARGOED, public_from=NOON),
            catalogue_resource,
        ),
    }[kind]
    catalogue(by=None, now=NOON - HOUR, **{kind: thing})
    index_changed(now=NOON - timedelta(microseconds=1))
    assert times() == (None, None)
    index_changed(now=NOON + HOUR)
    assert times() == (NOON, NOON + HOUR)
    index_changed(now=NOON + 2 * HOUR)
    assert times() == (NOON, NOON + HOUR)


def test_an_embargo_on_what_was_public_is_told_to_harvesters_when_put_on_and_when_it_ends():
    review = make_review("R1")
    catalogue_review(by=None, review=review, now=NOON)
    put(review, State.EMBARGOED, at=NOON + HOUR, until=NOON + 2 * HOUR)
    assert times() == (NOON, NOON + HOUR)
    index_changed(now=NOON + 3 * HOUR)
    assert times() == (NOON, NOON + 3 * HOUR)


def test_the_end_of_a_reports_embargo_is_told_to_harvesters():
    review = make_review("R1")
    catalogue_review(by=None, review=review, now=NOON)
    report = make_report(review, "Late.", state=State.EMBARGOED)
    report.public_from = NOON + 2 * HOUR
    report.save()
    mark_changed(reviews=[review], now=NOON + HOUR)
    index_changed(now=NOON + HOUR)
    assert times() == (NOON, NOON + HOUR)
    index_changed(now=NOON + 3 * HOUR)
    assert times() == (NOON, NOON + 3 * HOUR)


def test_looking_for_ended_embargoes_costs_one_question_where_there_is_none(
    django_assert_num_queries,
):
    catalogue_review(by=None, review=make_review("R1"), now=NOON)
    index_changed(now=NOON)
    with django_assert_num_queries(3):  # embargoes, what is to do, how much waits
        index_changed(now=NOON)


def test_what_was_public_before_this_was_written_down_counts_from_when_it_came():
    ended = {"state": State.EMBARGOED, "public_from": NOON + HOUR}
    things = [
        make_review("R1"),
        make_review("R2", **ended),
        make_review("R3", state=State.EMBARGOED, public_from=NOON + timedelta(days=100_000)),
        make_review("R4", state=State.WITHDRAWN),
    ]
    for thing in things:
        CatalogueRecord.objects.create(review=thing, changed_at=NOON + 5 * HOUR)
    known = CatalogueRecord.objects.create(
        resource=make_resource("a"), changed_at=NOON, available_at=NOON - HOUR, harvest_at=NOON
    )
    name = "waymark.library.migrations.0007_when_records_became_available"
    import_module(name).when_records_became_available(apps, SimpleNamespace(connection=connection))
    found = {
        record.review.reference: (record.available_at, record.harvest_at)
        for record in CatalogueRecord.objects.exclude(review=None).select_related("review")
    }
    assert found == {
        "R1": (NOON, NOON + 5 * HOUR),
        "R2": (NOON + HOUR, NOON + 5 * HOUR),
        "R3": (None, None),
        "R4": (None, None),
    }
    known.refresh_from_db()
    assert known.available_at == NOON - HOUR
