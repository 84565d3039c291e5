"""The same answers on both databases and by both executors; with OpenSearch: tests/cluster.

| database   | executor     |                                        |
| SQLite     | this machine | what all others are held to            |
| SQLite     | Dask         | refused by the setting                 |
| PostgreSQL | this machine |                                        |
| PostgreSQL | Dask         | a scheduler and workers, started here |
"""

import secrets

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.dask_cluster import dask_cluster
from tests.pipeline.answers import (
    answers_of,
    check_same,
    copied_installation,
    expected_answers,
    installation,
)
from tests.postgresql_server import new_database, running_server, server_programs
from waymark.setting_values import dask_setting

needs_postgresql = pytest.mark.skipif(server_programs() is None, reason="PostgreSQL is not here")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An installation on PostgreSQL that is only copied."""
    with running_server() as url:
        yield installation(
            tmp_path_factory.mktemp("made") / "data",
            new_database(url, f"answers_{secrets.token_hex(4)}"),
        )


def test_what_is_compared_has_hits_and_withheld_numbers_and_files():
    """Equal answers would say nothing if they were empty."""
    expected = expected_answers()
    searches = expected["searches"]
    assert [searches[f"{who}: esgeulustod"]["total"] for who in ("visitor", "staff")] == [0, 1]
    assert searches["visitor: nation:Wales"]["total"] == 4
    assert searches["visitor: heron"]["hits"][0]["passages"]
    assert expected["shown"]["T8/fac.neglect/recorded"] == "[c]"
    assert expected["held back"][0].startswith("3.txt: may identify people")
    assert {"results.ris", "overview/overview.xlsx"} < expected["files"].keys()


def test_sqlite_with_a_cluster_is_refused(monkeypatch):
    monkeypatch.setenv("WAYMARK_DASK", "tls://scheduler:8786")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(ImproperlyConfigured, match="needs PostgreSQL"):
        dask_setting("WAYMARK_DASK")


@needs_postgresql
@pytest.mark.parametrize("executor", ["this machine", "Dask"])
def test_postgresql_gives_the_answers_of_sqlite(made, tmp_path, executor):
    name = f"answers_{secrets.token_hex(4)}"
    environment = copied_installation(made, tmp_path / "data", name)
    if executor == "this machine":
        check_same(answers_of(environment))
        return
    with dask_cluster(tmp_path / "logs", environment) as cluster:
        cluster.start_workers()
        answers = answers_of(environment, **cluster.settings)
        # The five files, and the index in two parts; where no worker is, it is built here.
        assert cluster.parts_done() == 3
    check_same(answers)
