"""docs/growing.md: its steps as they stand; those that need a cluster are in tests/cluster."""

from pathlib import Path

import psycopg
import pytest

from tests.docs.test_admin import Machine, blocks_below
from tests.new_installations import new_installation
from tests.pipeline.installation import ON_POSTGRESQL
from tests.postgresql_server import running_server, server_programs

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
    with running_server() as server:
        printed = machine.run_beside(server, there)
        assert "Set DATABASE_URL to the new address" in printed
        assert not (machine.root / "srv/rehearsal/waymark.sqlite3").exists()
        machine.run_beside(server, back)
        with psycopg.connect(server) as database:
            rows = database.execute("SELECT 1 FROM pg_database WHERE datname = 'rehearsal'")
            assert rows.fetchall() == []
    assert list((machine.root / "mnt/backups").iterdir()) == []
    assert not (machine.root / "srv/rehearsal").exists()
    assert (machine.data / "waymark.sqlite3").read_bytes() == before
