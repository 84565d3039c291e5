"""The same answers of the services with OpenSearch as with the built-in engine, on each database.

With the built-in engine: tests/pipeline/test_same_answers.py. The Dask cell builds the index of
OpenSearch by workers.
"""

import secrets

import pytest

from tests.dask_cluster import dask_cluster
from tests.pipeline.answers import answers_of, check_same, copied_installation, installation
from tests.postgresql_server import new_database, running_server, server_programs

pytestmark = pytest.mark.cluster
needs_postgresql = pytest.mark.skipif(server_programs() is None, reason="PostgreSQL is not here")


@pytest.fixture
def engine(nodes) -> dict[str, str]:
    """The settings of an OpenSearch installation of its own."""
    return {
        "WAYMARK_SEARCH_BACKEND": "opensearch",
        "WAYMARK_OPENSEARCH_HOSTS": ",".join(nodes.hosts),
        "WAYMARK_OPENSEARCH_PREFIX": f"w{secrets.token_hex(4)}",
        "WAYMARK_OPENSEARCH_SHARDS": "2",
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An installation on PostgreSQL that is only copied."""
    with running_server() as url:
        name = f"answers_{secrets.token_hex(4)}"
        yield installation(tmp_path_factory.mktemp("made") / "data", new_database(url, name))


def test_sqlite_with_opensearch(engine, tmp_path):
    check_same(answers_of(installation(tmp_path / "data"), **engine))


@needs_postgresql
def test_postgresql_with_opensearch(made, engine, tmp_path):
    check_same(
        answers_of(
            copied_installation(made, tmp_path / "data", f"answers_{secrets.token_hex(4)}"),
            **engine,
        )
    )


@needs_postgresql
def test_postgresql_with_opensearch_and_dask(made, engine, tmp_path):
    copied = copied_installation(made, tmp_path / "data", f"answers_{secrets.token_hex(4)}")
    environment = {**copied, **engine}
    with dask_cluster(tmp_path / "logs", environment) as cluster:
        cluster.start_workers()
        answers = answers_of(environment, **cluster.settings)
        assert cluster.parts_done() == 3
    check_same(answers)
