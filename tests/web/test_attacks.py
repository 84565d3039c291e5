"""Readers while others try to stop the site: how much longer they wait for a page."""

import pytest

from tests.web.attackers import large_bodies, p95, read_pages, slow_senders
from tests.web.built_demo import copy_of_demo, shared_folder
from tests.web.test_serve import serving

READERS, SECONDS = 10, 15.0
NOISE = 0.1
"""Seconds by which a busy machine may delay a page without anybody's doing."""


@pytest.mark.soak
def test_readers_wait_less_than_twice_as_long_beside_200_slow_connections_and_20_large_bodies(
    tmp_path, tmp_path_factory
):
    """10 readers, before and during the attack. Nothing of the large bodies reaches the disk."""
    data = tmp_path / "data"
    copy_of_demo(data, shared_folder(tmp_path_factory))
    with serving(data) as (_, port):
        read_pages(port, readers=READERS, seconds=5)
        quiet = p95(read_pages(port, readers=READERS, seconds=SECONDS))
        with slow_senders(port, 200), large_bodies(port, 20) as statuses:
            attacked = p95(read_pages(port, readers=READERS, seconds=SECONDS))
        assert attacked < 2 * quiet + NOISE
        assert set(statuses) <= {0, 413, 503}
        assert list((data / "receiving").glob("*")) == []
