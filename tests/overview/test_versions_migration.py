"""Specs were overwritten before versions were kept: what was frozen of them is not lost."""

from datetime import timedelta
from functools import partial

import pytest

from tests.factories import NOON

BEFORE, AFTER = "0001_initial", "0004_specs_are_their_versions"


@pytest.fixture
def at(tables_at):
    """Moves the stage to a migration."""
    return partial(tables_at, "overview")


def test_the_first_versions_are_those_that_were_frozen_and_the_last_is_what_stands(at):
    apps = at(BEFORE)
    person = apps.get_model("accounts", "User").objects.create(username="a", password="x")
    other = apps.get_model("accounts", "User").objects.create(username="b", password="x")
    framework = apps.get_model("frameworks", "Framework").objects.create(
        name="small", version="1.0.0", title="Small", sha256="0" * 64
    )
    overview = apps.get_model("overview", "Overview").objects.create(
        slug="one",
        title="One",
        framework=framework,
        spec="third",
        created_by=person,
        created_at=NOON,
    )
    frozen = [("first", person), ("first", person), ("second", other)]
    for number, (spec, by) in enumerate(frozen, start=1):
        apps.get_model("overview", "Snapshot").objects.create(
            overview=overview,
            number=number,
            taken_at=NOON + timedelta(days=number),
            taken_by=by,
            spec=spec,
            rows=b"",
            sha256="0" * 64,
            code_version="0",
        )
    rows = at(AFTER).get_model("overview", "SpecVersion").objects.order_by("number")
    assert [(row.number, row.spec, row.saved_by_id) for row in rows] == [
        (1, "first", person.pk),
        (2, "second", other.pk),
        (3, "third", person.pk),
    ]
    assert [row.saved_at for row in rows] == [
        NOON + timedelta(days=1),
        NOON + timedelta(days=3),
        NOON + timedelta(days=3),
    ]
    back = at(BEFORE).get_model("overview", "Overview").objects.get()
    assert back.spec == "third"
