"""docs/growing.md: its steps as they stand; those that need a cluster are in tests/cluster."""

import re
from pathlib import Path

import pytest

from tests.docs.test_admin import Machine, blocks_below
from tests.new_installations import new_installation
from tests.pipeline.installation import ON_POSTGRESQL
from tests.postgresql_server import new_database, running_server, server_programs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "growing.md"
TESTED_IN_A_CLUSTER = "Search in a cluster"

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="the page shows SQLite")


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("growing"))
    new_installation(machine.data)
    return machine


def test_every_command_of_the_page_is_below_a_heading_that_a_test_runs():
    steps = blocks_below(PAGE)
    assert {heading for heading, blocks in steps.items() if blocks} == {
        "When to leave SQLite",
        "Rehearse it",
        TESTED_IN_A_CLUSTER,
    }


def test_looking_at_what_there_is(machine):
    for block in blocks_below(PAGE)["When to leave SQLite"]:
        machine.run(block)


@pytest.mark.skipif(server_programs() is None, reason="PostgreSQL's server is not installed")
def test_the_rehearsal_moves_a_copy_there_and_back_and_leaves_the_installation_alone(machine):
    there, back = blocks_below(PAGE)["Rehearse it"]
    before = (machine.data / "waymark.sqlite3").read_bytes()
    machine.program("bin/createdb", "#!/bin/sh\n")
    with running_server() as server:
        url = new_database(server, "rehearsal")
        address = re.compile(r"postgresql://waymark@db\.example/rehearsal")
        printed = machine.run(address.sub(f"'{url}'", there))
        assert "Set DATABASE_URL to the new address" in printed
        assert not (machine.root / "srv/rehearsal/waymark.sqlite3").exists()
        machine.run(address.sub(f"'{url}'", back))
    assert not (machine.root / "srv/rehearsal").exists()
    assert (machine.data / "waymark.sqlite3").read_bytes() == before
