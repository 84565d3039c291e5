"""A node behind TLS with a user and a password: everything works, and nothing gives these away."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.cluster.test_writers import found, record
from tests.databases import environment_for
from tests.new_installations import new_installation
from tests.tls_end import PASSWORD, USER, Authority, TlsEnd
from waymark.library.search.opensearch.backend import OpenSearchIndex

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def secured(nodes, options, tmp_path_factory):
    """Options for the first node of the cluster, through an end of TLS."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    end = TlsEnd(authority.context(), nodes.hosts[0])
    yield replace(
        options, hosts=(end.address,), user=USER, password=PASSWORD, ca_file=str(authority.file)
    )
    end.shutdown()
    end.server_close()


def test_an_index_is_built_written_and_searched_through_tls(secured):
    index = OpenSearchIndex(secured)
    index.rebuild([[record(1, "heron"), record(2, "otter")]], total=2)
    index.replace([record(2, version=2)])
    assert (found(index, "heron"), found(index, "otter")) == ({1}, set())
    assert list(index.faults()) == []


def test_the_doctor_names_a_wrong_password_as_the_fault_and_never_prints_it(secured, tmp_path):
    environment = environment_for(new_installation(tmp_path / "data")) | {
        "WAYMARK_SEARCH_BACKEND": "opensearch",
        "WAYMARK_OPENSEARCH_HOSTS": ",".join(secured.hosts),
        "WAYMARK_OPENSEARCH_USER": USER,
        "WAYMARK_OPENSEARCH_PASSWORD": "wrong-heron",
        "WAYMARK_OPENSEARCH_CA": secured.ca_file,
    }
    done = subprocess.run(
        [sys.executable, "-m", "waymark", "doctor", "--json"],
        env=environment,
        capture_output=True,
        text=True,
    )
    faults = [fault for row in json.loads(done.stdout)["checks"] for fault in row["faults"]]
    assert f"the search cluster at {secured.hosts[0]} refuses the user {USER}" in faults[0]
    assert "wrong-heron" not in done.stdout + done.stderr
