"""The cluster of two nodes, which the tests of this folder share, and names of indexes for each."""

import secrets
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.cluster.nodes import TwoNodes, can_run
from waymark.library.search.opensearch.backend import OpenSearchIndex
from waymark.library.search.opensearch.cluster import ClusterOptions


@pytest.fixture(scope="session")
def nodes():
    if not can_run():
        pytest.skip("Maven and Java are not here")
    # In memory where there is a folder for it: a node waits for the disk at every step.
    memory = Path("/dev/shm")  # noqa: S108
    folder = tempfile.mkdtemp(prefix="waymark-cluster.", dir=memory if memory.is_dir() else None)
    nodes = TwoNodes(Path(folder))
    try:
        nodes.start_all()
        yield nodes
    finally:
        nodes.end()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def options(nodes) -> ClusterOptions:
    """An installation of its own, with two shards so that each node has documents."""
    return ClusterOptions(nodes.hosts, prefix=f"w{secrets.token_hex(4)}", shards=2)


@pytest.fixture(scope="module")
def index(options) -> OpenSearchIndex:
    return OpenSearchIndex(options)
