"""Typesetting an edition stops nobody else, and a draft changed meanwhile is not published."""

import json
import subprocess
import sys

import pytest

from tests.databases import environment_for
from tests.new_installations import migrated_database

PROGRAM = (
    "import django; django.setup(); from tests.pipeline import publishing_at_once as program;"
    " program.main()"
)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What came of two changes, each made while an edition was being typeset."""
    environment = environment_for(migrated_database(tmp_path_factory.mktemp("publishing-at-once")))
    environment["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode()
    return json.loads(run.stdout)


def test_somebody_else_saves_while_an_edition_is_typeset(outcomes):
    assert outcomes["published"]["outcome"] == ["edition 1"]
    # Seconds: typesetting goes on for 60, unless the other change is saved before.
    assert outcomes["published"]["waited"] < 30


def test_a_text_changed_while_it_is_typeset_refuses_the_edition_and_leaves_no_file(outcomes):
    (outcome,) = outcomes["refused"]["outcome"]
    assert outcome.startswith("ConcurrentChange: Nothing was published.")
    assert [outcomes["refused"][what] for what in ("editions", "files", "arriving")] == [0, 0, 0]
