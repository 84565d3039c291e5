"""Texts, signatures and editions were of overviews alone; now they are of manuscripts."""

from functools import partial

import pytest
from django.db.migrations.exceptions import IrreversibleError

from tests.factories import NOON

BEFORE, AFTER = "0003_chapters_and_signatures", "0006_texts_are_of_manuscripts_alone"


@pytest.fixture
def at(tables_at):
    """Moves the stage to a migration."""
    return partial(tables_at, "publishing")


@pytest.fixture
def signed(at):
    """An overview with a text, a signature and an edition, as an earlier version stored them."""
    apps = at(BEFORE)
    person = apps.get_model("accounts", "User").objects.create(username="a", password="x")
    framework = apps.get_model("frameworks", "Framework").objects.create(
        name="small", version="1.0.0", title="Small", sha256="0" * 64
    )
    overview = apps.get_model("overview", "Overview").objects.create(
        slug="one", title="One", framework=framework, created_by=person, created_at=NOON
    )
    snapshot = apps.get_model("overview", "Snapshot").objects.create(
        overview=overview,
        number=1,
        taken_at=NOON,
        taken_by=person,
        spec="",
        rows=b"",
        sha256="0" * 64,
        code_version="0",
    )
    apps.get_model("publishing", "ReportVersion").objects.create(
        overview=overview, slot="introduction", number=1, saved_at=NOON, saved_by=person
    )
    common = {"snapshot": snapshot, "profile": "open", "content": "1" * 64}
    edition = apps.get_model("publishing", "Publication").objects.create(
        slug="one", edition=1, title="One", published_at=NOON, published_by=person, **common
    )
    apps.get_model("publishing", "Signature").objects.create(
        capacity="editor",
        signed_by=person,
        name="A",
        signed_at=NOON,
        publication=edition,
        **common,
    )
    return overview


def test_each_overview_has_a_manuscript_with_all_that_was_its_own(at, signed):
    manuscript = at(AFTER).get_model("publishing", "Manuscript").objects.get()
    assert (manuscript.kind, manuscript.slug, manuscript.overview_id) == (
        "overview",
        "one",
        signed.pk,
    )
    assert manuscript.versions.get().slot == "introduction"
    assert manuscript.signatures.get().publication == manuscript.editions.get()
    assert manuscript.editions.get().kind == "overview"
    versions = at(BEFORE).get_model("publishing", "ReportVersion").objects
    assert versions.get().overview_id == signed.pk


def test_there_is_no_way_back_for_a_briefing(at, signed):
    manuscripts = at(AFTER).get_model("publishing", "Manuscript").objects
    briefing = manuscripts.create(kind="briefing", slug="one")
    with pytest.raises(IrreversibleError, match="no place for briefings and guides"):
        at(BEFORE)
    briefing.delete()
