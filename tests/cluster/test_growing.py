"""The steps of docs/growing.md that need a cluster, run as they are written there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import environment_for
from tests.docs.test_admin import blocks_below
from tests.docs.test_growing import PAGE, TESTED_IN_A_CLUSTER
from tests.new_installations import new_installation

pytestmark = pytest.mark.cluster
NODES = "https://node1.example.org:9200,https://node2.example.org:9200"


def test_search_moves_to_a_cluster_and_back(nodes, options, tmp_path):
    before, after, *back = blocks_below(PAGE)[TESTED_IN_A_CLUSTER]
    data = new_installation(tmp_path / "data")
    environment = environment_for(data)
    environment["WAYMARK_OPENSEARCH_PREFIX"] = options.prefix
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    assert NODES in before
    # The page begins with an installation that has its built-in index.
    steps = ["waymark index rebuild\n", before, after, *back]
    script = "".join(steps).replace("/srv/waymark-data", str(data))
    done = subprocess.run(
        ["bash", "-euc", script.replace(NODES, ",".join(nodes.hosts))],
        env=environment,
        check=True,
        timeout=240,
        capture_output=True,
        text=True,
    )
    assert "is not in use" not in done.stdout
    assert (data / "index").exists()
